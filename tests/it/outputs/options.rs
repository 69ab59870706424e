//! Options that change a result do what they say, and those that must not change it change no byte.

use std::path::PathBuf;

use serde_json::Value;

use super::findings;
use crate::runner::{Run, files_below, root};

#[test]
fn exclude_removes_findings_and_says_which() {
    let ran = Run::demo(&["--exclude", "testdata/demo/exclude.csv", "--format", "json"]).go().expect(0);
    let report = ran.json();
    let kept: Vec<Value> = findings()
        .into_iter()
        .filter(|finding| finding["DeviceName"] != "lap-research-01.larchfield.example")
        .collect();
    assert_eq!(report["findings"], Value::from(kept));
    let exclusions = &report["coverage"]["exclusions"];
    assert_eq!(exclusions["removed"].as_array().unwrap().len(), 1);
    assert_eq!(exclusions["removed"][0]["device_name"], "lap-research-01.larchfield.example");
    assert_eq!(exclusions["unmatched_lines"], serde_json::json!([3, 4]));
    assert_eq!(report["coverage"]["funnel"]["findings"], 18);
    assert_eq!(report["coverage"]["funnel"]["findings_excluded"], 1);
    let ran = Run::demo(&["--exclude", "no/such/file.csv"]).go().expect(3);
    assert!(ran.stderr.contains("no/such/file.csv"), "{}", ran.stderr);
}

#[test]
fn fail_on_is_about_the_findings_that_are_reported() {
    for (level, code) in [("low", 1), ("medium", 1), ("high", 1), ("critical", 1)] {
        let ran = Run::demo(&["--fail-on", level]).go().expect(code);
        assert_eq!(ran.lines().len(), 18, "the report is written all the same");
    }
    // Without intelligence the demo has nothing above MEDIUM.
    let without = |more: &[&str]| {
        Run::new(&["hunt", "--events", "testdata/demo/events", "--tor", "testdata/demo/tor-history"]).and(more)
    };
    without(&["--fail-on", "medium"]).go().expect(1);
    without(&["--fail-on", "high"]).go().expect(0);
    without(&[]).go().expect(0);
    let nothing = ["--from", "2026-04-03T23:00:00Z", "--to", "2026-04-03T23:00:01Z", "--fail-on", "low"];
    Run::demo(&nothing).go().expect(0);
}

#[test]
fn copies_are_counted_when_they_are_kept() {
    let report = Run::demo(&["--keep-duplicates", "--format", "json"]).go().expect(0).json();
    let funnel = &report["coverage"]["funnel"];
    assert_eq!(funnel["events_matched"], 57);
    assert_eq!(funnel["events_after_dedup"], 57);
    assert_eq!(funnel["duplicates_removed"], 0);
    let sum = |findings: &[Value]| findings.iter().map(|finding| finding["Count"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(sum(report["findings"].as_array().unwrap()), 57);
    assert_eq!(sum(&findings()), 53);
    assert_eq!(report["findings"].as_array().unwrap().len(), 18);
}

#[test]
fn a_cut_set_says_so_everywhere() {
    let full = findings();
    let cut = Run::demo(&["--set-limit", "1"]).go().expect(0).lines();
    let mut several = 0;
    for want in &full {
        // The order depends on counts and times only, which no limit changes.
        let have = cut.iter().find(|finding| finding["FindingId"] == want["FindingId"]).unwrap();
        let told = have["SetsTruncated"].as_array().unwrap();
        for set in ["Processes", "Cmds", "Accounts", "Ports", "DeviceIds", "LocalPorts", "RemoteUrls", "ProcessSHA256s"]
        {
            let all = want[set].as_array().unwrap().len();
            let kept = have[set].as_array().unwrap();
            assert_eq!(kept.len(), all.min(1), "{set}");
            let entry = told.iter().find(|entry| entry["Set"] == set);
            match entry {
                Some(entry) => {
                    several += 1;
                    assert_eq!(entry["Kept"], 1);
                    assert_eq!(entry["Cut"], all - 1, "{set}");
                    assert_eq!(kept[0], want[set][0], "{set} keeps what sorts first");
                }
                None => assert!(all <= 1, "{set} was cut from {all} in silence"),
            }
        }
        for (set, line) in [("Processes", 1), ("Cmds", 2), ("Accounts", 3), ("Ports", 4)] {
            let more = want[set].as_array().unwrap().len().saturating_sub(1);
            let directive = have["HuntingDirectives"][line].as_str().unwrap();
            assert_eq!(directive.ends_with(&format!(" (+{more} more)")), more > 0, "{directive}");
        }
        assert_eq!(want["SetsTruncated"], serde_json::json!([]));
    }
    assert!(several > 3, "too few sets to cut");
    Run::demo(&["--set-limit", "0"]).go().expect(2);
}

/// Each event file as a source of its own.
fn by_file(files: &[PathBuf], more: &[&str]) -> Run {
    let run = Run::new(&["hunt", "--tor", "testdata/demo/tor-history", "--intel", "testdata/demo/intel"]);
    files.iter().fold(run, |run, file| run.path("--events", file.strip_prefix(root()).unwrap())).and(more)
}

#[test]
fn threads_and_order_change_no_byte() {
    let mut files = files_below(&root().join("testdata/demo/events"));
    files.retain(|file| file.extension().is_some_and(|ending| ending == "parquet"));
    assert_eq!(files.len(), 32);
    for format in ["ndjson", "csv", "parquet", "table", "markdown"] {
        let one = by_file(&files, &["--format", format, "--threads", "1"]).go().expect(0);
        let four = by_file(&files, &["--format", format, "--threads", "4"]).go().expect(0);
        assert!(one.stdout == four.stdout, "{format}: threads show");
        files.reverse();
        let reversed = by_file(&files, &["--format", format, "--threads", "4"]).go().expect(0);
        assert!(one.stdout == reversed.stdout, "{format}: the order of inputs shows");
        assert_eq!(one.stderr, reversed.stderr, "{format}");
    }
}

#[test]
fn coverage_differs_in_its_reads_only() {
    let read = |threads: &str| {
        let mut report = Run::demo(&["--format", "json", "--threads", threads]).go().expect(0).json();
        assert!(report["coverage"].as_object_mut().unwrap().shift_remove("reads").is_some());
        report
    };
    assert_eq!(read("1"), read("4"));
}

#[test]
fn the_same_run_twice_is_the_same_to_the_byte() {
    for format in ["json", "parquet", "table"] {
        let run = Run::demo(&["--format", format]);
        assert!(run.go().stdout == run.go().stdout, "{format}");
    }
}

/// What plain queries over the whole archive count between two times.
fn counted(condition: &str) -> [u64; 3] {
    let tor = "tor_match(RemoteIP, Timestamp) IS NOT NULL";
    let count = |query: String, more: &[&str]| {
        let run = Run::new(&["sql", &query, "--events", "testdata/demo/events", "--tor", "testdata/demo/tor-history"])
            .and(more);
        run.go().expect(0).lines()[0]["n"].as_u64().unwrap()
    };
    [
        count(format!("SELECT count(*) AS n FROM DeviceNetworkEvents WHERE {condition}"), &[]),
        count(
            format!("SELECT count(*) AS n FROM DeviceNetworkEvents WHERE {tor} AND {condition}"),
            &["--keep-duplicates"],
        ),
        count(
            format!(
                "SELECT count(*) AS n FROM (SELECT DISTINCT DeviceName, RemoteIP, Direction FROM DeviceNetworkEvents WHERE {tor} AND {condition})"
            ),
            &[],
        ),
    ]
}

/// The period prunes paths, files and row groups on its way, and the numbers are those of a filter that prunes nothing.
#[test]
fn a_period_counts_what_a_filter_counts() {
    for (from, to, condition) in [
        ("2026-03-20", "2026-03-31", "Timestamp >= '2026-03-20T00:00:00Z' AND Timestamp < '2026-04-01T00:00:00Z'"),
        (
            "2026-03-12T03:05:09.3Z",
            "2026-03-12T12:00:00Z",
            "Timestamp >= '2026-03-12T03:05:09.3Z' AND Timestamp < '2026-03-12T12:00:00Z'",
        ),
        (
            "2026-03-23T09:31:10.5Z",
            "2026-03-29T13:41:12.25Z",
            "Timestamp >= '2026-03-23T09:31:10.5Z' AND Timestamp < '2026-03-29T13:41:12.25Z'",
        ),
        (
            "2026-04-02T16:00:00.250001Z",
            "2026-04-07",
            "Timestamp >= '2026-04-02T16:00:00.250001Z' AND Timestamp < '2026-04-08T00:00:00Z'",
        ),
    ] {
        let report = Run::demo(&["--from", from, "--to", to, "--format", "json"]).go().expect(0).json();
        let funnel = &report["coverage"]["funnel"];
        let [in_period, matched, findings] = counted(condition);
        assert!(in_period > 0, "{condition}: an empty period shows nothing");
        assert_eq!(funnel["events_in_period"], in_period, "{condition}");
        assert_eq!(funnel["events_matched"], matched, "{condition}");
        assert_eq!(funnel["findings"], findings, "{condition}");
        assert_eq!(report["findings"].as_array().unwrap().len() as u64, findings, "{condition}");
    }
}

#[test]
fn coverage_prints_the_period_that_was_meant() {
    let period = |from, to| {
        Run::demo(&["--from", from, "--to", to, "--format", "json"]).go().expect(0).json()["coverage"]["period"].clone()
    };
    let facts = period("2026-03-23", "2026-03-25");
    assert_eq!(facts["from"], "2026-03-23T00:00:00.000000Z");
    assert_eq!(facts["to"], "2026-03-26T00:00:00.000000Z");
    assert_eq!(facts["days_missing"], serde_json::json!(["2026-03-24"]));
    assert_eq!(period("2026-03-23T02:00:00+02:00", "2026-03-23T05:00:00")["from"], "2026-03-23T00:00:00.000000Z");
    let facts = period("2026-04-06", "2026-04-09");
    assert_eq!(facts["days_missing"], serde_json::json!(["2026-04-08", "2026-04-09"]));
}

/// Without indicators the columns stay, empty, and counts do not change.
#[test]
fn indicators_change_no_count() {
    let without = Run::new(&["hunt", "--events", "testdata/demo/events", "--tor", "testdata/demo/tor-history"])
        .go()
        .expect(0)
        .lines();
    let mut with = findings();
    assert_eq!(without.len(), with.len());
    with.sort_by_key(|finding| finding["FindingId"].to_string());
    let mut plain = without;
    plain.sort_by_key(|finding| finding["FindingId"].to_string());
    for (plain, with) in plain.iter().zip(&with) {
        for column in
            ["DeviceName", "RemoteIP", "Direction", "Count", "Connections", "FailedCount", "DaysActive", "Cmds"]
        {
            assert_eq!(plain[column], with[column]);
        }
        for column in ["TI_Hit", "TI_Confidence", "TI_Type", "TI_Validity"] {
            assert!(plain[column].is_null(), "{column}");
        }
        assert_eq!(plain["TI_Matches"], serde_json::json!([]));
    }
}
