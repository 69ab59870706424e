//! `coldtrail index` and hunts with `--index`, as users run them.
#![expect(clippy::unwrap_used, reason = "what goes wrong around the program has to fail the test")]

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::runner::Run;

/// An archive of 4 files, with the lists that match it.
fn archive() -> TempDir {
    let folder = TempDir::new().unwrap();
    let made = ["generate", "--output", "g", "--rows", "8000", "--days", "4", "--hit-rate", "1e-2", "--quiet"];
    Run::new(&made).inside(folder.path()).go().expect(0);
    folder
}

const INDEX: [&str; 5] = ["index", "--events", "g/events", "--index", "i"];

fn hunt(folder: &Path, more: &[&str]) -> (String, String, Value) {
    let common = ["hunt", "--events", "g/events", "--tor", "g/tor.csv", "--format", "ndjson", "--coverage", "c.json"];
    let ran = Run::new(&[&common, more].concat()).inside(folder).go().expect(0);
    let coverage: Value = serde_json::from_slice(&fs::read(folder.join("c.json")).unwrap()).unwrap();
    (ran.text().to_owned(), ran.stderr, coverage["reads"].clone())
}

#[test]
fn an_index_answers_and_is_made_anew_only_where_it_must() {
    let folder = archive();
    let made = Run::new(&INDEX).inside(folder.path()).go().expect(0);
    assert!(made.stderr.contains("4 files of 8000 rows indexed in i"), "{}", made.stderr);
    let again = Run::new(&INDEX).inside(folder.path()).go().expect(0);
    assert!(again.stderr.contains("0 files of 0 rows indexed in i (0.0 MB); 4 files had an index"), "{}", again.stderr);

    let (without, _, _) = hunt(folder.path(), &[]);
    let (with, said, reads) = hunt(folder.path(), &["--index", "i"]);
    assert_eq!(with, without);
    assert!(without.lines().count() > 3 && !said.contains("warning: 4"), "{said}");
    assert_eq!(reads["index"]["used"], 4);
    assert_eq!(reads["ways"][0]["way"], "index");

    // A file that changed has a stale index, which is told, and which the next run replaces.
    let first = fs::read_dir(folder.path().join("g/events")).unwrap().map(|entry| entry.unwrap().path()).min().unwrap();
    let first = fs::read_dir(first).unwrap().next().unwrap().unwrap().path();
    let times = fs::FileTimes::new().set_modified(std::time::UNIX_EPOCH);
    fs::File::options().append(true).open(&first).unwrap().set_times(times).unwrap();
    let (with, said, reads) = hunt(folder.path(), &["--index", "i"]);
    assert_eq!(with, without);
    assert!(
        said.contains("warning: 3 of 4 files answered from the index, the rest was scanned: the index is stale"),
        "{said}"
    );
    assert!(reads["index"]["ignored_examples"][0].as_str().unwrap().contains("part-0.parquet: the index is stale"));
    let again = Run::new(&INDEX).inside(folder.path()).go().expect(0);
    assert!(again.stderr.contains("1 file of 2000 rows indexed in i"), "{}", again.stderr);
    assert!(again.stderr.contains("3 files had an index already"), "{}", again.stderr);
}

#[test]
fn what_an_index_cannot_be_of_is_told() {
    let folder = archive();
    fs::create_dir(folder.path().join("t")).unwrap();
    let record = r#"{"Timestamp":"2026-07-01T00:00:00Z","RemoteIP":"192.0.2.1","DeviceName":"a","ActionType":"ConnectionSuccess"}"#;
    fs::write(folder.path().join("t/a.json"), format!("{record}\n")).unwrap();
    let told = Run::new(&["index", "--events", "t", "--index", "i"]).inside(folder.path()).go().expect(0);
    assert!(told.stderr.contains("1 file cannot have one, since they are text"), "{}", told.stderr);

    fs::write(folder.path().join("file"), "").unwrap();
    let told = Run::new(&["index", "--events", "g/events", "--index", "file"]).inside(folder.path()).go().expect(2);
    assert!(told.stderr.contains("--index file is a file; name a directory"), "{}", told.stderr);
    let told = Run::new(&["index", "--index", "i"]).inside(folder.path()).go().expect(2);
    assert!(told.stderr.contains("coldtrail index --events archive/ --index archive-index/"), "{}", told.stderr);
    let told = Run::new(&["hunt", "--events", "g/events", "--tor", "g/tor.csv", "--strategy", "index"])
        .inside(folder.path())
        .go()
        .expect(2);
    assert!(told.stderr.contains("--strategy index needs --index DIR"), "{}", told.stderr);

    // A directory that is not there has no indexes; the hunt says so and goes on.
    let (with, said, _) = hunt(folder.path(), &["--index", "nowhere"]);
    assert_eq!(with, hunt(folder.path(), &[]).0);
    assert!(said.contains("warning: 0 of 4 files answered from the index"), "{said}");
    assert!(said.contains("there is no index; `coldtrail index` makes one (4 files)"), "{said}");
}

#[test]
fn a_file_that_cannot_be_read_fails_the_run_or_is_skipped() {
    let folder = archive();
    fs::write(folder.path().join("g/events/bad.parquet"), "PAR1 and then nothing").unwrap();
    let failed = Run::new(&INDEX).inside(folder.path()).go().expect(3);
    assert!(failed.stderr.contains("bad.parquet"), "{}", failed.stderr);
    let skipped = Run::new(&[&INDEX[..], &["--on-bad-input", "skip"]].concat()).inside(folder.path()).go().expect(4);
    assert!(skipped.stderr.contains("4 files of 8000 rows indexed"), "{}", skipped.stderr);
    assert!(skipped.stderr.contains("skipped: g/events/bad.parquet"), "{}", skipped.stderr);
}

#[test]
fn a_conversion_indexes_what_it_writes() {
    let folder = archive();
    let convert = ["convert", "--events", "g/events", "--output", "out", "--index", "i"];
    let told = Run::new(&convert).inside(folder.path()).go().expect(0);
    assert!(told.stderr.contains("indexed in i"), "{}", told.stderr);
    let common = ["hunt", "--events", "out", "--tor", "g/tor.csv", "--format", "ndjson", "--coverage", "c.json"];
    let with = Run::new(&[&common[..], &["--index", "i"]].concat()).inside(folder.path()).go().expect(0);
    let coverage: Value = serde_json::from_slice(&fs::read(folder.path().join("c.json")).unwrap()).unwrap();
    assert_eq!(coverage["reads"]["index"]["ignored"], Value::Array(Vec::new()));
    assert!(coverage["reads"]["index"]["used"].as_u64().unwrap() >= 4);
    assert_eq!(with.text(), Run::new(&common).inside(folder.path()).go().expect(0).text());
}
