//! Bad input: a clear error on stderr that names the file or flag and the remedy, the exit code that is fixed for it, and
//! nothing lost. One test for each kind; those about whole archives and about outputs are below.
#![cfg(test)]

mod archive;
mod interrupted;
mod writing;

use std::fs;

use tempfile::TempDir;

use crate::runner::{DEMO, Ran, Run, files_below, read_json, root};

const EVENTS: [&str; 2] = ["--events", "testdata/demo/events"];
const TOR: [&str; 2] = ["--tor", "testdata/demo/tor-history"];

/// A hunt in one source with the demo's list.
fn hunt_in(source: &str) -> Run {
    Run::new(&["hunt", "--events", source]).and(&TOR)
}

/// The demo hunted with a list of the bad inputs.
fn with_tor(name: &str) -> Run {
    Run::new(&["hunt"]).and(&EVENTS).and(&["--tor", &format!("testdata/bad/{name}")])
}

/// The demo hunted with an indicator file of the bad inputs.
fn with_intel(name: &str) -> Run {
    Run::new(&["hunt"]).and(&EVENTS).and(&TOR).and(&["--intel", &format!("testdata/bad/{name}")])
}

/// One error, nothing on stdout, and these words in it.
#[track_caller]
fn refused(run: &Run, code: i32, words: &[&str]) -> Ran {
    let ran = run.go().expect(code);
    assert!(ran.stdout.is_empty(), "a refused run reported: {}", ran.text());
    assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
    assert!(!ran.stderr.contains("\nerror: "), "{}", ran.stderr);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    for word in words {
        assert!(ran.stderr.contains(word), "no {word:?} in: {}", ran.stderr);
    }
    ran
}

#[test]
fn a_missing_path() {
    refused(&hunt_in("no/such/archive"), 3, &["no/such/archive", "no such file", "check the path"]);
    refused(&hunt_in("no/such/*.parquet"), 3, &["no/such/*.parquet"]);
    // What is not there cannot be skipped either: it is a typing mistake, not a bad file.
    refused(&hunt_in("no/such/archive").and(&["--on-bad-input", "skip"]), 3, &["no/such/archive"]);
}

#[test]
fn an_empty_directory() {
    let empty = TempDir::new().unwrap();
    let path = empty.path().display().to_string();
    refused(&hunt_in(&path), 3, &[&path, "no file"]);
    refused(&hunt_in(&path).and(&["--on-bad-input", "skip"]), 3, &[&path]);
}

#[test]
fn files_that_are_no_readable_parquet() {
    for (name, words) in [
        ("not_parquet.parquet", "not a Parquet file"),
        ("truncated_footer.parquet", "truncated"),
        ("corrupt_page.parquet", "damaged"),
        ("zero_bytes.parquet", "zero bytes"),
    ] {
        let path = format!("testdata/bad/{name}");
        refused(&hunt_in(&path), 3, &[&path, words, "--on-bad-input skip"]);
        let skipped = hunt_in(&path).and(&["--on-bad-input", "skip", "--format", "json"]).go().expect(4);
        let report = skipped.json();
        assert_eq!(report["findings"].as_array().unwrap().len(), 0);
        assert_eq!(report["coverage"]["files"]["skipped"][0]["path"], path.as_str());
    }
}

#[test]
fn columns_that_the_hunt_cannot_do_without() {
    refused(&hunt_in("testdata/bad/no_remote_ip.parquet"), 3, &["no_remote_ip.parquet", "RemoteIP"]);
    refused(&hunt_in("testdata/bad/no_time.parquet"), 3, &["no_time.parquet", "Timestamp", "TimeGenerated"]);
}

#[test]
fn an_unreadable_tor_list() {
    refused(&with_tor("tor_binary.txt"), 3, &["testdata/bad/tor_binary.txt", "not a text file"]);
    refused(&with_tor("tor_missing.txt"), 3, &["testdata/bad/tor_missing.txt", "check the path"]);
}

#[test]
#[cfg(unix)]
fn a_list_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = TempDir::new().unwrap();
    let list = folder.path().join("tor.csv");
    fs::write(&list, "198.51.100.23\n").unwrap();
    fs::set_permissions(&list, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&list).is_ok() {
        println!("skipped: this user may read every file");
        return;
    }
    refused(&Run::new(&["hunt"]).and(&EVENTS).path("--tor", &list), 3, &["tor.csv", "ermission denied"]);
}

#[test]
fn a_list_with_no_usable_address() {
    refused(&with_tor("tor_empty.txt"), 3, &["testdata/bad/tor_empty.txt", "empty"]);
    let why = ["no usable address", "5 entries", "line 3: exit.example.org", "private", "wider than /8"];
    let ran = refused(&with_tor("tor_junk.txt"), 3, &why);
    assert!(ran.stderr.contains("testdata/bad/tor_junk.txt"), "{}", ran.stderr);
}

/// A source that holds nothing usable is refused whatever was asked; one bad file in a folder of lists can be skipped.
#[test]
fn a_bad_list_among_good_ones() {
    let folder = TempDir::new().unwrap();
    let (lists, coverage) = (folder.path().join("lists"), folder.path().join("coverage.json"));
    fs::create_dir(&lists).unwrap();
    for list in files_below(&root().join("testdata/demo/tor-history")) {
        fs::copy(&list, lists.join(list.file_name().unwrap())).unwrap();
    }
    fs::copy(root().join("testdata/bad/tor_binary.txt"), lists.join("b.txt")).unwrap();
    let run = Run::new(&["hunt", "--intel", "testdata/demo/intel"]).and(&EVENTS);
    let run = run.path("--tor", &lists).path("--coverage", &coverage);
    refused(&run, 3, &["b.txt", "not a text file"]);
    let ran = run.and(&["--on-bad-input", "skip"]).go().expect(4);
    assert_eq!(ran.text(), Run::demo(&[]).go().text());
    let skipped = &read_json(&coverage)["files"]["skipped"];
    assert_eq!(skipped[0]["path"], lists.join("b.txt").display().to_string().as_str());
}

#[test]
fn json_that_is_invalid_from_the_start() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("feed.json");
    fs::write(&file, "{\"Indicator\": \"198.51.100.66\", \"Confiden").unwrap();
    let run = Run::new(&["hunt"]).and(&EVENTS).and(&TOR).path("--intel", &file);
    refused(&run, 3, &["feed.json", "invalid JSON"]);
}

/// One broken line does not take a feed away; it is counted, and said with its line.
#[test]
fn json_lines_that_break_off() {
    let ran = with_intel("intel_invalid.json").go().expect(0);
    let said: String = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("testdata/bad/intel_invalid.json: records that cannot be read and are left out: 1"),
        "{said}"
    );
    assert!(said.contains("line 2"), "{said}");
}

#[test]
fn an_indicator_file_of_no_known_kind() {
    refused(&with_intel("intel_unknown.csv"), 3, &["testdata/bad/intel_unknown.csv", "no known kind", "known are"]);
}

#[test]
fn an_indicator_file_without_a_usable_indicator() {
    let ran = with_intel("intel_no_usable.csv").and(&["--format", "json"]).go().expect(0);
    assert!(ran.stderr.contains("warning"), "{}", ran.stderr);
    assert!(ran.stderr.contains("testdata/bad/intel_no_usable.csv"), "{}", ran.stderr);
    assert!(ran.stderr.contains("no usable indicator"), "{}", ran.stderr);
    let report = ran.json();
    assert_eq!(report["coverage"]["intel"]["usable"], 0);
    let ignored = report["coverage"]["intel"]["sources"][0]["ignored"].as_array().unwrap();
    let counted: u64 = ignored.iter().map(|reason| reason["count"].as_u64().unwrap()).sum();
    assert_eq!(counted, 3, "{ignored:?}");
}

#[test]
fn a_period_that_ends_before_it_begins() {
    let period = |from, to| Run::demo(&["--from", from, "--to", to]);
    refused(&period("2026-04-01", "2026-03-01"), 2, &["--from", "--to", "swap"]);
    refused(&period("2026-04-01T00:00:00Z", "2026-04-01T00:00:00Z"), 2, &["--from", "--to"]);
    refused(&Run::demo(&["--from", "yesterday"]), 2, &["--from", "yesterday", "2026-07-18T13:00:00Z"]);
    // A bare date in --to includes its day, so one day is a period.
    period("2026-04-01", "2026-04-01").go().expect(0);
}

#[test]
fn an_unknown_hunt_parameter_or_format() {
    refused(
        &Run::new(&["hunt", "tor_exitt"]).and(&DEMO),
        2,
        &["`tor_exitt`", "did you mean `tor_exit`", "--hunts DIR"],
    );
    refused(&Run::demo(&["--param", "role=exit"]), 2, &["tor_exit", "`role`", "tor_role"]);
    refused(&Run::demo(&["--param", "tor_role=exitt"]), 2, &["tor_role", "exitt", "exit, guard or any"]);
    refused(&Run::demo(&["--param", "tor_role"]), 2, &["--param", "NAME=VALUE"]);
    refused(&Run::demo(&["--format", "xml"]), 2, &["xml", "--format", "ndjson"]);
    refused(&Run::demo(&["--formt", "csv"]), 2, &["--formt", "'--format'"]);
    refused(&Run::new(&["hunts", "show", "tor"]), 2, &["`tor`", "tor_exit"]);
}

#[test]
fn inputs_that_were_not_named() {
    refused(&Run::new(&["hunt", "--events"]), 2, &["--events", "value"]);
    refused(&Run::new(&["hunt"]).and(&TOR), 2, &["--events", "for example"]);
    refused(&Run::new(&["hunt"]).and(&EVENTS), 2, &["tor_exit", "--tor", "for example"]);
    refused(&Run::new(&["sql", "SELECT 1"]), 2, &["--events"]);
    let empty = Run::new(&["sql", "SELECT count(*) AS n FROM TorRelays"]).and(&EVENTS).go().expect(0);
    assert_eq!(empty.text(), "{\"n\":0}\n");
    let empty = Run::new(&["sql", "SELECT count(*) AS n FROM ThreatIndicators"]).and(&EVENTS).go().expect(0);
    assert_eq!(empty.text(), "{\"n\":0}\n");
}

/// What people read, all of it in one place.
#[test]
fn the_messages_read_well() {
    let empty = TempDir::new().unwrap();
    let mut runs = vec![hunt_in("no/such/archive"), hunt_in(&empty.path().display().to_string())];
    for name in ["not_parquet", "truncated_footer", "corrupt_page", "zero_bytes", "no_remote_ip", "no_time"] {
        runs.push(hunt_in(&format!("testdata/bad/{name}.parquet")));
    }
    runs.extend(["tor_binary.txt", "tor_empty.txt", "tor_junk.txt"].map(with_tor));
    runs.push(with_intel("intel_unknown.csv"));
    runs.push(Run::demo(&["--from", "2026-04-01", "--to", "2026-03-01"]));
    runs.push(Run::new(&["hunt", "tor_exitt"]).and(&DEMO));
    runs.push(Run::demo(&["--param", "role=exit"]));
    runs.push(Run::demo(&["--format", "xml"]));
    runs.push(Run::demo(&["--output", "testdata"]));
    runs.push(Run::new(&["hunt"]));
    runs.push(Run::new(&["hunt"]).and(&EVENTS));
    let said: Vec<String> = runs.into_iter().map(|run| run.hide(empty.path(), "[empty]").go().transcript()).collect();
    insta::assert_snapshot!("messages", said.join("\n"));
}

/// A remedy follows the cause: behind a semicolon, as an example, as the list of what is known, or as a question.
#[test]
fn every_input_error_names_a_remedy() {
    let empty = TempDir::new().unwrap();
    let mut runs = vec![hunt_in("no/such/archive"), hunt_in(&empty.path().display().to_string())];
    for name in ["not_parquet", "truncated_footer", "corrupt_page", "zero_bytes", "no_remote_ip", "no_time"] {
        runs.push(hunt_in(&format!("testdata/bad/{name}.parquet")));
    }
    runs.extend(["tor_binary.txt", "tor_empty.txt", "tor_junk.txt"].map(with_tor));
    runs.push(with_intel("intel_unknown.csv"));
    let marks = ["; ", "for example", "known are", "?"];
    let silent = |run: &Run| {
        let said = run.go().stderr;
        (!marks.iter().any(|mark| said.contains(mark))).then_some(said)
    };
    let without: Vec<String> = runs.iter().filter_map(silent).collect();
    assert!(without.is_empty(), "these say what is wrong and not what to do:\n{}", without.join(""));
}
