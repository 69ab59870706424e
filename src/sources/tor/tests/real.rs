//! The real files, where the run has them.

use super::*;

#[test]
fn real_lists_have_their_known_sizes() {
    let Some(folder) = samples() else { return };
    for (name, records, addresses, prefixes) in [
        ("tor-lists/only_tor_exit_nodes_IP_list.csv", 6_107, 2_077, 0),
        ("tor-lists/only_tor_guard_nodes_IP_list.csv", 4_362, 3_625, 0),
    ] {
        let table = load(&[request(name)], &folder, OnBadInput::Fail).unwrap();
        let facts = &table.facts[0];
        assert_eq!((facts.records, facts.addresses, facts.prefixes), (records, addresses, prefixes), "{name}");
        assert!(facts.refused.is_empty(), "{name}");
    }
    let table = load(&[request("tor-lists/firehol_tor_exits.excerpt.ipset")], &folder, OnBadInput::Fail).unwrap();
    assert_eq!(table.facts[0].prefixes, 2);
}

#[test]
fn a_real_history_is_one_series() {
    let Some(folder) = samples() else { return };
    for source in ["tor-history/*.txt", "tor-history"] {
        let table = load(&[request(source)], &folder, OnBadInput::Fail).unwrap();
        let [facts] = table.facts.as_slice() else { panic!("{} series", table.facts.len()) };
        assert_eq!((facts.files, facts.snapshots, facts.addresses), (40, 40, 6_456));
        assert_eq!((facts.as_of_from.as_str(), facts.duplicates, facts.source.as_str()), ("file name", 0, source));
        assert_eq!((facts.seen_from, facts.as_of), (Micros::parse("2024-04-03T14:59:11Z"), None));
        let spans: Vec<_> = table.spans.iter().map(|span| (span.role, span.family.as_str())).collect();
        assert_eq!(spans, [(Role::Unspecified, "IPv4"), (Role::Unspecified, "IPv6")]);
    }
}

#[test]
fn the_real_scans_are_intervals_of_their_own_times() {
    let Some(folder) = samples() else { return };
    let table = load(&[request("tor-lists/collector")], &folder, OnBadInput::Fail).unwrap();
    let [facts] = table.facts.as_slice() else { panic!("{} series", table.facts.len()) };
    assert_eq!((facts.files, facts.snapshots, facts.prefixes), (4, 4, 0));
    assert!(table.intervals.iter().all(|i| i.role == Role::Exit && i.observed_by == "scan" && i.seen_from.is_some()));
    assert_eq!(table.spans.len(), 1, "two hours, a day, two hours");
    assert!(table.intervals.len() > 873, "the largest file alone has 873 addresses");
}
