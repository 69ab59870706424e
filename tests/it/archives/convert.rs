//! `convert`: any archive becomes hunt-ready Parquet, once, and loses nothing on the way.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::made::{Made, event, hits, lines};
use super::{differences, expected, hunt, kind};
use crate::runner::{Run, copy_tree, files_below, leftovers};

fn convert(source: &str, output: &Path) -> Run {
    Run::new(&["convert", "--events", source]).path("--output", output)
}

/// The first number behind these words.
#[track_caller]
fn number(text: &str, words: &str) -> u64 {
    let after = text.split_once(words).unwrap_or_else(|| panic!("no {words:?} in: {text}")).1;
    let digits: String = after
        .trim_start_matches(|c: char| !c.is_ascii_digit())
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == ',')
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().unwrap()
}

/// The Parquet files of an output, relative.
fn written(output: &Path) -> Vec<PathBuf> {
    let files = files_below(output).into_iter().filter(|path| path.extension().is_some_and(|end| end == "parquet"));
    files.map(|path| path.strip_prefix(output).unwrap().to_owned()).collect()
}

/// Every byte below a folder.
fn bytes(output: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    written(output).into_iter().map(|path| (path.clone(), fs::read(output.join(path)).unwrap())).collect()
}

/// What every run ends with: nothing that came in is missing from the sum.
#[derive(Debug, PartialEq, Eq)]
struct Sum {
    records: u64,
    events: u64,
    copies: u64,
    rejects: u64,
}

#[track_caller]
fn sum(stderr: &str) -> Sum {
    let line = stderr.lines().find(|line| line.contains(" in = ")).unwrap_or_else(|| panic!("no sum: {stderr}"));
    let (records, rest) = line.split_once(" in = ").unwrap();
    let sum = Sum {
        records: number(records, ""),
        events: number(rest, ""),
        copies: number(rest, "+"),
        rejects: number(rest.split_once("copies").or_else(|| rest.split_once("copy")).unwrap().1, "+"),
    };
    assert_eq!(sum.records, sum.events + sum.copies + sum.rejects, "{line}");
    sum
}

#[test]
fn every_kind_is_converted_to_the_same_archive() {
    for name in
        ["mixed", "streaming", "portal_csv", "sentinel_csv", "log_analytics_job_hive", "cribl_parquet", "tenzir_action"]
    {
        let output = TempDir::new().unwrap();
        let ran = convert(&kind(name), output.path()).go().expect(0);
        assert_eq!(sum(&ran.stderr), Sum { records: 26, events: 25, copies: 1, rejects: 0 }, "{name}");
        let report = hunt(&[&output.path().display().to_string()]).go().expect(0).json();
        assert_eq!(differences(&report, &expected("expected.ndjson")), Vec::<String>::new(), "{name}");
        assert_eq!(report["coverage"]["funnel"]["events_in_files"], 25, "{name}");
        assert_eq!(report["coverage"]["funnel"]["duplicates_removed"], 0, "{name}");
        assert_eq!(
            report["coverage"]["unreadable"]["addresses"], 1,
            "{name}: an address that is none is kept as it is"
        );
        assert_eq!(report["coverage"]["drift"], serde_json::json!([]), "{name}");
        let folders: Vec<String> =
            written(output.path()).iter().map(|path| path.parent().unwrap().display().to_string()).collect();
        assert_eq!(folders, ["date=2026-07-17", "date=2026-07-18", "date=2026-07-19"], "{name}");
        for path in written(output.path()) {
            let file = path.file_name().unwrap().to_str().unwrap();
            assert!(file.starts_with("events-0000-") && file.ends_with(".parquet"), "{file}");
        }
        assert_eq!(leftovers(output.path()), Vec::<PathBuf>::new());
    }
}

/// Every column of every event, not only those that a hunt looks at.
#[test]
fn no_value_is_lost() {
    let output = TempDir::new().unwrap();
    convert(&kind("plain"), output.path()).go().expect(0);
    let rows = |source: &str| {
        let query =
            "SELECT DISTINCT * FROM DeviceNetworkEvents ORDER BY \"Timestamp\", ReportId, ActionType, RemotePort";
        Run::new(&["sql", query, "--quiet", "--format", "ndjson", "--events", source]).go().expect(0).lines()
    };
    let (before, after) = (rows(&kind("plain")), rows(&output.path().display().to_string()));
    assert_eq!((before.len(), after.len()), (25, 25));
    for (before, after) in before.iter().zip(&after) {
        for (key, value) in before.as_object().unwrap().iter().filter(|(key, _)| *key != "SourceFile") {
            assert_eq!(after.get(key), Some(value), "{key} of {before}");
        }
    }
}

#[test]
fn the_same_in_is_the_same_out() {
    let folders = [TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap()];
    for (folder, threads) in folders.iter().zip(["1", "2", "6"]) {
        convert(&kind("streaming"), folder.path()).and(&["--threads", threads]).go().expect(0);
    }
    let first = bytes(folders[0].path());
    assert_eq!(first.len(), 3);
    for folder in &folders[1..] {
        assert!(bytes(folder.path()) == first, "other bytes with another number of threads");
    }
}

#[test]
fn a_second_run_has_nothing_to_do() {
    for name in ["mixed", "streaming"] {
        let output = TempDir::new().unwrap();
        convert(&kind(name), output.path()).go().expect(0);
        let before = bytes(output.path());
        let again = convert(&kind(name), output.path()).go().expect(0);
        assert_eq!(
            sum(&again.stderr),
            Sum { records: 0, events: 0, copies: 0, rejects: 0 },
            "{name}: {}",
            again.stderr
        );
        assert!(bytes(output.path()) == before, "{name}: the second run wrote");
    }
}

#[test]
fn a_later_run_takes_what_is_new_or_grew() {
    let made = Made::new();
    made.put("a.ndjson", lines((0..10).map(event)));
    let output = TempDir::new().unwrap();
    let source = made.events().display().to_string();
    let run = || sum(&convert(&source, output.path()).go().expect(0).stderr);
    let events = |output: &Path| hits(&made.hunt_in(output).go().expect(0).json());
    let new = |events| Sum { records: events, events, copies: 0, rejects: 0 };
    assert_eq!(run(), new(10));
    made.put("b.ndjson", lines((20..25).map(event)));
    assert_eq!(run(), new(5));
    assert_eq!(events(output.path()), 15);
    // Longer by three records, the last of which is not finished yet.
    let whole = lines((0..13).map(event));
    let path = made.put("a.ndjson", &whole[..whole.len() - 20]);
    assert_eq!(run(), new(2));
    assert_eq!(events(output.path()), 17);
    fs::write(&path, &whole).unwrap();
    assert_eq!(run(), new(1));
    assert_eq!(run(), new(0));
    assert_eq!(events(output.path()), 18);
    // Copies of what an earlier run wrote are copies.
    made.put("c.ndjson", lines((12..14).map(event)));
    assert_eq!(run(), Sum { records: 2, events: 1, copies: 1, rejects: 0 });
    assert_eq!(events(output.path()), hits(&made.hunt().go().expect(0).json()));
}

#[test]
fn rejects_say_where_they_come_from() {
    let made = Made::new();
    for name in ["csv_columns.csv", "invalid_utf8.ndjson", "epoch_wrong_unit.ndjson", "csv_header_twice.csv"] {
        made.bring(name);
    }
    let output = TempDir::new().unwrap();
    let ran = convert(&made.events().display().to_string(), output.path()).go().expect(0);
    assert_eq!(sum(&ran.stderr), Sum { records: 20, events: 15, copies: 0, rejects: 5 });
    let rejects = files_below(&output.path().join("rejects"));
    assert_eq!(rejects.len(), 1, "{rejects:?}");
    let rejects = crate::runner::json_lines(&fs::read_to_string(&rejects[0]).unwrap());
    let places: Vec<(String, u64)> = rejects
        .iter()
        .map(|reject| {
            assert!(!reject["reason"].as_str().unwrap().is_empty() && !reject["record"].is_null(), "{reject}");
            let source = Path::new(reject["source"].as_str().unwrap()).file_name().unwrap();
            (source.to_str().unwrap().to_owned(), reject["line"].as_u64().unwrap())
        })
        .collect();
    let place = |name: &str, line| (name.to_owned(), line);
    let expected = [
        place("csv_columns.csv", 3),
        place("csv_columns.csv", 5),
        place("epoch_wrong_unit.ndjson", 2),
        place("epoch_wrong_unit.ndjson", 5),
        place("invalid_utf8.ndjson", 3),
    ];
    assert_eq!(places, expected);
    // The rejects lie beside the events and are none.
    let report = made.hunt_in(output.path()).go().expect(0).json();
    assert_eq!((hits(&report), &report["coverage"]["funnel"]["events_in_files"]), (15, &Value::from(15)));
}

/// What could not be read is not marked as done.
#[test]
fn a_bad_file_is_converted_once_it_is_whole() {
    let made = Made::new();
    made.put("good.json", lines((0..5).map(event)));
    let bad = made.bring("truncated_gzip.json.gz");
    let output = TempDir::new().unwrap();
    let source = made.events().display().to_string();
    let refused = convert(&source, output.path()).go().expect(3);
    assert!(refused.stderr.contains(&bad.display().to_string()), "{}", refused.stderr);
    let skipped = convert(&source, output.path()).and(&["--on-bad-input", "skip"]).go().expect(4);
    assert_eq!(sum(&skipped.stderr).events, 5);
    assert!(skipped.stderr.contains("truncated_gzip.json.gz"), "{}", skipped.stderr);
    fs::write(&bad, lines((5..9).map(event))).unwrap();
    let mended = convert(&source, output.path()).go().expect(0);
    assert_eq!(sum(&mended.stderr).events, 4);
    assert_eq!(hits(&made.hunt_in(output.path()).go().expect(0).json()), 9);
}

#[test]
fn an_ambiguous_export_is_converted_when_its_order_is_said() {
    let output = TempDir::new().unwrap();
    let source = kind("sentinel_csv_ambiguous");
    let refused = convert(&source, output.path()).go().expect(3);
    assert!(refused.stderr.contains("--date-order"), "{}", refused.stderr);
    convert(&source, output.path()).and(&["--date-order", "day-first"]).go().expect(0);
    let report = hunt(&[&output.path().display().to_string()]).go().expect(0).json();
    assert_eq!(differences(&report, &expected("expected_day_first.ndjson")), Vec::<String>::new());
}

#[test]
fn an_output_that_would_be_read_again_is_refused() {
    let folder = TempDir::new().unwrap();
    copy_tree(&kind("portal_csv"), folder.path());
    let source = folder.path().display().to_string();
    for output in [folder.path().to_owned(), folder.path().join("parquet/deep")] {
        let ran = convert(&source, &output).go().expect(2);
        assert!(ran.stderr.contains("--output"), "{}", ran.stderr);
    }
    let file = files_below(folder.path()).remove(0);
    convert(&kind("portal_csv"), &file).go().expect(2);
    assert_eq!(files_below(folder.path()).len(), 1);
}

/// A run that was killed leaves nothing that a hunt would read wrong, and the next one ends its work.
#[test]
#[cfg(unix)]
fn a_run_that_was_killed_is_taken_up_again() {
    let folder = TempDir::new().unwrap();
    let made = folder.path().join("made");
    let make = ["generate", "--rows", "20000", "--days", "3", "--hit-rate", "0.01", "--quiet"];
    Run::new(&make).path("--output", &made).go().expect(0);
    let (killed, whole) = (folder.path().join("killed"), folder.path().join("whole"));
    let events = made.join("events").display().to_string();
    for milliseconds in [100, 400] {
        let mut child = convert(&events, &killed).command().spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    convert(&events, &killed).go().expect(0);
    convert(&events, &whole).go().expect(0);
    assert!(!written(&whole).is_empty());
    let count = |output: &Path| {
        let query = "SELECT count(*) AS n, count(DISTINCT ReportId) AS ids FROM DeviceNetworkEvents";
        Run::new(&["sql", query, "--quiet"]).path("--events", output).go().expect(0).lines()
    };
    assert_eq!(count(&killed), count(&whole));
    assert_eq!(leftovers(&killed), Vec::<PathBuf>::new());
}

/// A period chooses what is converted now; nothing is marked as done that was not, so a later run without it has all.
#[test]
fn a_period_loses_nothing_for_later_runs() {
    let output = TempDir::new().unwrap();
    let here = output.path().display().to_string();
    let period = ["--from", "2026-07-18", "--to", "2026-07-18"];
    for name in ["plain", "streaming"] {
        convert(&kind(name), output.path()).and(&period).go().expect(0);
        let part = hunt(&[&here]).and(&period).go().expect(0).json();
        let by_row = hunt(&[&kind(name)]).and(&period).go().expect(0).json();
        assert_eq!(part["findings"], by_row["findings"], "{name}");
        convert(&kind(name), output.path()).go().expect(0);
        let whole = hunt(&[&here]).go().expect(0).json();
        assert_eq!(differences(&whole, &expected("expected.ndjson")), Vec::<String>::new(), "{name}");
    }
}
