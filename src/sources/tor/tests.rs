//! Lists on disk, good and bad, and the real ones where they are at hand.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

fn request(source: &str) -> TorRequest<'_> {
    TorRequest { source, role: None, as_of: None }
}

fn error(files: &[(&str, &str)], source: &str) -> String {
    load(&[request(source)], folder(files).path(), OnBadInput::Fail).unwrap_err().to_string()
}

#[test]
fn a_list_becomes_open_intervals_with_its_facts() {
    let dir = folder(&[("2026-07-01.csv", "dest_ip\n192.0.2.2\n192.0.2.1\n192.0.2.2\n198.51.100.0/24\n10.0.0.1\n")]);
    let table = load(&[request("2026-07-01.csv")], dir.path(), OnBadInput::Fail).unwrap();
    let prefixes: Vec<_> = table.intervals.iter().map(|i| i.prefix.to_string()).collect();
    assert_eq!(prefixes, ["192.0.2.1", "192.0.2.2", "198.51.100.0/24"]);
    let first = &table.intervals[0];
    assert_eq!((first.role, first.seen_from, first.seen_to, first.port), (Role::Unspecified, None, None, None));
    assert_eq!(first.source, "2026-07-01.csv");
    let facts = &table.facts[0];
    assert_eq!((facts.records, facts.addresses, facts.prefixes, facts.duplicates), (5, 2, 1, 1));
    assert_eq!((facts.as_of, facts.as_of_from.as_str()), (Micros::parse("2026-07-01"), "file name"));
    assert_eq!(facts.days_from_events, None);
    assert_eq!(facts.refused[0].count, 1);
}

#[test]
fn the_same_list_in_two_roles_is_two_intervals_and_twice_the_same_is_one() {
    let dir = folder(&[("l", "192.0.2.1\n")]);
    let exit = TorRequest { role: Some(Role::Exit), ..request("l") };
    let guard = TorRequest { role: Some(Role::Guard), ..request("l") };
    let roles = |requests: &[TorRequest<'_>]| -> Vec<Role> {
        load(requests, dir.path(), OnBadInput::Fail).unwrap().intervals.iter().map(|i| i.role).collect()
    };
    assert_eq!(roles(&[guard, exit]), [Role::Exit, Role::Guard]);
    assert_eq!(roles(&[exit, exit]), [Role::Exit]);
}

#[test]
fn a_list_without_a_usable_address_says_what_it_had() {
    assert_eq!(
        error(&[("l", "# nothing\n")], "l"),
        "l: no usable address: the list has no entry; fetch it again or leave it out"
    );
    assert_eq!(
        error(&[("l", "dest_ip\n")], "l"),
        "l: no usable address: the list has no entry; fetch it again or leave it out"
    );
    assert_eq!(
        error(&[("l", "10.0.0.1\n192.168.0.1\nhello.world\n")], "l"),
        "l: no usable address: all 3 entries were refused (1 not an address or prefix, 2 private, loopback, link-local or \
         multicast range); first: line 1: 10.0.0.1 (private, loopback, link-local or multicast range)"
    );
}

#[test]
fn other_kinds_of_file_are_named() {
    assert!(error(&[("l", "")], "l").contains("empty file (0 bytes)"));
    assert!(error(&[("l", "PAR1....")], "l").contains("a Parquet file"));
    assert!(
        error(&[("l", "{\"relays\":[]}")], "l").contains("not a one-column list of addresses (it begins like JSON)")
    );
    assert!(error(&[("l", "fingerprint, ipaddr, port\nA, 192.0.2.1, 443\n")], "l").contains("line 1 has 3 columns"));
    assert!(error(&[], "gone").contains("no such file"));
}

#[test]
fn one_bad_list_of_several_can_be_skipped_but_not_all() {
    let dir = folder(&[("a", "192.0.2.1\n"), ("b", ""), ("c", "192.0.2.3\n")]);
    assert!(load(&[request(".")], dir.path(), OnBadInput::Fail).is_err());
    let table = load(&[request(".")], dir.path(), OnBadInput::Skip).unwrap();
    assert_eq!((table.intervals.len(), table.facts.len()), (2, 2));
    assert_eq!(
        table.skipped,
        [Skipped { path: "./b".into(), reason: "an empty file (0 bytes); fetch it again".into() }]
    );
    assert!(load(&[request("a"), request("b")], dir.path(), OnBadInput::Skip).is_err());
}

/// The folder of real files, where the run has one.
fn samples() -> Option<PathBuf> {
    let folder = std::env::var_os("COLDTRAIL_SAMPLES").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: COLDTRAIL_SAMPLES is not set");
    }
    folder
}

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
fn a_real_history_is_one_dated_list_per_file() {
    let Some(folder) = samples() else { return };
    let table = load(&[request("tor-history/*.txt")], &folder, OnBadInput::Fail).unwrap();
    assert_eq!(table.facts.len(), 40);
    assert!(table.facts.iter().all(|facts| facts.as_of_from == "file name" && facts.duplicates == 0));
    assert_eq!(table.facts[0].as_of, Micros::parse("2024-04-03T14:59:11Z"));
    let mut prefixes: Vec<_> = table.intervals.iter().map(|interval| interval.prefix).collect();
    prefixes.dedup();
    assert_eq!(prefixes.len(), 6_456);
}

#[test]
fn real_lists_of_other_formats_are_refused_by_name() {
    let Some(folder) = samples() else { return };
    for name in [
        "TOR_nodes_list.excerpt.csv",
        "exit-addresses-2016-07-06.txt",
        "latest.exits.csv",
        "misp-warninglist.excerpt.json",
        "onionoo_details.excerpt.json",
    ] {
        let source = format!("tor-lists/{name}");
        let message = load(&[request(&source)], &folder, OnBadInput::Fail).unwrap_err().to_string();
        assert!(message.contains("not a one-column list"), "{message}");
    }
}
