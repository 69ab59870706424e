//! What is merged is read back as it was, and a merged file that something else wrote is checked.

use super::super::fixture::{Folder, ignored};
use super::*;
use crate::model::OnBadInput;

fn feed() -> Folder {
    let folder = Folder::new();
    folder.write(
        "feed.json",
        r#"[{"Indicator":"192.0.2.1","Confidence":85,"ThreatType":"C2","TLP":"red","Tags":["a","b"],"Id":"7"},
            {"Indicator":"2001:db8::/32","ValidFrom":"2026-01-01","ValidUntil":"2026-02-01","Name":"wide"},
            {"Indicator":"Bücher.example","Source":"lab"},
            {"Indicator":"https://evil.example/x"}]"#,
    );
    folder.write(
        "bundle.json",
        r#"{"type":"bundle","objects":[
            {"type":"indicator","id":"indicator--1","revoked":true,"valid_until":"2026-03-01T00:00:00Z","pattern_type":"stix",
             "pattern":"[network-traffic:dst_ref.value = '198.51.100.9' AND network-traffic:dst_port = 8443]"},
            {"type":"indicator","id":"indicator--2","pattern_type":"stix",
             "pattern":"[domain-name:value = 'two.example' AND domain-name:resolves_to_refs[*].value = '192.0.2.77']"}]}"#,
    );
    folder
}

fn merged(folder: &Folder) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&folder.load(&["feed.json", "bundle.json"], OnBadInput::Fail).unwrap(), &mut bytes).unwrap();
    bytes
}

#[test]
fn a_merged_file_is_the_same_table_and_the_same_bytes() {
    let folder = feed();
    let table = folder.load(&["feed.json", "bundle.json"], OnBadInput::Fail).unwrap();
    let bytes = merged(&folder);
    assert_eq!(bytes, merged(&folder));
    folder.write("merged.parquet", &bytes);
    let again = folder.read("merged.parquet");
    assert!(table.indicators.iter().eq(again.indicators.iter()));
    assert_eq!(again.indicators.len(), 6);
    let facts = &again.facts[0];
    assert_eq!((facts.format.as_str(), facts.records, facts.domains, facts.urls), ("merged indicators", 6, 2, 1));
    assert!(ignored(facts).is_empty());
    // A merged file beside its own sources adds nothing.
    let both = folder.load(&["feed.json", "bundle.json", "merged.parquet"], OnBadInput::Fail).unwrap();
    assert_eq!(both.indicators.len(), 6);
}

#[test]
fn an_empty_table_is_a_file_too() {
    let folder = Folder::with("Indicator\n");
    let mut bytes = Vec::new();
    write(&folder.read("feed"), &mut bytes).unwrap();
    folder.write("merged.parquet", &bytes);
    assert!(folder.read("merged.parquet").indicators.is_empty());
}

#[test]
fn rows_that_would_match_too_much_are_refused() {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, RecordBatch, StringArray};
    use parquet::arrow::ArrowWriter;
    use parquet::file::metadata::KeyValue;
    use parquet::file::properties::WriterProperties;

    let rows = [
        ["ok", "address", "192.0.2.1", "", ""],
        ["wide", "prefix", "0.0.0.0/0", "", ""],
        ["private", "address", "10.0.0.1", "", ""],
        ["broken", "address", "x", "", ""],
        ["kind", "mutex", "192.0.2.1", "", ""],
        ["top", "domain", "", "example", ""],
        ["case", "domain", "", "Evil.example", ""],
        ["url", "url", "", "evil.example", ""],
        ["also", "domain", "", "evil.example", "x"],
    ];
    let column = |at: usize| -> ArrayRef {
        Arc::new(rows.iter().map(|row| Some(row[at]).filter(|text| !text.is_empty())).collect::<StringArray>())
    };
    let names = ["TI_Indicator", "Kind", "Prefix", "Target", "Also"];
    let batch =
        RecordBatch::try_from_iter_with_nullable(names.iter().enumerate().map(|(at, name)| (*name, column(at), true)));
    let batch = batch.unwrap();
    let key = KeyValue::new(KEY.to_owned(), "{}".to_owned());
    let properties = WriterProperties::builder().set_key_value_metadata(Some(vec![key])).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let folder = Folder::new();
    folder.write("forged.parquet", &bytes);
    let table = folder.read("forged.parquet");
    let kept: Vec<&str> = table.indicators.iter().map(|one| one.value).collect();
    assert_eq!(kept, ["ok"]);
    assert_eq!(table.facts[0].ignored.iter().map(|counted| counted.count).sum::<u64>(), 8);
    // A file without its state columns is not taken to be in use for ever.
    assert_eq!(table.indicators.get(0).unwrap().state, crate::model::indicator::State::Retired);
    // Cut off anywhere, it is an error of the file.
    folder.write("cut.parquet", bytes.get(..bytes.len() / 2).unwrap());
    assert!(folder.error("cut.parquet").contains("Parquet"));
}
