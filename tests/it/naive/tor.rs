//! An undated Tor list, read line by line.

use ipnet::IpNet;

use super::address::listed;

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
