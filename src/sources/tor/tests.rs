//! Sources on disk, good and bad, and the real ones where they are at hand.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;

mod archives;
mod histories;
mod real;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

/// The folder of real files, where the run has one.
fn samples() -> Option<PathBuf> {
    let folder = std::env::var_os("COLDTRAIL_SAMPLES").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: COLDTRAIL_SAMPLES is not set");
    }
    folder
}

fn request(source: &str) -> TorRequest<'_> {
    TorRequest { source, role: None, as_of: None }
}

fn loaded(files: &[(&str, &str)], source: &str) -> TorTable {
    load(&[request(source)], folder(files).path(), OnBadInput::Fail).unwrap()
}

fn error(files: &[(&str, &str)], source: &str) -> String {
    load(&[request(source)], folder(files).path(), OnBadInput::Fail).unwrap_err().to_string()
}

#[test]
fn a_dated_list_is_a_history_of_one_snapshot_with_its_facts() {
    let text = "dest_ip\n192.0.2.2\n192.0.2.1\n192.0.2.2\n198.51.100.0/24\n10.0.0.1\n";
    let table = loaded(&[("2026-07-01.csv", text)], "2026-07-01.csv");
    let prefixes: Vec<_> = table.intervals.iter().map(|i| i.prefix.to_string()).collect();
    assert_eq!(prefixes, ["192.0.2.1", "192.0.2.2", "198.51.100.0/24"]);
    let (first, day) = (&table.intervals[0], Micros::parse("2026-07-01"));
    assert_eq!((first.role, first.seen_from, first.seen_to, first.port), (Role::Unspecified, day, day, None));
    assert_eq!(first.source, "2026-07-01.csv");
    let facts = &table.facts[0];
    assert_eq!((facts.records, facts.addresses, facts.prefixes, facts.duplicates), (5, 2, 1, 1));
    assert_eq!((facts.files, facts.snapshots, facts.intervals, facts.spacing_minutes), (1, 1, 3, None));
    assert_eq!((facts.as_of, facts.as_of_from.as_str()), (day, "file name"));
    assert_eq!((facts.refused[0].count, facts.refused_examples[0].starts_with("line 6: 10.0.0.1")), (1, true));
    assert_eq!((table.spans.len(), Some(table.spans[0].from)), (1, day));
}

#[test]
fn an_undated_list_is_open_intervals_and_the_user_can_date_it() {
    let dir = folder(&[("exits.csv", "192.0.2.1\n")]);
    let undated = load(&[request("exits.csv")], dir.path(), OnBadInput::Fail).unwrap();
    assert_eq!((undated.intervals[0].seen_from, undated.intervals[0].seen_to), (None, None));
    assert_eq!((undated.spans.len(), undated.facts[0].snapshots), (0, 0));
    assert_eq!((undated.facts[0].as_of.is_some(), undated.facts[0].as_of_from.as_str()), (true, "file time"));
    let as_of = Micros::parse("2026-07-01T12:00:00Z");
    let dated = load(&[TorRequest { as_of, ..request("exits.csv") }], dir.path(), OnBadInput::Fail).unwrap();
    assert_eq!((dated.intervals[0].seen_from, dated.facts[0].as_of_from.as_str()), (as_of, "--tor-as-of"));
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
    assert_eq!(load(&[exit, exit], dir.path(), OnBadInput::Fail).unwrap().facts.len(), 1);
}

#[test]
fn a_list_without_a_usable_address_says_what_it_had() {
    for text in ["# nothing\n", "dest_ip\n"] {
        let want = "l: no usable address: the list has no entry; fetch it again or leave it out";
        assert_eq!(error(&[("l", text)], "l"), want);
    }
    assert_eq!(
        error(&[("l", "10.0.0.1\n192.168.0.1\nhello.world\n")], "l"),
        "l: no usable address: all 3 entries were refused (1 not an address or prefix, 2 private, loopback, link-local or \
         multicast range); first: line 1: 10.0.0.1 (private, loopback, link-local or multicast range)"
    );
}

#[test]
fn other_kinds_of_file_are_named() {
    assert!(error(&[("l", "")], "l").contains("empty file (0 bytes)"));
    assert!(error(&[("2025-09-01.csv", "")], "2025-09-01.csv").contains("empty file (0 bytes)"));
    assert!(error(&[("l", "PAR1....")], "l").contains("damaged Parquet file"));
    assert!(error(&[("l", "{\"name\":[]}")], "l").contains("l: "));
    assert!(error(&[], "gone").contains("no such file"));
}

#[test]
fn one_bad_list_of_several_can_be_skipped_but_not_all() {
    let dir = folder(&[("a", "192.0.2.1\n"), ("b", ""), ("c", "192.0.2.3\n")]);
    assert!(load(&[request(".")], dir.path(), OnBadInput::Fail).is_err());
    let table = load(&[request(".")], dir.path(), OnBadInput::Skip).unwrap();
    assert_eq!((table.intervals.len(), table.facts.len()), (2, 2));
    let reason = "an empty file (0 bytes); fetch it again".into();
    assert_eq!(table.skipped, [Skipped { path: "./b".into(), reason }]);
    assert!(load(&[request("a"), request("b")], dir.path(), OnBadInput::Skip).is_err());
}

#[test]
fn a_built_history_loads_as_what_it_was_built_from() {
    let dir = folder(&[("h/2025-09-01.csv", "192.0.2.1\n192.0.2.2\n"), ("h/2025-09-02.csv", "192.0.2.1\n")]);
    let table = load(&[request("h")], dir.path(), OnBadInput::Fail).unwrap();
    write_built(&table, fs::File::create(dir.path().join("tor.parquet")).unwrap()).unwrap();
    let built = load(&[request("tor.parquet")], dir.path(), OnBadInput::Fail).unwrap();
    assert_eq!((&built.intervals, &built.spans), (&table.intervals, &table.spans));
    let facts = &built.facts[0];
    assert_eq!((facts.source.as_str(), facts.as_of_from.as_str(), facts.files), ("tor.parquet (h)", "history", 2));
    let exit = TorRequest { role: Some(Role::Exit), ..request("tor.parquet") };
    let stated = load(&[exit], dir.path(), OnBadInput::Fail).unwrap();
    assert!(stated.intervals.iter().all(|i| i.role == Role::Exit) && stated.spans[0].role == Role::Exit);

    write_built(&TorTable::default(), fs::File::create(dir.path().join("none.parquet")).unwrap()).unwrap();
    let none = load(&[request("none.parquet")], dir.path(), OnBadInput::Fail).unwrap_err().to_string();
    assert!(none.contains("no usable address"), "{none}");
}
