//! Findings that somebody has already looked at (`--exclude`).
//!
//! A line names any of device, address or prefix, and process; an empty cell means "any", but a line in which all three
//! are empty would hide everything and is refused. Exclusions act on counted findings, never on events, so that a line
//! can never change a count.

use super::{Address, Micros, Prefix};

/// One line of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exclusion {
    /// Line number in the file, for reports.
    pub line: u64,
    /// DeviceName, byte for byte.
    pub device: Option<String>,
    /// Address or prefix that holds RemoteIP.
    pub prefix: Option<Prefix>,
    /// The only process of the finding: a second process beside it is news.
    pub process: Option<String>,
    /// Why, in the words of whoever wrote the line.
    pub reason: String,
    /// The line ends here: a finding with an event at or after it stays.
    pub until: Option<Micros>,
}

/// What an exclusion looks at.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// DeviceName.
    pub device: Option<&'a str>,
    /// RemoteIP.
    pub address: Option<Address>,
    /// Processes.
    pub processes: &'a [&'a str],
    /// LastSeen.
    pub last_seen: Option<Micros>,
}

impl Exclusion {
    /// Whether this line removes the finding.
    #[must_use]
    pub fn removes(&self, finding: Candidate<'_>) -> bool {
        let device = self.device.as_deref().is_none_or(|device| finding.device == Some(device));
        let address = self.prefix.is_none_or(|prefix| finding.address.is_some_and(|a| prefix.contains(a)));
        let process = self.process.as_deref().is_none_or(|process| finding.processes == [process]);
        let in_time = self.until.is_none_or(|until| finding.last_seen.is_some_and(|last| last < until));
        device && address && process && in_time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_process_or_a_later_event_is_news() {
        let line = Exclusion {
            line: 2,
            device: Some("wks-1".into()),
            prefix: Prefix::parse("192.0.2.0/24").ok(),
            process: Some("backup.exe".into()),
            reason: "research".into(),
            until: Micros::parse("2026-07-01"),
        };
        let finding = Candidate {
            device: Some("wks-1"),
            address: Address::parse("192.0.2.9"),
            processes: &["backup.exe"],
            last_seen: Micros::parse("2026-06-30T23:59:59Z"),
        };
        assert!(line.removes(finding));
        assert!(!line.removes(Candidate { device: Some("WKS-1"), ..finding }));
        assert!(!line.removes(Candidate { address: Address::parse("192.0.3.9"), ..finding }));
        assert!(!line.removes(Candidate { processes: &["backup.exe", "tor.exe"], ..finding }));
        assert!(!line.removes(Candidate { last_seen: Micros::parse("2026-07-01"), ..finding }));
    }
}
