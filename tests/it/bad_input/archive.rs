//! One bad file among many: by default the run ends and says which; asked to skip, it reads the rest whole, says what it
//! left out, and ends with 4.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use tempfile::TempDir;

use super::{TOR, refused};
use crate::runner::{Run, copy_tree, read_json};

/// Where the bad file lies: the day that the demo misses.
const BAD: &str = "events/date=2026-03-24/part-0.parquet";

/// The demo's archive with one file more.
fn archive_with(bad: &[u8]) -> TempDir {
    let folder = TempDir::new().unwrap();
    copy_tree("testdata/demo/events", &folder.path().join("events"));
    let file = folder.path().join(BAD);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, bad).unwrap();
    folder
}

fn hunt_in(folder: &Path) -> Run {
    Run::new(&["hunt", "--intel", "testdata/demo/intel"]).and(&TOR).path("--events", &folder.join("events"))
}

/// Fails by default; skipped, the findings are those of the archive without the file.
fn both_ways(bad: &[u8]) {
    let folder = archive_with(bad);
    let path = folder.path().join(BAD).display().to_string();
    refused(&hunt_in(folder.path()), 3, &[&path, "--on-bad-input skip"]);

    let (coverage, rows) = (folder.path().join("coverage.json"), folder.path().join("rows.ndjson"));
    let skip = hunt_in(folder.path()).and(&["--on-bad-input", "skip"]);
    let ran = skip.clone().path("--coverage", &coverage).path("--rows", &rows).go().expect(4);
    let whole = Run::demo(&[]).go().expect(0);
    assert_eq!(ran.text(), whole.text(), "the rest is not complete, or the bad file added to it");
    assert_eq!(fs::read_to_string(rows).unwrap().lines().count(), 53);
    let files = &read_json(&coverage)["files"];
    assert_eq!(files["skipped"].as_array().unwrap().len(), 1);
    assert_eq!(files["skipped"][0]["path"], path.as_str());
    assert!(!files["skipped"][0]["reason"].as_str().unwrap().is_empty());
    assert_eq!((files["found"].as_u64(), files["read"].as_u64()), (Some(33), Some(32)));
    assert!(ran.stderr.contains("skipped"), "stderr does not say that a file was left out: {}", ran.stderr);

    let table = skip.and(&["--format", "table"]).columns(200).go().expect(4);
    assert!(table.text().contains("skipped") && table.text().contains(BAD), "{}", table.text());
}

#[test]
fn a_footer_that_cannot_be_read() {
    for name in ["truncated_footer", "not_parquet", "zero_bytes"] {
        both_ways(&fs::read(crate::runner::root().join(format!("testdata/bad/{name}.parquet"))).unwrap());
    }
}

#[test]
fn a_page_that_cannot_be_read() {
    both_ways(&fs::read(crate::runner::root().join("testdata/bad/corrupt_page.parquet")).unwrap());
}

/// Row groups that could be read come before the one that cannot: the file still counts whole or not at all.
#[test]
fn a_page_that_cannot_be_read_after_many_that_can() {
    both_ways(&late_fault());
}

#[test]
fn rows_before_the_fault_would_have_been_findings() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("events")).unwrap();
    fs::write(folder.path().join("events/good.parquet"), three_groups()).unwrap();
    let found = hunt_in(folder.path()).go().expect(0).lines();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["Count"], 60);
}

/// Three row groups of twenty rows, each on a listed address.
fn three_groups() -> Vec<u8> {
    let text =
        |value: &dyn Fn(usize) -> String| -> ArrayRef { Arc::new(StringArray::from_iter_values((0..60).map(value))) };
    let columns = [
        ("Timestamp", text(&|row| format!("2026-03-24T10:00:{row:02}Z"))),
        ("DeviceName", text(&|_| "wks-damaged".to_owned())),
        ("RemoteIP", text(&|_| "198.51.100.23".to_owned())),
        ("InitiatingProcessFileName", text(&|row| format!("program-{row}.exe"))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_dictionary_enabled(false)
        .set_max_row_group_row_count(Some(20))
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

/// The same with the last group's process names overwritten.
fn late_fault() -> Vec<u8> {
    let mut bytes = three_groups();
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes.clone())).unwrap();
    assert_eq!(reader.num_row_groups(), 3);
    let column = reader.metadata().row_group(2).column(3).clone();
    let start = usize::try_from(column.data_page_offset()).unwrap();
    let end = start + usize::try_from(column.compressed_size()).unwrap();
    let frame = [0x28, 0xb5, 0x2f, 0xfd];
    let at = start + bytes[start..end].windows(4).position(|window| window == frame).expect("a zstd frame");
    for byte in &mut bytes[at..end.min(at + 32)] {
        *byte ^= 0xff;
    }
    bytes
}
