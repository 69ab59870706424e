//! What comes out: the same columns in the same order whatever the form, and beside them the coverage. The events, the
//! options that change a result, and `sql` are below.
#![cfg(test)]

mod options;
mod queries;
mod rows;

use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use bytes::Bytes;
use coldtrail::model::finding::COLUMNS;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Map, Value};
use tempfile::TempDir;

use crate::runner::{DEMO, Ran, Run, read, read_json};

/// Columns whose value is a number in every form that has numbers.
const NUMBERS: [&str; 6] = ["Count", "TI_Confidence", "RiskScore", "DaysActive", "FailedCount", "Connections"];
/// Columns whose value is a list.
const LISTS: [&str; 12] = [
    "Processes",
    "Cmds",
    "Accounts",
    "Ports",
    "HuntingDirectives",
    "RiskFactors",
    "TI_Matches",
    "DeviceIds",
    "LocalPorts",
    "RemoteUrls",
    "ProcessSHA256s",
    "SetsTruncated",
];
const TIMES: [&str; 4] = ["FirstSeen", "LastSeen", "TorSeenFrom", "TorSeenTo"];

/// The report as ndjson: what the other forms are compared with.
fn findings() -> Vec<Value> {
    Run::demo(&["--format", "ndjson"]).go().expect(0).lines()
}

fn of_format(format: &str) -> Ran {
    Run::demo(&["--format", format]).go().expect(0)
}

/// A Parquet file as one batch.
fn batch(bytes: Vec<u8>) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).unwrap();
    let schema = reader.schema().clone();
    let batches: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
    arrow::compute::concat_batches(&schema, &batches).unwrap()
}

/// A batch as JSON objects.
fn objects(batch: &RecordBatch) -> Vec<Value> {
    let mut writer = arrow::json::WriterBuilder::new()
        .with_explicit_nulls(true)
        .build::<_, arrow::json::writer::LineDelimited>(Vec::new());
    writer.write(batch).unwrap();
    writer.finish().unwrap();
    crate::runner::json_lines(std::str::from_utf8(&writer.into_inner()).unwrap())
}

/// A finding with its times as instants, since two JSON writers may print one instant in two ways.
fn settled(mut finding: Value) -> Value {
    settle(&mut finding);
    finding
}

fn settle(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(settle),
        Value::Array(items) => items.iter_mut().for_each(settle),
        Value::String(text) => {
            let zoned = if text.ends_with('Z') { text.clone() } else { format!("{text}Z") };
            if let Ok(time) = zoned.parse::<chrono::DateTime<chrono::Utc>>() {
                *value = Value::from(time.timestamp_micros());
            }
        }
        _ => {}
    }
}

#[test]
fn ndjson_has_every_key_in_order_and_no_null_list() {
    let findings = findings();
    assert_eq!(findings.len(), 18);
    for finding in &findings {
        let keys: Vec<&String> = finding.as_object().unwrap().keys().collect();
        assert_eq!(keys, COLUMNS);
        for list in LISTS {
            assert!(finding[list].is_array(), "{list} is {}", finding[list]);
        }
        for number in NUMBERS.iter().filter(|number| !finding[**number].is_null()) {
            assert!(finding[number].is_number(), "{number} is {}", finding[number]);
        }
        for time in TIMES.iter().filter_map(|time| finding[*time].as_str()) {
            assert!(time.len() == 27 && time.ends_with('Z'), "{time} has no six fraction digits and Z");
        }
        assert_eq!(finding["HuntingDirectives"].as_array().unwrap().len(), 9);
        let points = finding["RiskFactors"].as_array().unwrap().iter().map(|factor| factor["Points"].as_i64().unwrap());
        assert_eq!(points.sum::<i64>(), finding["RiskScore"].as_i64().unwrap(), "{finding}");
    }
    assert!(findings.iter().any(|finding| finding["Processes"] == serde_json::json!([])), "no empty set to look at");
}

#[test]
fn json_is_findings_and_coverage() {
    let report = of_format("json").json();
    let members: Vec<&String> = report.as_object().unwrap().keys().collect();
    assert!(members.iter().any(|member| *member == "coverage"), "{members:?}");
    assert_eq!(report["findings"], Value::from(findings()));
    assert_eq!(report["coverage"]["coverage_version"], 1);
    assert_eq!(report["coverage"]["funnel"]["findings"], 18);
}

#[test]
fn csv_reads_back_as_the_same_findings() {
    let ran = of_format("csv");
    let mut reader = csv::Reader::from_reader(ran.stdout.as_slice());
    assert_eq!(reader.headers().unwrap(), &COLUMNS[..]);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let read: Vec<Value> =
        rows.iter().map(|row| Value::Object(COLUMNS.iter().zip(row).map(cell).collect::<Map<_, _>>())).collect();
    assert_eq!(read, findings());
}

/// An empty cell is null; numbers and lists are JSON; the rest is text.
fn cell((column, cell): (&&str, &str)) -> (String, Value) {
    let value = match cell {
        "" => Value::Null,
        json if NUMBERS.contains(column) || LISTS.contains(column) => serde_json::from_str(json).unwrap(),
        text => Value::from(text),
    };
    ((*column).to_owned(), value)
}

#[test]
fn parquet_reads_back_as_the_same_findings() {
    let batch = batch(of_format("parquet").stdout);
    let schema = batch.schema();
    let names: Vec<&String> = schema.fields().iter().map(|field| field.name()).collect();
    assert_eq!(names, COLUMNS);
    let expected: Vec<Value> = findings().into_iter().map(settled).collect();
    let read: Vec<Value> = objects(&batch).into_iter().map(settled).collect();
    for (want, have) in expected.iter().zip(&read) {
        for column in COLUMNS {
            assert_eq!(have[column], want[column], "{column} of {}", want["FindingId"]);
        }
    }
    assert_eq!(read.len(), expected.len());
}

#[test]
fn parquet_has_the_types_that_are_fixed() {
    let batch = batch(of_format("parquet").stdout);
    for field in batch.schema().fields() {
        let name = field.name().as_str();
        let kind = field.data_type();
        let as_said = match name {
            "TI_Confidence" => *kind == DataType::Float64,
            _ if NUMBERS.contains(&name) => *kind == DataType::Int64,
            _ if TIMES.contains(&name) => {
                matches!(kind, DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, Some(zone)) if ["UTC", "+00:00"].contains(&&**zone))
            }
            "Ports" | "LocalPorts" => matches!(kind, DataType::List(item) if *item.data_type() == DataType::Int64),
            "RiskFactors" | "TI_Matches" | "SetsTruncated" => {
                matches!(kind, DataType::List(item) if matches!(item.data_type(), DataType::Struct(_)))
            }
            _ if LISTS.contains(&name) => matches!(kind, DataType::List(item) if *item.data_type() == DataType::Utf8),
            _ => *kind == DataType::Utf8,
        };
        assert!(as_said, "{name} is {kind}");
    }
}

#[test]
fn markdown_has_every_column_and_finding() {
    let ran = of_format("markdown");
    let head = ran.text().lines().find(|line| line.starts_with("| DeviceName")).unwrap();
    let names: Vec<String> = head.trim_matches('|').split('|').map(|name| name.trim().replace('\\', "")).collect();
    assert_eq!(names, COLUMNS);
    for finding in findings() {
        assert!(ran.text().contains(finding["FindingId"].as_str().unwrap()), "{}", finding["FindingId"]);
    }
}

#[test]
fn the_table_names_every_finding_and_ends_with_funnel_and_coverage() {
    let ran = of_format("table");
    for finding in findings() {
        assert!(ran.text().contains(finding["FindingId"].as_str().unwrap()), "{}", finding["FindingId"]);
    }
    let order = [
        "events in the files",
        "in the period",
        "on the Tor list",
        "after de-duplication",
        "findings  ",
        "days missing",
    ];
    let places: Vec<usize> =
        order.iter().map(|step| ran.text().find(step).unwrap_or_else(|| panic!("no {step:?}"))).collect();
    assert!(places.is_sorted(), "{order:?} at {places:?}");
    assert_eq!(ran.stderr, "", "what the table says is not said twice");
}

#[test]
fn every_format_writes_the_same_coverage() {
    let folder = TempDir::new().unwrap();
    let mut first = None;
    for format in ["table", "ndjson", "json", "csv", "parquet", "markdown"] {
        let file = folder.path().join(format!("{format}-coverage.json"));
        let ran = Run::demo(&["--format", format]).path("--coverage", &file).go().expect(0);
        let coverage = read_json(&file);
        if format == "json" {
            assert_eq!(ran.json()["coverage"], coverage);
        }
        if format != "table" {
            assert!(
                ran.stderr.contains("2,993") && ran.stderr.contains("2026-03-24"),
                "no summary on stderr: {}",
                ran.stderr
            );
        }
        assert_eq!(&coverage, first.get_or_insert_with(|| coverage.clone()), "{format}");
    }
}

#[test]
fn a_file_holds_what_stdout_would() {
    let folder = TempDir::new().unwrap();
    for (name, format) in [
        ("a.json", "json"),
        ("a.csv", "csv"),
        ("a.parquet", "parquet"),
        ("a.md", "markdown"),
        ("a.txt", "table"),
        ("a.ndjson", "ndjson"),
    ] {
        let file = folder.path().join(name);
        let ran = Run::demo(&[]).path("--output", &file).go().expect(0);
        assert!(ran.stdout.is_empty(), "{name}: {}", ran.text());
        assert!(std::fs::read(&file).unwrap() == of_format(format).stdout, "{name} is not the {format} report");
    }
    // What is asked for beats the ending.
    let file = folder.path().join("b.json");
    Run::demo(&["--format", "csv"]).path("--output", &file).go().expect(0);
    assert!(read(&file).starts_with("DeviceName,"));
}

#[test]
fn the_other_hunt_has_the_same_words_in_the_same_order() {
    let run = Run::new(&["hunt", "intel_ip"]).and(&DEMO).and(&["--format", "csv"]);
    let ran = run.go().expect(0);
    let head: Vec<&str> = ran.text().lines().next().unwrap().split(',').collect();
    let ours: Vec<&str> = COLUMNS.into_iter().filter(|column| !column.starts_with("Tor")).collect();
    assert_eq!(head, ours);
}
