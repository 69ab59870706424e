//! `sql` over the same tables, and `hunts check`: the exit codes, and errors that say where they are.

use std::fs;

use tempfile::TempDir;

use super::{DEMO, batch};
use crate::runner::{Ran, Run, read, root};

fn sql(query: &str) -> Run {
    Run::new(&["sql", query]).and(&DEMO)
}

#[track_caller]
fn refused(query: &str, words: &[&str]) -> Ran {
    let ran = sql(query).go().expect(2);
    assert!(ran.stdout.is_empty() && ran.stderr.starts_with("error: "), "{}", ran.stderr);
    for word in words {
        assert!(ran.stderr.contains(word), "no {word:?} in: {}", ran.stderr);
    }
    ran
}

#[test]
fn a_query_answers_in_every_format() {
    let query = "SELECT DeviceName, count(*) AS n FROM DeviceNetworkEvents WHERE RemoteIP = '198.51.100.23' \
                 GROUP BY DeviceName ORDER BY n DESC, DeviceName LIMIT 2";
    let of = |format| sql(query).and(&["--format", format]).go().expect(0);
    assert_eq!(of("ndjson").lines().len(), 2);
    let lines = of("ndjson").lines();
    assert_eq!(lines[0]["DeviceName"], "wks-sales-03.larchfield.example");
    assert_eq!(of("csv").text().lines().next(), Some("DeviceName,n"));
    assert_eq!(of("csv").text().lines().count(), 3);
    assert_eq!(batch(of("parquet").stdout).num_rows(), 2);
    for format in ["table", "markdown"] {
        let ran = of(format);
        assert!(
            ran.text().contains("wks-sales-03.larchfield.example") && ran.text().contains("DeviceName"),
            "{}",
            ran.text()
        );
    }
    let json = of("json").json();
    let rows = json.as_object().unwrap().iter().find(|(member, _)| *member != "coverage").map(|(_, rows)| rows.clone());
    assert_eq!(rows.unwrap(), serde_json::Value::from(lines));
    assert_eq!(json["coverage"]["funnel"]["events_in_files"], 2993);
}

#[test]
fn the_three_tables_are_there() {
    for (table, count) in [("DeviceNetworkEvents", 2993), ("TorRelays", 92), ("ThreatIndicators", 21)] {
        let ran = sql(&format!("SELECT count(*) AS n FROM {table}")).go().expect(0);
        assert_eq!(ran.lines()[0]["n"], count, "{table}");
    }
    // A period is the table's too.
    let ran = sql("SELECT min(Timestamp) AS t FROM DeviceNetworkEvents").and(&["--from", "2026-04-07"]).go().expect(0);
    assert!(ran.lines()[0]["t"].as_str().unwrap().starts_with("2026-04-07T"), "{}", ran.text());
}

#[test]
fn a_typo_is_found_by_line_and_column() {
    refused("SELECT DeviceName,\n  RemoteIp FROM DeviceNetworkEvents", &["query:2:3", "'RemoteIp'"]);
    refused("SELECT\n  caunt(RemoteIP) FROM DeviceNetworkEvents", &["query:2:3", "caunt"]);
    refused("SELECT 1 FROM DeviceNetworkEvent", &["query:1:15", "'DeviceNetworkEvent'"]);
    refused("SELEC 1", &["query:1:1", "SELEC"]);
}

#[test]
fn a_query_only_reads() {
    let folder = TempDir::new().unwrap();
    let target = folder.path().join("copy.parquet");
    for query in [
        "DROP TABLE DeviceNetworkEvents",
        "CREATE TABLE t AS SELECT 1",
        "CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION '/'",
        "CREATE VIEW v AS SELECT 1",
        "INSERT INTO TorRelays SELECT * FROM TorRelays",
        "DELETE FROM TorRelays",
        &format!("COPY (SELECT 1) TO '{}'", target.display()),
        "SET datafusion.execution.batch_size = 1",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE TorRelays",
    ] {
        refused(query, &[]);
    }
    assert!(!target.exists());
    // Nor does it read files that were not named as inputs.
    refused("SELECT * FROM 'testdata/demo/tor-history/2026-03-20T00-00-00Z.txt'", &[]);
    assert_eq!(Run::new(&["sql", ""]).and(&DEMO).go().code, Some(2));
}

#[test]
fn a_query_has_the_exit_codes_of_a_hunt() {
    let count = "SELECT count(*) AS n FROM DeviceNetworkEvents";
    let bad =
        Run::new(&["sql", count, "--events", "testdata/demo/events", "--events", "testdata/bad/zero_bytes.parquet"]);
    let ran = bad.go().expect(3);
    assert!(ran.stderr.contains("testdata/bad/zero_bytes.parquet"), "{}", ran.stderr);
    let ran = bad.and(&["--on-bad-input", "skip"]).go().expect(4);
    assert_eq!(ran.lines()[0]["n"], 2993);
    sql("SELECT 'CRITICAL' AS RiskLevel").and(&["--fail-on", "high"]).go().expect(1);
}

/// Good and broken hunts in one folder: a text with one thing changed.
#[test]
fn check_finds_every_broken_hunt_and_where() {
    let folder = TempDir::new().unwrap();
    let good = read("sql/intel_ip.sql");
    let save = |id: &str, from: &str, to: &str| {
        let text = good.replacen("-- id: intel_ip", &format!("-- id: {id}"), 1).replacen(from, to, 1);
        assert!(from.is_empty() || good.contains(from), "{from} is not in the hunt");
        fs::write(folder.path().join(format!("{id}.sql")), &text).unwrap();
        text
    };
    save("good", "", "");
    save("unknown_key", "-- severity:", "-- severety:");
    save("duplicate_key", "-- author: ", "-- status: test\n-- author: ");
    save("missing_key", "-- author: coldtrail\n", "");
    let typo = save("typo_column", "min(Timestamp) AS FirstSeen", "min(Timestmp) AS FirstSeen");
    save("typo_function", "make_set(DeviceId)", "make_zet(DeviceId)");
    let ran = Run::new(&["hunts", "check"]).and(&[&folder.path().display().to_string()]).go().expect(2);
    let line = typo.lines().position(|line| line.contains("Timestmp")).unwrap() + 1;
    let column = typo.lines().nth(line - 1).unwrap().find("Timestmp").unwrap() + 1;
    for place in [
        "unknown_key.sql:",
        "duplicate_key.sql:",
        "missing_key.sql:",
        &format!("typo_column.sql:{line}:{column}"),
        "typo_function.sql:",
    ] {
        let said = ran
            .stderr
            .lines()
            .find(|said| said.contains(place))
            .unwrap_or_else(|| panic!("no {place} in {}", ran.stderr));
        let after = &said[said.find(place).unwrap() + place.len()..];
        assert!(
            place.ends_with(char::is_numeric) || after.starts_with(|c: char| c.is_ascii_digit()),
            "no line in: {said}"
        );
    }
    assert!(ran.stderr.contains("severety") && ran.stderr.contains("make_zet"), "{}", ran.stderr);
    assert!(ran.text().contains("ok  good") && !ran.text().contains("typo"), "{}", ran.text());
}

#[test]
fn check_passes_the_hunts_that_are_built_in() {
    let ran = Run::new(&["hunts", "check"]).go().expect(0);
    assert!(
        ran.text().contains("tor_exit") && ran.text().contains("intel_ip") && ran.stderr.is_empty(),
        "{}",
        ran.text()
    );
    Run::new(&["hunts", "check", "no/such/folder"]).go().expect(2);
    assert!(root().join("sql/tor_exit.sql").is_file());
    Run::new(&["hunts", "check", "sql/tor_exit.sql"]).go().expect(0);
}

#[test]
fn a_hunt_of_the_users_own_runs() {
    let folder = TempDir::new().unwrap();
    let text = read("sql/intel_ip.sql").replacen("-- id: intel_ip", "-- id: mine", 1).replace("'intel_ip'", "'mine'");
    fs::write(folder.path().join("mine.sql"), text).unwrap();
    let theirs = Run::new(&["hunt", "intel_ip"]).and(&DEMO).go().expect(0).lines();
    let mine = Run::new(&["hunt", "mine"]).and(&DEMO).path("--hunts", folder.path()).go().expect(0).lines();
    assert_eq!(mine.len(), theirs.len());
    assert!(mine.len() > 5);
    assert_ne!(mine[0]["FindingId"], theirs[0]["FindingId"], "an id is of one hunt");
    let list = Run::new(&["hunts", "list"]).path("--hunts", folder.path()).go().expect(0);
    assert!(list.text().contains("mine"), "{}", list.text());
}
