//! Tor lists, read line by line: an undated one, and dated ones whose membership is found by replaying them.

use std::net::IpAddr;

use ipnet::IpNet;

use super::address::listed;

const HOUR_MICROS: i64 = 3_600_000_000;

/// Dated lists, and how they are matched. No two are more than 48 hours apart, each names both families, and none is less
/// than half as long as another, so that none is a gap.
#[derive(Clone, Debug)]
pub(crate) struct History {
    /// Times in microseconds, ascending, with the lists.
    pub(crate) snapshots: Vec<(i64, String)>,
    /// `auto`, `at-event` or `loose`.
    pub(crate) matching: &'static str,
    pub(crate) tolerance_hours: i64,
    /// Whether the undated list is given too.
    pub(crate) beside_undated: bool,
}

impl History {
    /// Whether any list, at whatever time, names the address.
    pub(crate) fn lists(&self, address: IpAddr) -> bool {
        self.snapshots.iter().any(|(_, list)| entries(list).iter().any(|net| net.contains(&address)))
    }

    /// The evidence at a time (0 inside, 1 within tolerance, 2 no coverage, 3 undated), if the address matches.
    pub(crate) fn evidence(&self, address: IpAddr, time: i64, undated: &[IpNet]) -> Option<usize> {
        let tolerance = self.tolerance_hours * HOUR_MICROS;
        let mut near: Option<usize> = None;
        for (at, (time_of, list)) in self.snapshots.iter().enumerate() {
            for net in entries(list).into_iter().filter(|net| net.contains(&address)) {
                let away = (time - time_of).abs();
                let mut found = if away == 0 { Some(0) } else { (away <= tolerance).then_some(1) };
                // Between two lists that follow each other and both name it, it was there.
                if let Some((next, following)) = self.snapshots.get(at + 1)
                    && *time_of <= time
                    && time <= *next
                    && entries(following).contains(&net)
                {
                    found = Some(0);
                }
                near = near.into_iter().chain(found).min();
            }
        }
        let listed = self.lists(address).then_some(2);
        let undated = self.beside_undated && undated.iter().any(|net| net.contains(&address));
        let elsewhere = listed.or(undated.then_some(3));
        let covered = match (self.snapshots.first(), self.snapshots.last()) {
            (Some((first, _)), Some((last, _))) => first - tolerance <= time && time <= last + tolerance,
            _ => false,
        };
        match self.matching {
            "at-event" => near,
            "loose" => near.or(elsewhere),
            _ if covered => near,
            _ => elsewhere,
        }
    }
}

/// The entries that may be used. Comments, blank lines and a header say nothing; what is refused is passed over.
pub(crate) fn entries(text: &str) -> Vec<IpNet> {
    let mut entries = Vec::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = line.split('#').next().unwrap_or_default().trim().trim_matches('"');
        if let Some(net) = listed(line) {
            entries.push(net);
        }
    }
    entries
}

#[test]
fn what_is_no_entry_is_passed_over() {
    let text =
        "\u{feff}dest_ip\r\n# exits\r\n\r\n192.0.2.7 # one\r\n\"198.51.100.0/24\"\r\n10.0.0.5\r\n1.2.3.4:443\r\n";
    let read: Vec<String> = entries(text).iter().map(ToString::to_string).collect();
    assert_eq!(read, ["192.0.2.7/32", "198.51.100.0/24"]);
}
