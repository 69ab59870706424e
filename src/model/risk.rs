//! How a finding earns its level and its score (DESIGN §3.2).
//!
//! The level is the case of KQL.md and nothing else. The score starts at the level's floor; points only add, and what
//! would pass the band's top is cut, so that a score never contradicts its level.

use super::{Direction, Severity};

/// The confidence from which an indicator makes a finding CRITICAL.
pub const CRITICAL_CONFIDENCE: f64 = 80.0;

/// The level of a finding: `hit` is whether an indicator stands on the address.
#[must_use]
pub fn level(hit: bool, confidence: Option<f64>, direction: Option<Direction>) -> Severity {
    match (hit, direction) {
        (true, _) if confidence.is_some_and(|c| c >= CRITICAL_CONFIDENCE) => Severity::Critical,
        (true, _) => Severity::High,
        (false, Some(Direction::Outbound)) => Severity::Medium,
        (false, _) => Severity::Low,
    }
}

/// The lowest and highest score of a level.
#[must_use]
pub const fn band(level: Severity) -> (i64, i64) {
    match level {
        Severity::Critical => (80, 100),
        Severity::High => (60, 79),
        Severity::Medium => (30, 59),
        Severity::Low => (0, 29),
    }
}

/// One entry of `RiskFactors`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Factor {
    /// A stable word, such as `tor client`.
    pub name: &'static str,
    /// What it adds; negative only for `cut`.
    pub points: i64,
}

/// What one event says of itself, as bits, so that a group's signals are the OR of its events'.
pub mod signal {
    /// The connection was made, not only tried.
    pub const ESTABLISHED: i64 = 1;
    /// The device accepted a connection from the peer.
    pub const ACCEPTED_INBOUND: i64 = 1 << 1;
    /// Traces of a Tor client.
    pub const TOR_CLIENT: i64 = 1 << 2;
    /// A script host made the connection.
    pub const SCRIPT_HOST: i64 = 1 << 3;
    /// A download tool made it.
    pub const DOWNLOAD_TOOL: i64 = 1 << 4;
    /// Another living-off-the-land binary made it.
    pub const LOLBIN: i64 = 1 << 5;
}

/// What the event's own fields say, any of which may be missing.
#[derive(Clone, Copy, Default, Debug)]
pub struct EventFields<'a> {
    /// ActionType.
    pub action_type: Option<&'a str>,
    /// The view's direction.
    pub direction: Option<Direction>,
    /// InitiatingProcessFileName.
    pub file_name: Option<&'a str>,
    /// InitiatingProcessFolderPath.
    pub folder_path: Option<&'a str>,
    /// InitiatingProcessCommandLine.
    pub command_line: Option<&'a str>,
    /// RemotePort.
    pub remote_port: Option<i64>,
    /// RemoteUrl.
    pub remote_url: Option<&'a str>,
}

/// The signals of one event.
#[must_use]
pub fn signals(event: EventFields<'_>) -> i64 {
    let mut bits = 0;
    let action = event.action_type.unwrap_or_default();
    if action == "InboundConnectionAccepted" {
        bits |= signal::ACCEPTED_INBOUND | signal::ESTABLISHED;
    }
    if is_established(action) {
        bits |= signal::ESTABLISHED;
    }
    let program = event.file_name.map(program_name).unwrap_or_default();
    if is_tor_client(&event, &program) {
        bits |= signal::TOR_CLIENT;
    }
    match program.as_str() {
        "powershell" | "pwsh" | "wscript" | "cscript" | "mshta" => bits |= signal::SCRIPT_HOST,
        name if name.starts_with("python") => bits |= signal::SCRIPT_HOST,
        "curl" | "wget" | "bitsadmin" | "certutil" => bits |= signal::DOWNLOAD_TOOL,
        "rundll32" | "regsvr32" | "msbuild" | "installutil" | "msiexec" | "wmic" | "cmstp" | "msxsl" | "odbcconf"
        | "hh" | "forfiles" | "regasm" | "regsvcs" | "desktopimgdownldr" | "esentutl" | "ftp" | "ssh" | "plink" => {
            bits |= signal::LOLBIN
        }
        _ => {}
    }
    bits
}

/// An event of one of these types saw the connection made; the inspected ones saw its content.
fn is_established(action: &str) -> bool {
    matches!(
        action,
        "ConnectionSuccess" | "ConnectionSuccessAggregatedReport" | "ConnectionFound" | "InboundConnectionAccepted"
    ) || (action.ends_with("ConnectionInspected") && action != "IcmpConnectionInspected")
}

/// `C:\…\PowerShell.EXE` and `powershell` are the same program.
fn program_name(file_name: &str) -> String {
    let name = file_name.rsplit(['\\', '/']).next().unwrap_or(file_name).trim().to_lowercase();
    name.strip_suffix(".exe").map(str::to_owned).unwrap_or(name)
}

fn is_tor_client(event: &EventFields<'_>, program: &str) -> bool {
    let command = event.command_line.unwrap_or_default().to_lowercase();
    let folder = event.folder_path.unwrap_or_default().to_lowercase();
    matches!(program, "tor" | "torsocks" | "proxychains" | "proxychains4")
        || folder.contains("tor browser")
        || command.contains("tor browser")
        || matches!(event.remote_port, Some(9050 | 9150))
        || has_onion_name(event.remote_url.unwrap_or_default())
        || has_onion_name(&command)
        || ["torsocks", "proxychains"].iter().any(|word| command.contains(word))
        || [":9050", ":9150"].iter().any(|port| ends_a_number(&command, port))
}

/// `.onion` at the end of a host name, not the start of `.onions`.
fn has_onion_name(text: &str) -> bool {
    let text = text.to_lowercase();
    text.match_indices(".onion").any(|(at, word)| {
        let after = text.get(at + word.len()..).and_then(|rest| rest.chars().next());
        !after.is_some_and(|c| c.is_alphanumeric() || c == '-')
    })
}

fn ends_a_number(text: &str, port: &str) -> bool {
    text.match_indices(port).any(|(at, word)| {
        !text.get(at + word.len()..).and_then(|rest| rest.chars().next()).is_some_and(|c| c.is_ascii_digit())
    })
}

/// What a whole finding says, for the score.
#[derive(Clone, Copy, Default, Debug)]
pub struct FindingFacts<'a> {
    /// OR of the events' [`signals`].
    pub signals: i64,
    /// Distinct UTC dates.
    pub days_active: i64,
    /// The view's direction.
    pub direction: Option<Direction>,
    /// `TorRole`.
    pub tor_role: Option<&'a str>,
    /// `TorEvidence`.
    pub tor_evidence: Option<&'a str>,
    /// `TI_Validity`.
    pub ti_validity: Option<&'a str>,
    /// Whether an event went to the relay's own port, where the list names it: `same` or `other`.
    pub or_port: Option<&'a str>,
}

/// The factors of a finding in a fixed order: the level's floor first, `cut` last where the band's top was passed. Their
/// points sum to the score.
#[must_use]
pub fn factors(level: Severity, facts: FindingFacts<'_>) -> Vec<Factor> {
    let has = |bit: i64| facts.signals & bit != 0;
    let (floor, top) = band(level);
    let mut factors = vec![Factor { name: floor_name(level), points: floor }];
    let mut add = |holds: bool, name: &'static str, points: i64| {
        if holds {
            factors.push(Factor { name, points });
        }
    };
    add(facts.ti_validity == Some("valid at event"), "intelligence valid at event", 8);
    add(has(signal::ESTABLISHED), "established", 4);
    add(has(signal::ACCEPTED_INBOUND), "accepted inbound", 12);
    add(has(signal::TOR_CLIENT), "tor client", 10);
    add(has(signal::SCRIPT_HOST), "script host", 6);
    add(has(signal::DOWNLOAD_TOOL), "download tool", 6);
    add(has(signal::LOLBIN), "other LOLBin", 5);
    add(facts.days_active >= 2, "days active", facts.days_active.min(5));
    add(facts.or_port == Some("same"), "relay's OR port", 6);
    add(role_fits(facts.direction, facts.tor_role), "role fits direction", 3);
    add(matches!(facts.tor_evidence, Some("inside" | "within tolerance")), "dated evidence", 3);
    let sum: i64 = factors.iter().map(|f| f.points).sum();
    if sum > top {
        factors.push(Factor { name: "cut", points: top - sum });
    }
    factors
}

/// The first factor names the level that it is the floor of.
const fn floor_name(level: Severity) -> &'static str {
    match level {
        Severity::Critical => "level CRITICAL",
        Severity::High => "level HIGH",
        Severity::Medium => "level MEDIUM",
        Severity::Low => "level LOW",
    }
}

/// A client dials guards; an exit is what one sees inbound. An unspecified role fits nothing.
fn role_fits(direction: Option<Direction>, role: Option<&str>) -> bool {
    let plays = |wanted: &str| role.is_some_and(|roles| roles.split(", ").any(|r| r == wanted));
    match direction {
        Some(Direction::Outbound) => plays("guard"),
        Some(Direction::Inbound) => plays("exit"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_level_is_the_case_of_the_kql() {
        let outbound = Some(Direction::Outbound);
        assert_eq!(level(true, Some(80.0), None), Severity::Critical);
        assert_eq!(level(true, Some(79.9), outbound), Severity::High);
        assert_eq!(level(true, None, outbound), Severity::High);
        assert_eq!(level(false, Some(99.0), outbound), Severity::Medium);
        assert_eq!(level(false, None, Some(Direction::Inbound)), Severity::Low);
        assert_eq!(level(false, None, None), Severity::Low);
    }

    #[test]
    fn a_tor_client_leaves_traces() {
        let of = |event: EventFields<'_>| signals(event) & signal::TOR_CLIENT != 0;
        let base = EventFields::default();
        assert!(of(EventFields { file_name: Some("TOR.exe"), ..base }));
        assert!(of(EventFields { folder_path: Some(r"C:\Users\x\Desktop\Tor Browser\Browser"), ..base }));
        assert!(of(EventFields { remote_port: Some(9150), ..base }));
        assert!(of(EventFields { remote_url: Some("http://abc.onion/x"), ..base }));
        assert!(of(EventFields { command_line: Some("curl --socks5 127.0.0.1:9050 http://x"), ..base }));
        assert!(!of(EventFields {
            command_line: Some("x:90501 big.onions monitor.exe"),
            file_name: Some("monitor.exe"),
            ..base
        }));
    }

    proptest! {
        #[test]
        fn factors_sum_to_a_score_inside_the_band(signals in 0i64..64, days in 0i64..400, pick in 0usize..4, valid: bool, dated: bool) {
            let level = Severity::DESCENDING[pick];
            let facts = FindingFacts {
                signals,
                days_active: days,
                ti_validity: valid.then_some("valid at event"),
                tor_evidence: dated.then_some("inside"),
                ..FindingFacts::default()
            };
            let score: i64 = factors(level, facts).iter().map(|f| f.points).sum();
            let (floor, top) = band(level);
            prop_assert!((floor..=top).contains(&score));
        }
    }
}
