//! A table is hunted as its log says, now and at each of its versions; what its files alone would say otherwise is refused.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{WHOLE, hunt, is_refused};
use crate::runner::{Run, copy_tree, json_lines, read, root};

/// The same hunt with coverage, in one document.
fn report(source: &str) -> Run {
    Run::new(&["hunt", "--quiet", "--format", "json", "--tor", "testdata/archives/tor.txt", "--events", source])
}

/// The names of devices in findings, and how many rows were read.
#[track_caller]
fn at_version(table: &str, version: &str) -> (Vec<String>, u64) {
    let report = report(table).and(&["--delta-version", version]).go().expect(0).json();
    let findings = report["findings"].as_array().unwrap().iter();
    let mut devices: Vec<String> =
        findings.map(|finding| finding["DeviceName"].as_str().unwrap().split('.').next().unwrap().to_owned()).collect();
    devices.sort();
    devices.dedup();
    (devices, report["coverage"]["funnel"]["events_in_files"].as_u64().unwrap())
}

fn holds(devices: &[String], name: &str) -> bool {
    devices.iter().any(|device| device == name)
}

#[test]
fn a_table_gives_what_the_same_events_give_in_any_other_archive() {
    let plain = hunt("testdata/archives/plain").go().expect(0);
    let expected = json_lines(&read("testdata/archives/expected.ndjson"));
    for table in WHOLE {
        let url = format!("file://{}", root().join(table).display());
        for source in [table.to_owned(), format!("{table}/"), url] {
            let ran = hunt(&source).go().expect(0);
            assert_eq!(ran.text(), plain.text(), "{source}");
        }
        let found = hunt(table).go().expect(0).lines();
        assert_eq!(found.len(), expected.len(), "{table}");
        for (found, expected) in found.iter().zip(&expected) {
            for (key, value) in expected.as_object().unwrap() {
                assert_eq!(found.get(key), Some(value), "{table}: {key} of {expected}");
            }
        }
    }
}

/// The replaced files still lie in the folder, and so does one that was never committed.
#[test]
fn coverage_counts_the_tables_files_and_no_other() {
    for (table, files) in WHOLE.into_iter().zip([2, 6]) {
        let report = report(table).go().expect(0).json();
        let coverage = &report["coverage"];
        assert_eq!(
            (&coverage["files"]["found"], &coverage["files"]["read"]),
            (&json!(files), &json!(files)),
            "{table}"
        );
        assert_eq!(coverage["files"]["skipped"], json!([]), "{table}");
        assert_eq!(coverage["funnel"]["events_in_files"], 26, "{table}");
        assert_eq!(coverage["funnel"]["duplicates_removed"], 1, "{table}");
        assert!(!report.to_string().contains("wks-gone-01"), "{table} shows a row that was replaced");
    }
}

#[test]
fn each_version_is_what_the_table_was_then() {
    let table = WHOLE[0];
    let (devices, rows) = at_version(table, "0");
    assert_eq!((devices, rows), (vec!["wks-gone-01".to_owned()], 6));
    let (devices, rows) = at_version(table, "1");
    assert!(holds(&devices, "wks-gone-01") && holds(&devices, "lap-017"), "{devices:?}");
    assert_eq!(rows, 19);
    let (devices, rows) = at_version(table, "2");
    assert!(!holds(&devices, "wks-gone-01") && !holds(&devices, "mac-design-02"), "{devices:?}");
    assert!(holds(&devices, "wks-sales-03"), "{devices:?}");
    assert_eq!(rows, 19);
    let current = hunt(table).go().expect(0);
    for version in ["3", "4"] {
        assert_eq!(at_version(table, version).1, 26);
        assert_eq!(hunt(table).and(&["--delta-version", version]).go().expect(0).text(), current.text());
    }
    assert_eq!(at_version(WHOLE[1], "0").1, 6);
}

#[test]
fn a_version_that_is_not_there_names_those_that_are() {
    for command in ["hunt", "plan"] {
        let run = Run::new(&[command, "--quiet", "--events", WHOLE[0], "--delta-version", "9"]);
        let run = if command == "hunt" { run.and(&["--tor", "testdata/archives/tor.txt"]) } else { run };
        is_refused(&run, &["error: testdata/delta/updated: there is no version 9", "the latest is 4"]);
    }
    hunt(WHOLE[0]).and(&["--delta-version", "latest"]).go().expect(2);
}

#[test]
fn rows_that_are_deleted_beside_their_file_are_never_shown() {
    let table = "testdata/delta/deleted";
    let words = ["error: testdata/delta/deleted: at version 1", "deletion vector", "REORG TABLE"];
    is_refused(&hunt(table), &words);
    is_refused(&hunt(table).and(&["--delta-version", "1"]), &words);
    is_refused(&Run::new(&["plan", "--quiet", "--events", table]), &words);
    // To skip it would be a short answer.
    is_refused(&hunt(table).and(&["--events", WHOLE[0], "--on-bad-input", "skip"]), &words);
    let (devices, rows) = at_version(table, "0");
    assert!(holds(&devices, "lap-017"), "{devices:?}");
    assert_eq!(rows, 13);
}

#[test]
fn a_damaged_log_is_an_error_that_names_the_place() {
    let table = "testdata/delta/damaged";
    let words = ["error: testdata/delta/damaged: the table's log is damaged", "00000000000000000001.json line 2"];
    is_refused(&hunt(table), &words);
    is_refused(&hunt(table).and(&["--on-bad-input", "skip"]), &words);
    assert_eq!(at_version(table, "0").1, 13);
    // A folder whose log is empty is no table, and its files are not plain ones either.
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("_delta_log")).unwrap();
    fs::write(folder.path().join("e.json"), "{}\n").unwrap();
    is_refused(&hunt(folder.path().to_str().unwrap()), &["_delta_log holds neither a commit nor a checkpoint"]);
}

/// A file that the log names and that is gone is a bad input like any other, but never passed over in silence.
#[test]
fn a_file_that_the_log_names_and_that_is_gone() {
    let folder = TempDir::new().unwrap();
    copy_tree(WHOLE[0], folder.path());
    let gone = "part-00000-f351ee80-5a2a-4d1c-a498-63e7d6a75318-c000.zstd.parquet";
    fs::remove_file(folder.path().join(gone)).unwrap();
    let source = folder.path().to_str().unwrap();
    is_refused(&hunt(source), &[gone]);
    let report = report(source).and(&["--on-bad-input", "skip"]).go().expect(4).json();
    assert!(report["coverage"]["files"]["skipped"][0]["path"].as_str().unwrap().ends_with(gone));
    assert_eq!(report["coverage"]["funnel"]["events_in_files"], 20);
}

/// In `partitioned` no file has the column: Hive's folders name it, or something else, or nothing.
#[test]
fn partition_columns_are_the_logs() {
    let query = "SELECT coalesce(Protocol, 'none') AS protocol, count(*) AS events FROM DeviceNetworkEvents \
                 GROUP BY coalesce(Protocol, 'none') ORDER BY protocol";
    let rows = Run::new(&["sql", query, "--quiet", "--format", "ndjson", "--events", WHOLE[1]]).go().expect(0).lines();
    let counts: Vec<(&str, u64)> =
        rows.iter().map(|row| (row["protocol"].as_str().unwrap(), row["events"].as_u64().unwrap())).collect();
    assert_eq!(counts, [("Tcp", 23), ("TcpV4", 1), ("Udp", 1), ("none", 1)]);
}

/// A table beside other archives, and the same table twice.
#[test]
fn tables_and_plain_files_are_read_in_one_run() {
    let plain = hunt("testdata/archives/plain").go().expect(0);
    for more in ["testdata/archives/plain", WHOLE[1], WHOLE[0]] {
        let both = hunt(WHOLE[0]).and(&["--events", more]).go().expect(0);
        assert_eq!(both.text(), plain.text(), "{more}");
    }
}

fn plan(more: &[&str]) -> Value {
    Run::new(&["plan", "--quiet", "--format", "ndjson"]).and(more).go().expect(0).json()
}

#[test]
fn a_plan_names_the_files_that_count() {
    let told = plan(&["--events", WHOLE[0], "--footers"]);
    assert_eq!((&told["files"], &told["undated_files"], &told["footers"]["rows"]), (&json!(2), &json!(2), &json!(26)));
    assert_eq!(told["first_file"]["error"], Value::Null);
    assert!(told["first_file"]["path"].as_str().unwrap().starts_with("testdata/delta/updated/part-00000-f351ee80"));
    assert_eq!(plan(&["--events", WHOLE[0], "--delta-version", "3"])["files"], 3);
    // Of the files whose path names a day, those that a period cannot touch are left out.
    let told = plan(&["--events", WHOLE[1], "--from", "2026-07-21"]);
    assert_eq!((&told["files"], &told["outside_period"], &told["undated_files"]), (&json!(2), &json!(4), &json!(1)));
}
