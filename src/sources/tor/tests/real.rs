//! The real files, where the run has them.

use std::collections::BTreeSet;

use super::*;
use crate::model::Prefix;

/// What a real file is known to hold, counted by other means as well.
struct Golden {
    file: &'static str,
    format: &'static str,
    records: u64,
    v4: usize,
    v6: usize,
    prefixes: usize,
    refused: &'static [(&'static str, u64)],
    /// The date that the content names.
    dated: Option<&'static str>,
}

const fn golden(file: &'static str, format: &'static str, records: u64, [v4, v6, prefixes]: [usize; 3]) -> Golden {
    Golden { file, format, records, v4, v6, prefixes, refused: &[], dated: None }
}

const fn scanned(file: &'static str, dated: &'static str, records: u64, v4: usize) -> Golden {
    Golden { dated: Some(dated), ..golden(file, "exit list", records, [v4, 0, 0]) }
}

const GOLDEN: [Golden; 12] = [
    golden("only_tor_exit_nodes_IP_list.csv", "one column", 6_107, [1_290, 787, 0]),
    golden("only_tor_guard_nodes_IP_list.csv", "one column", 4_362, [2_510, 1_115, 0]),
    golden("latest.exits.csv", "fingerprint, ipaddr, port", 5_933, [1_363, 914, 0]),
    golden("misp-warninglist.excerpt.json", "MISP warning list", 9, [2, 0, 7]),
    Golden {
        refused: &[("bridge with a sanitised address", 414)],
        ..golden("TOR_nodes_list.excerpt.csv", "node list", 3_477, [1_816, 876, 0])
    },
    Golden {
        refused: &[("truncated last record", 1)],
        ..golden("exit-addresses-2016-07-06.txt", "exit list", 115, [112, 0, 0])
    },
    Golden {
        dated: Some("2015-11-15T01:02:22Z"),
        ..golden("firehol_tor_exits.excerpt.ipset", "one column", 10, [8, 0, 2])
    },
    Golden {
        dated: Some("2021-10-09T14:00:00Z"),
        ..golden("onionoo_details.excerpt.json", "Onionoo details", 2, [2, 1, 0])
    },
    scanned("collector/exit-list-2018-11/01/2018-11-01-00-02-01", "2018-11-01T00:02:01Z", 934, 869),
    scanned("collector/exit-list-2018-11/01/2018-11-01-01-02-01", "2018-11-01T01:02:01Z", 938, 873),
    scanned("collector/exit-list-2018-11/02/2018-11-02-00-02-01", "2018-11-02T00:02:01Z", 925, 859),
    scanned("collector/exit-list-2018-11/02/2018-11-02-01-02-01", "2018-11-02T01:02:01Z", 929, 862),
];

#[test]
fn real_lists_have_their_known_content() {
    let Some(folder) = samples() else { return };
    for want in GOLDEN {
        let file = want.file;
        let text = fs::read_to_string(folder.join("tor-lists").join(file)).unwrap();
        let (format, list) = format::read(&text).unwrap();
        let distinct: BTreeSet<_> = list.entries.iter().map(|entry| entry.prefix).collect();
        let count = |is: &dyn Fn(&Prefix) -> bool| distinct.iter().filter(|prefix| is(prefix)).count();
        assert_eq!((format, list.records), (want.format, want.records), "{file}");
        assert_eq!(count(&|p| p.is_host() && p.is_v4()), want.v4, "{file}");
        assert_eq!(count(&|p| p.is_host() && !p.is_v4()), want.v6, "{file}");
        assert_eq!(count(&|p| !p.is_host()), want.prefixes, "{file}");
        let refused: Vec<_> = list.refused.into_iter().collect();
        assert_eq!((refused.as_slice(), list.dated), (want.refused, want.dated.and_then(Micros::parse)), "{file}");

        let table = load(&[request(&format!("tor-lists/{file}"))], &folder, OnBadInput::Fail).unwrap();
        let facts = &table.facts[0];
        let addresses = u64::try_from(want.v4 + want.v6).unwrap();
        assert_eq!((facts.records, facts.addresses, facts.prefixes), (want.records, addresses, want.prefixes as u64));
        assert_eq!(facts.format, want.format, "{file}");
    }
}

/// Every file that is there has its line above.
#[test]
fn no_real_list_is_forgotten() {
    let Some(folder) = samples() else { return };
    let mut names = Vec::new();
    let mut folders = vec![folder.join("tor-lists")];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                names.push(path.strip_prefix(folder.join("tor-lists")).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    names.sort();
    let known: BTreeSet<_> = GOLDEN.iter().map(|golden| golden.file.to_string()).collect();
    assert_eq!(names, known.into_iter().collect::<Vec<_>>());
}

#[test]
fn the_real_node_list_keeps_roles_ports_and_times() {
    let Some(folder) = samples() else { return };
    let text = fs::read_to_string(folder.join("tor-lists/TOR_nodes_list.excerpt.csv")).unwrap();
    let (_, list) = format::read(&text).unwrap();
    let of = |role: Role| list.entries.iter().filter(|entry| entry.role == role).count();
    assert_eq!(Role::ALL.map(of), [961, 1_068, 779, 255]);
    assert!(list.entries.iter().all(|entry| entry.time.is_some()));
    assert_eq!(list.entries.iter().filter(|entry| entry.port.is_none()).count(), 1);
    assert_eq!(list.examples[0], "line 3065: 10.33.2.158 (bridge with a sanitised address)");
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
