//! What came from telemetry and feeds is hostile: no form that a person opens may carry a terminal escape, a spreadsheet
//! formula or Markdown of the attacker's, and no form that a program reads may change a byte of it.
#![cfg(test)]

use std::fs::File;

use arrow::array::{Array as _, AsArray as _};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use tempfile::TempDir;

use crate::runner::{Run, json_lines, read, read_json, root};

const EVENTS: &str = "testdata/bad/hostile.parquet";

fn hunt(more: &[&str]) -> Run {
    let inputs = ["--events", EVENTS, "--tor", "testdata/bad/hostile_tor.txt", "--tor-as-of", "2026-03-01"];
    Run::new(&["hunt", "--intel", "testdata/bad/hostile_intel.csv"]).and(&inputs).and(more)
}

/// The first event's own text, read without the program's help.
fn told(column: &str) -> String {
    let file = File::open(root().join(EVENTS)).unwrap();
    let batch = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap().next().unwrap().unwrap();
    let column =
        arrow::compute::cast(batch.column_by_name(column).unwrap(), &arrow::datatypes::DataType::Utf8).unwrap();
    assert_eq!(column.len(), 2);
    column.as_string::<i32>().value(0).to_owned()
}

/// Characters that drive a terminal or turn text around: ESC and its kin, C1, bidirectional controls.
fn drives(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

#[track_caller]
fn harmless(what: &str, text: &str) {
    let found: Vec<char> = text.chars().filter(|c| drives(*c)).collect();
    assert!(found.is_empty(), "{what} carries {found:?}:\n{}", text.escape_debug());
}

/// The columns of an event and of a finding that hold the same text.
const SAME: [(&str, &str); 4] = [
    ("InitiatingProcessFileName", "Processes"),
    ("InitiatingProcessCommandLine", "Cmds"),
    ("InitiatingProcessAccountName", "Accounts"),
    ("RemoteUrl", "RemoteUrls"),
];

#[track_caller]
fn unchanged(finding: &Value) {
    assert_eq!(finding["DeviceName"], told("DeviceName"));
    for (event, set) in SAME {
        assert_eq!(finding[set], serde_json::json!([told(event)]), "{set}");
    }
    assert_eq!(finding["Count"], 2);
    let attack = "=HYPERLINK(\"http://evil.example\",\"C2\") | [c2](javascript:alert(1)) \u{1b}[31m";
    assert_eq!(finding["TI_Type"], attack);
    assert_eq!(finding["TI_Matches"][0]["Tags"], "\u{1b}]8;;https://evil.example/\u{7}tag\u{1b}]8;;\u{7}");
}

#[test]
fn the_fixture_still_attacks() {
    assert!(told("DeviceName").contains('\u{1b}') && told("DeviceName").contains('\u{202e}'));
    let command = told("InitiatingProcessCommandLine");
    assert!(
        command.starts_with('=')
            && command.contains("](javascript:")
            && command.contains('\u{9b}')
            && command.contains('\n')
    );
    assert!(
        told("InitiatingProcessAccountName").starts_with('+') && told("InitiatingProcessFileName").starts_with('@')
    );
    assert!(told("RemoteUrl").starts_with('-'));
}

#[test]
fn nothing_that_people_read_drives_their_terminal() {
    for format in ["table", "markdown", "csv", "ndjson", "json"] {
        for columns in [40, 80, 200] {
            let ran = hunt(&["--format", format]).columns(columns).go().expect(0);
            harmless(format, ran.text());
            harmless("stderr", &ran.stderr);
        }
    }
    let parquet = hunt(&["--format", "parquet"]).go().expect(0);
    harmless("stderr", &parquet.stderr);
}

#[test]
fn a_table_in_colour_has_only_colours() {
    let ran = hunt(&["--format", "table", "--color", "always"]).go().expect(0);
    let mut rest = ran.text();
    let mut colours = 0;
    while let Some(at) = rest.find('\u{1b}') {
        let code = rest[at + 1..].strip_prefix('[').and_then(|code| code.split_once('m')).map(|(code, _)| code);
        let code = code.unwrap_or_else(|| panic!("an escape that is no colour: {}", rest[at..].escape_debug()));
        assert!(code.bytes().all(|b| b.is_ascii_digit() || b == b';'), "{code:?}");
        rest = &rest[at + 1..];
        colours += 1;
    }
    assert!(colours > 0, "no colour at all");
    harmless("table", &ran.text().replace('\u{1b}', ""));
}

#[test]
fn no_cell_of_a_csv_is_a_formula() {
    let folder = TempDir::new().unwrap();
    let rows = folder.path().join("rows.csv");
    let report = hunt(&["--format", "csv"]).path("--rows", &rows).go().expect(0);
    for (what, text, lines) in [("--format csv", report.text().to_owned(), 1), ("--rows", read(&rows), 2)] {
        harmless(what, &text);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), lines, "{what}: a line break in a cell must not make a record");
        for cell in records.iter().flat_map(csv::StringRecord::iter) {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{what}: {cell:?}");
        }
    }
}

#[test]
fn markdown_has_no_pipe_link_or_tag_of_theirs() {
    let ran = hunt(&["--format", "markdown"]).go().expect(0);
    let text = ran.text();
    for mark in ["<script", "://", "www.", "<a"] {
        assert!(!text.contains(mark), "{mark} in\n{text}");
    }
    for mark in ["](", "[x", "[c2", "`"] {
        let bare = text.match_indices(mark).find(|(at, _)| !text[..*at].ends_with('\\'));
        assert_eq!(bare, None, "a {mark} that is not escaped in\n{text}");
    }
    // Every row of the findings' table has as many cells as its head: a pipe of theirs would add one.
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let table: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.starts_with("| DeviceName"))
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert_eq!(table.len(), 3, "head, rule and one finding:\n{text}");
    assert!(table.iter().all(|line| cells(line) == cells(table[0])), "{text}");
    for line in text.lines() {
        assert!(!line.starts_with("FINDINGS") && !line.starts_with("| a "), "a line of theirs: {line}");
    }
}

#[test]
fn the_table_has_no_line_of_theirs() {
    let ran = hunt(&["--format", "table"]).go().expect(0);
    assert!(!ran.text().lines().any(|line| line.trim_start().starts_with("FINDINGS: 0")), "{}", ran.text());
}

#[test]
fn what_programs_read_is_unchanged() {
    let lines = hunt(&["--format", "ndjson"]).go().expect(0).lines();
    assert_eq!(lines.len(), 1, "one finding is one line");
    unchanged(&lines[0]);
    let report = hunt(&["--format", "json"]).go().expect(0).json();
    unchanged(&report["findings"][0]);
}

#[test]
fn parquet_is_unchanged() {
    let ran = hunt(&["--format", "parquet"]).go().expect(0);
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(ran.stdout)).unwrap().build().unwrap();
    let batches: Vec<_> = reader.map(Result::unwrap).collect();
    let batch = &batches[0];
    assert_eq!(batch.column_by_name("DeviceName").unwrap().as_string::<i32>().value(0), told("DeviceName"));
    for (event, set) in SAME {
        let values = batch.column_by_name(set).unwrap().as_list::<i32>().value(0);
        assert_eq!(values.as_string::<i32>().value(0), told(event), "{set}");
    }
}

#[test]
fn the_events_themselves_are_unchanged() {
    let folder = TempDir::new().unwrap();
    let rows = folder.path().join("rows.ndjson");
    hunt(&[]).path("--rows", &rows).go().expect(0);
    let text = read(&rows);
    harmless("--rows", &text);
    let events = json_lines(&text);
    assert_eq!(events.len(), 2);
    for column in ["DeviceName", "RemoteUrl"].iter().chain(SAME.iter().map(|(event, _)| event)) {
        assert_eq!(events[0][column], told(column), "{column}");
    }
}

#[test]
fn the_coverage_of_hostile_lists_is_harmless_json() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("coverage.json");
    hunt(&[]).path("--coverage", &file).go().expect(0);
    harmless("--coverage", &read(&file));
    let coverage = read_json(&file);
    assert_eq!(coverage["tor"]["sources"][0]["refused"][0]["count"], 1);
    assert_eq!(coverage["intel"]["sources"][0]["ignored"][0]["count"], 1);
    assert!(coverage["tor"]["sources"][0]["refused_examples"][0].as_str().unwrap().contains("not-an-address"));
}

/// A file name, a hunt's id and a query are typed by somebody else too, as in a ticket that is pasted.
#[test]
fn an_error_that_repeats_what_was_typed_is_harmless() {
    let attack = "x\u{1b}[2J\u{202e}y";
    for run in [
        Run::new(&["hunt", "--tor", "testdata/demo/tor-history", "--events", attack]),
        Run::new(&["hunt", "--events", "testdata/demo/events", "--tor", attack]),
        Run::new(&["hunt", attack, "--events", "testdata/demo/events"]),
        Run::new(&[
            "sql",
            &format!("SELECT \"{attack}\" FROM DeviceNetworkEvents"),
            "--events",
            "testdata/demo/events",
        ]),
        Run::new(&["hunt", "--format", attack]),
        Run::new(&["hunt", "--from", attack]),
    ] {
        let ran = run.go();
        assert!(matches!(ran.code, Some(2 | 3)), "{ran:?}");
        harmless("stderr", &ran.stderr);
    }
}
