//! `coldtrail bench`, as users run it.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::runner::Run;

#[test]
fn generated_data_is_compared_by_every_strategy() {
    let folder = TempDir::new().unwrap();
    let bench =
        ["bench", "--rows", "6000", "--repeat", "1", "--json", "b.json", "--chart", "b.svg", "--format", "table"];
    let ran = Run::new(&bench).inside(folder.path()).go().expect(0);
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("b.json")).unwrap()).unwrap();
    let rows = report["strategies"].as_array().unwrap();
    let names: Vec<&str> = rows.iter().map(|row| row["strategy"].as_str().unwrap()).collect();
    let all = [
        "auto",
        "in-list",
        "semi-join",
        "semi-join-static",
        "sort-merge",
        "set-function",
        "dictionary",
        "id-scan",
        "index",
    ];
    assert_eq!(names, all);
    for row in rows {
        assert_eq!((&row["not_run"], &row["same_result"]), (&Value::Null, &Value::Bool(true)), "{row}");
        assert!(row["median_seconds"].as_f64().unwrap() > 0.0 && row["findings"].as_u64().unwrap() > 0, "{row}");
    }
    // A join looks at every row, also where its own filter drops most of them.
    for join in &rows[1..5] {
        assert!(join["rows_decoded"].as_u64().unwrap() >= 6_000, "{join}");
    }
    let table = ran.text();
    assert!(all.iter().all(|name| table.contains(name)) && !table.contains(" NO"), "{table}");
    assert!(fs::read_to_string(folder.path().join("b.svg")).unwrap().contains("semi-join-static"));
}

#[test]
fn what_cannot_be_compared_is_told() {
    let folder = TempDir::new().unwrap();
    let made = ["generate", "--output", "g", "--rows", "2000", "--days", "2", "--quiet"];
    Run::new(&made).inside(folder.path()).go().expect(0);
    fs::write(folder.path().join("prefixes.txt"), "192.0.2.0/24\n").unwrap();
    let bench =
        ["bench", "--events", "g/events", "--tor", "prefixes.txt", "--repeat", "1", "--strategies", "semi-join,auto"];
    let ran = Run::new(&bench).inside(folder.path()).go().expect(0);
    let report: Value = serde_json::from_str(ran.text()).unwrap();
    let why = report["strategies"][0]["not_run"].as_str().unwrap();
    assert!(why.contains("compares exact addresses, and the lists hold prefixes such as 192.0.2.0/24"), "{why}");
    assert_eq!(report["strategies"][1]["same_result"], true);

    let told = Run::new(&["bench", "--tor", "prefixes.txt"]).inside(folder.path()).go().expect(2);
    assert!(told.stderr.contains("lists without telemetry"), "{}", told.stderr);
    let told = Run::new(&["bench", "--events", "g/events"]).inside(folder.path()).go().expect(2);
    assert!(told.stderr.contains("--tor"), "{}", told.stderr);
    let told = Run::new(&["bench", "--strategies", "fastest"]).inside(folder.path()).go().expect(2);
    assert!(told.stderr.contains("fastest"), "{}", told.stderr);
}
