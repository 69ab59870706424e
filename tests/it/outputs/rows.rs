//! `--rows`: the matched events themselves, with nothing of them lost, each led back to its finding and its file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use tempfile::TempDir;

use super::{batch, findings, objects};
use crate::runner::{Run, files_below, json_lines, read, root};

/// The events in one of the forms, as text of each column.
fn rows(name: &str, more: &[&str]) -> Vec<BTreeMap<String, String>> {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join(name);
    Run::demo(more).path("--rows", &file).go().expect(0);
    let objects = match name.rsplit_once('.').unwrap().1 {
        "csv" => return of_csv(&file),
        "parquet" => objects(&batch(std::fs::read(&file).unwrap())),
        _ => json_lines(&read(&file)),
    };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let told = |(name, value): (&String, &Value)| (!value.is_null()).then(|| (name.clone(), text(value)));
    objects.iter().map(|object| object.as_object().unwrap().iter().filter_map(told).collect()).collect()
}

fn of_csv(file: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    let head = reader.headers().unwrap().clone();
    let told = |row: csv::StringRecord| {
        let cells = head.iter().zip(row.iter()).filter(|(_, cell)| !cell.is_empty());
        cells.map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
    };
    reader.records().map(|row| told(row.unwrap())).collect()
}

#[test]
fn each_form_leads_every_event_to_its_finding_and_its_file() {
    let expected: BTreeMap<String, u64> = findings()
        .iter()
        .map(|finding| (finding["FindingId"].as_str().unwrap().to_owned(), finding["Count"].as_u64().unwrap()))
        .collect();
    for name in ["rows.parquet", "rows.csv", "rows.ndjson", "rows.jsonl"] {
        let rows = rows(name, &[]);
        assert_eq!(rows.len(), 53, "{name}");
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for row in &rows {
            *counts.entry(row["FindingId"].clone()).or_default() += 1;
            assert!(root().join(&row["SourceFile"]).is_file(), "{name}: {}", row["SourceFile"]);
        }
        assert_eq!(counts, expected, "{name}");
    }
}

#[test]
fn the_forms_say_the_same() {
    let (parquet, csv, ndjson) = (rows("a.parquet", &[]), rows("a.csv", &[]), rows("a.ndjson", &[]));
    // Text in a CSV is made harmless, and times of two writers may differ in zeros: these columns are alike in all.
    for column in
        ["DeviceName", "RemoteIP", "RemoteIPRaw", "RemotePort", "ActionType", "ReportId", "FindingId", "SourceFile"]
    {
        for ((parquet, csv), ndjson) in parquet.iter().zip(&csv).zip(&ndjson) {
            assert_eq!(parquet.get(column), ndjson.get(column), "{column}");
            assert_eq!(csv.get(column), ndjson.get(column), "{column}");
        }
    }
}

/// The columns of all the archive's files, by a reading of its own.
#[test]
fn no_column_of_the_source_is_lost() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("rows.parquet");
    Run::demo(&[]).path("--rows", &file).go().expect(0);
    let written = batch(std::fs::read(&file).unwrap());
    let kept: BTreeSet<String> = written.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut missing = BTreeSet::new();
    for file in files_below(&root().join("testdata/demo/events")) {
        if file.extension().is_none_or(|ending| ending != "parquet") {
            continue;
        }
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&file).unwrap()).unwrap();
        let names = reader.schema().fields().iter().map(|field| field.name().clone());
        missing.extend(names.filter(|name| !kept.contains(name)));
    }
    assert_eq!(missing, BTreeSet::new(), "columns of the archive that --rows leaves out");
}

/// Values of columns that the hunt itself never looks at.
#[test]
fn what_only_some_files_have_keeps_its_values() {
    let rows = rows("rows.ndjson", &[]);
    let later: Vec<_> = rows.iter().filter(|row| row["SourceFile"].contains("2026-04-01")).collect();
    assert!(!later.is_empty());
    for row in later {
        for column in ["TenantId", "SourceSystem", "TimeGenerated"] {
            assert!(row.contains_key(column), "no {column} in {row:?}");
        }
    }
    // A struct in the file is JSON text here, with the members that have a value.
    let aggregated = |row: &&BTreeMap<String, String>| {
        row["ActionType"].ends_with("AggregatedReport") && row["SourceFile"].contains("2026-04-01")
    };
    let aggregated = rows.iter().find(aggregated).unwrap();
    assert_eq!(aggregated["AdditionalFields"], "{\"uniqueEventsAggregated\":12}");
    // The address as it was written stands beside the canonical one.
    let mapped: BTreeSet<&str> =
        rows.iter().filter(|row| row["RemoteIP"] == "198.51.100.160").map(|row| row["RemoteIPRaw"].as_str()).collect();
    assert_eq!(mapped.len(), 3, "{mapped:?}");
}

#[test]
fn copies_are_rows_only_when_they_are_kept() {
    assert_eq!(rows("rows.csv", &["--keep-duplicates"]).len(), 57);
}

/// An exclusion acts on findings, never on the evidence.
#[test]
fn events_of_an_excluded_finding_stay() {
    assert_eq!(rows("rows.csv", &["--exclude", "testdata/demo/exclude.csv"]).len(), 53);
}

#[test]
fn a_hunt_without_findings_writes_a_file_without_rows() {
    let period = ["--from", "2026-04-03T23:00:00Z", "--to", "2026-04-03T23:00:01Z"];
    for name in ["rows.parquet", "rows.csv", "rows.ndjson"] {
        assert_eq!(rows(name, &period).len(), 0, "{name}");
    }
}
