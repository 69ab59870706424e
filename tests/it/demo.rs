//! The demo archive tells its story, and each hunt finds its fixtures: every value that `testdata` states is compared,
//! and the text that people see is a snapshot.
#![cfg(test)]

use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

use crate::runner::{Run, json_lines, read, read_json, root};

/// Where the findings end and the funnel begins.
const FUNNEL: &str = "events in the files";

/// Every key that is stated, finding by finding and in order.
#[track_caller]
fn same_findings(expected: &[Value], found: &[Value]) {
    let name = |finding: &Value| format!("{} {}", finding["DeviceName"], finding["RemoteIP"]);
    let names = |findings: &[Value]| findings.iter().map(name).collect::<Vec<_>>();
    assert_eq!(names(found), names(expected));
    for (want, have) in expected.iter().zip(found) {
        states(have, want, &name(want));
    }
}

/// Whether every member of `stated` is in `whole`, as deep as it goes.
#[track_caller]
fn states(whole: &Value, stated: &Value, at: &str) {
    match stated {
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| states(&whole[key], value, &format!("{at}/{key}")));
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            let whole = whole.as_array().unwrap_or_else(|| panic!("{at} is no list"));
            assert_eq!(whole.len(), items.len(), "{at}");
            whole.iter().zip(items).for_each(|(whole, stated)| states(whole, stated, at));
        }
        _ => assert_eq!(whole, stated, "{at}"),
    }
}

#[test]
fn the_demo_finds_what_it_states() {
    let expected = json_lines(&read("testdata/demo/expected.ndjson"));
    assert_eq!(expected.len(), 18);
    same_findings(&expected, &Run::demo(&["--format", "ndjson"]).go().expect(0).lines());
}

/// One address joined the lists some hours after its event, and one left them weeks before.
#[test]
fn the_demos_history_decides() {
    let at = |more: &[&str], address: &str| {
        let found = Run::demo(more).go().expect(0).lines().into_iter().find(|finding| finding["RemoteIP"] == address);
        found.map(|found| found["TorEvidence"].as_str().unwrap().to_owned())
    };
    let (early, late) = ("198.51.100.62", "198.51.100.61");
    assert_eq!(at(&[], early).as_deref(), Some("within tolerance"));
    assert_eq!(at(&["--tolerance", "8h"], early), None);
    assert_eq!(at(&[], late), None);
    assert!(at(&["--tor-match", "loose"], late).is_some());
}

#[test]
fn the_demo_covers_what_it_states() {
    let coverage = &Run::demo(&["--format", "json"]).go().expect(0).json()["coverage"];
    let stated = read_json("testdata/demo/expected_coverage.json");
    for (member, value) in stated.as_object().unwrap() {
        let whole = if member == "days_missing" { &coverage["period"][member] } else { &coverage[member] };
        states(whole, value, member);
    }
    assert_eq!(coverage["funnel"]["events_in_period"], coverage["funnel"]["events_in_files"]);
}

/// Arguments for a fixture: what lies in its folder.
fn fixture(hunt: &str, kind: &str) -> Run {
    let folder = format!("testdata/hunts/{hunt}/{kind}");
    let mut run =
        Run::new(&["hunt", hunt, "--events", &format!("{folder}/events.parquet"), "--tor-as-of", "2026-03-01"]);
    // A list and a table, or folders of dated documents and of feeds.
    for (flag, name) in [("--tor", "tor.txt"), ("--tor", "tor"), ("--intel", "intel.csv"), ("--intel", "intel")] {
        if root().join(&folder).join(name).exists() {
            run = run.and(&[flag, &format!("{folder}/{name}")]);
        }
    }
    run
}

#[test]
fn every_hunt_hits_what_it_must() {
    for hunt in ["tor_exit", "tor_relay", "intel_ip", "intel_any"] {
        let expected = json_lines(&read(format!("testdata/hunts/{hunt}/must_hit/expected.ndjson")));
        assert!(!expected.is_empty());
        same_findings(&expected, &fixture(hunt, "must_hit").go().expect(0).lines());
    }
}

#[test]
fn every_hunt_misses_what_it_must_and_says_what_it_cannot_see() {
    for (hunt, blind_spot) in
        [("tor_exit", "onion services"), ("tor_relay", "bridges"), ("intel_ip", ""), ("intel_any", "encrypted DNS")]
    {
        let ran = fixture(hunt, "must_miss").go().expect(0);
        assert_eq!(ran.text(), "", "{hunt}");
        let table = fixture(hunt, "must_miss").and(&["--format", "table"]).go().expect(0);
        assert!(table.text().contains("cannot see") && table.text().contains(blind_spot), "{}", table.text());
        let coverage = &fixture(hunt, "must_miss").and(&["--format", "json"]).go().expect(0).json()["coverage"];
        assert!(!coverage["hunt"]["blind_spots"].as_array().unwrap().is_empty());
        assert!(coverage["funnel"]["events_in_files"].as_u64().unwrap() > 0);
        assert_eq!(coverage["funnel"]["findings"], 0);
    }
}

#[test]
fn no_line_is_wider_than_the_window() {
    for columns in [40, 80, 200] {
        let ran =
            Run::demo(&["--format", "table", "--exclude", "testdata/demo/exclude.csv"]).columns(columns).go().expect(0);
        let lines = ran.text().lines().chain(ran.stderr.lines());
        for line in lines.chain(Run::demo(&[]).columns(columns).go().stderr.lines()) {
            assert!(line.width() <= columns, "{} of {columns} columns: {line}", line.width());
        }
        // However narrow, each finding keeps what it is named by.
        for finding in json_lines(&read("testdata/demo/expected.ndjson")) {
            let address = finding["RemoteIP"].as_str().unwrap();
            assert!(address == "198.51.100.152" || ran.text().contains(address), "no {address} at {columns} columns");
        }
    }
}

/// An accepted inbound connection is LOW by the KQL's rule, and the star says that LOW is no verdict.
#[test]
fn a_star_marks_accepted_inbound_findings_and_no_others() {
    let accepted = |finding: &Value| {
        finding["RiskFactors"].as_array().unwrap().iter().any(|factor| factor["Factor"] == "accepted inbound")
    };
    let findings = Run::demo(&[]).go().expect(0).lines();
    let table = Run::demo(&["--format", "table"]).columns(200).go().expect(0);
    for finding in findings.iter().filter(|finding| finding["RiskLevel"] == "LOW") {
        let device = finding["DeviceName"].as_str().unwrap();
        let line = table.text().lines().find(|line| line.starts_with("LOW") && line.contains(device)).expect(device);
        assert_eq!(line.starts_with("LOW*"), accepted(finding), "{line}");
    }
    assert!(table.text().contains("* LOW is not a verdict"));
}

#[test]
fn the_table_of_the_demo() {
    let ran = Run::demo(&["--format", "table", "--exclude", "testdata/demo/exclude.csv"]).go().expect(0);
    let (findings, _) = ran.text().split_once(FUNNEL).expect("a funnel");
    insta::assert_snapshot!("demo_table", findings);
}

#[test]
fn the_summary_on_stderr() {
    let ran = Run::demo(&["--exclude", "testdata/demo/exclude.csv", "--format", "csv"]).go().expect(0);
    insta::assert_snapshot!("demo_summary", ran.stderr);
    assert_eq!(Run::demo(&["--quiet"]).go().expect(0).stderr, "");
}

#[test]
fn the_list_of_hunts() {
    insta::assert_snapshot!("hunts_list", Run::new(&["hunts", "list"]).go().snapshot_text());
}

#[test]
fn one_hunt_shown() {
    let ran = Run::new(&["hunts", "show", "tor_exit"]).go().expect(0);
    let (head, query) = ran.text().split_once("\n\nWITH ").expect("the SQL after the header");
    insta::assert_snapshot!("hunts_show_tor_exit", head);
    assert!(query.contains("FROM DeviceNetworkEvents"));
}

#[test]
fn the_help_texts() {
    insta::assert_snapshot!("help", Run::new(&["--help"]).go().snapshot_text());
    insta::assert_snapshot!("help_hunt", Run::new(&["hunt", "--help"]).go().snapshot_text());
}

#[test]
fn help_fits_every_window_and_names_no_stub() {
    for command in
        [&["--help"][..], &["hunt", "--help"], &["sql", "--help"], &["hunts", "--help"], &["generate", "--help"]]
    {
        for columns in [60, 80, 100] {
            let ran = Run::new(command).columns(columns).go().expect(0);
            for line in ran.text().lines() {
                assert!(line.width() <= columns.max(80), "{command:?} at {columns}: {line}");
            }
        }
    }
    for reserved in ["explain", "diff", "verify", "completions", "man"] {
        let ran = Run::new(&[reserved]).go().expect(2);
        assert!(ran.stderr.contains(reserved), "{}", ran.stderr);
        assert!(!Run::new(&["--help"]).go().text().contains(&format!("\n  {reserved} ")), "{reserved} is offered");
    }
    let version = Run::new(&["--version"]).go().expect(0);
    assert_eq!(version.text(), concat!("coldtrail ", env!("CARGO_PKG_VERSION"), "\n"));
}
