//! The columns of a finding in their order, and the id that names one (DESIGN §3.2).

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// The columns of a finding, in the order of every output format.
pub const COLUMNS: [&str; 35] = [
    "DeviceName",
    "RemoteIP",
    "Direction",
    "FirstSeen",
    "LastSeen",
    "Count",
    "Processes",
    "Cmds",
    "Accounts",
    "Ports",
    "TI_Hit",
    "TI_Confidence",
    "TI_Type",
    "RiskLevel",
    "MITRE_Tactics",
    "MITRE_Techniques",
    "HuntingDirectives",
    "RiskScore",
    "RiskFactors",
    "TorRole",
    "TorEvidence",
    "TorSeenFrom",
    "TorSeenTo",
    "TI_Validity",
    "TI_Matches",
    "DaysActive",
    "FailedCount",
    "Connections",
    "DeviceIds",
    "LocalPorts",
    "RemoteUrls",
    "ProcessSHA256s",
    "SetsTruncated",
    "VT_Link",
    "FindingId",
];

/// 16 hex digits of SHA-256 over hunt id, DeviceName, RemoteIP and Direction as printed, with U+001F between and null
/// as U+0000: the same finding has the same id however many events it has.
#[must_use]
pub fn finding_id(hunt: &str, device: Option<&str>, address: Option<&str>, direction: Option<&str>) -> String {
    let parts = [Some(hunt), device, address, direction].map(|part| part.unwrap_or("\u{0}"));
    let digest = Sha256::digest(parts.join("\u{1f}").as_bytes());
    digest.iter().take(8).fold(String::with_capacity(16), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The page of an address at VirusTotal: a link for people, never fetched.
#[must_use]
pub fn vt_link(address: &str) -> String {
    format!("https://www.virustotal.com/gui/ip-address/{address}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_depends_on_each_part_and_on_nothing_else() {
        let id = finding_id("tor_exit", Some("wks-1"), Some("192.0.2.7"), Some("Outbound to Tor"));
        // printf 'tor_exit\x1fwks-1\x1f192.0.2.7\x1fOutbound to Tor' | sha256sum
        assert_eq!(id, "e247568eefa83110");
        assert_ne!(finding_id("tor_exit", None, Some("192.0.2.7"), Some("Outbound to Tor")), id);
        assert_ne!(finding_id("tor_exit", Some(""), None, None), finding_id("tor_exit", None, Some(""), None));
    }
}
