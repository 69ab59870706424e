//! What goes wrong is said with the file's name, and leaves nothing behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use tempfile::TempDir;

use super::samples::{DeviceId, Event, batch, events, schema};
use super::{DayWriter, Layout, MergeCounts, Run, SortError, SortOrder, SpreadConfig, Spreader, WriterConfig, merge};

fn layout(device: DeviceId) -> Arc<Layout> {
    Layout::new(schema(device), SortOrder::default()).unwrap()
}

fn event(micros: i64) -> Event {
    Event { micros, device: Some("a".to_owned()), report: Some(1), ..Event::default() }
}

/// A file with these rows in this order, sorted or not.
fn file(layout: &Arc<Layout>, folder: &Path, rows: &[Event]) -> PathBuf {
    let mut writer = DayWriter::new(Arc::clone(layout), folder, WriterConfig::default()).unwrap();
    writer.write(&batch(layout.schema(), rows)).unwrap();
    writer.finish().unwrap().remove(0).path
}

fn merged(layout: &Layout, files: Vec<PathBuf>) -> Result<(Vec<Event>, MergeCounts), SortError> {
    let mut rows = Vec::new();
    let counts = merge(layout, vec![Run::files(files)], Path::new("unused"), &mut |batch: RecordBatch| {
        rows.extend(events(&batch));
        Ok(())
    })?;
    Ok((rows, counts))
}

#[test]
fn an_earlier_file_out_of_order_is_an_error() {
    let (layout, folder) = (layout(DeviceId::There), TempDir::new().unwrap());
    let first = file(&layout, folder.path(), &[event(0), event(5_000)]);
    let second = file(&layout, folder.path(), &[event(7_000)]);
    let mixed = file(&layout, folder.path(), &[event(9_000), event(8_000)]);
    let (rows, counts) = merged(&layout, vec![first.clone(), second.clone()]).unwrap();
    assert_eq!((rows.len(), counts), (3, MergeCounts { rows_in: 3, copies: 0 }));
    for (files, guilty) in [(vec![second, first.clone()], &first), (vec![first.clone(), mixed.clone()], &mixed)] {
        let error = merged(&layout, files).unwrap_err();
        assert!(matches!(&error, SortError::Unsorted { path } if path == guilty), "{error}");
    }
}

#[test]
fn a_column_that_came_later_is_null_before_and_one_that_went_is_an_error() {
    let folder = TempDir::new().unwrap();
    let (with, without) = (layout(DeviceId::There), layout(DeviceId::Missing));
    let old = file(&without, folder.path(), &[event(0)]);
    assert_eq!(merged(&with, vec![old]).unwrap().0, [Event { device: None, ..event(0) }]);
    let new = file(&with, folder.path(), &[event(0)]);
    let error = merged(&without, vec![new.clone()]).unwrap_err();
    assert!(
        matches!(&error, SortError::Column { path, column, .. } if *path == new && column == "DeviceId"),
        "{error}"
    );
}

#[test]
fn a_file_that_is_no_parquet_is_named() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("events-0000-000000000000.parquet");
    fs::write(&path, "no Parquet at all").unwrap();
    let error = merged(&layout(DeviceId::There), vec![path.clone()]).unwrap_err().to_string();
    assert!(error.starts_with(&path.display().to_string()), "{error}");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let (layout, folder) = (layout(DeviceId::There), TempDir::new().unwrap());
    let missing = folder.path().join("missing");
    let rows = batch(layout.schema(), &[event(0)]);
    let mut writer = DayWriter::new(Arc::clone(&layout), &missing, WriterConfig::default()).unwrap();
    let mut spreader = Spreader::new(layout, SpreadConfig { scratch: missing.clone(), memory_bytes: 0 });
    for error in [writer.write(&rows).unwrap_err(), spreader.push(rows).unwrap_err()] {
        assert!(matches!(&error, SortError::Io { path, .. } if path.starts_with(&missing)), "{error}");
    }
}

#[test]
fn a_writer_that_is_dropped_leaves_no_file() {
    let (layout, folder) = (layout(DeviceId::There), TempDir::new().unwrap());
    let mut writer = DayWriter::new(Arc::clone(&layout), folder.path(), WriterConfig::default()).unwrap();
    writer.write(&batch(layout.schema(), &[event(0)])).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    drop(writer);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn batches_of_another_schema_are_refused() {
    let layout = layout(DeviceId::There);
    let scratch = TempDir::new().unwrap();
    let config = SpreadConfig { scratch: scratch.path().to_owned(), memory_bytes: 0 };
    let mut spreader = Spreader::new(Arc::clone(&layout), config);
    let error = spreader.push(batch(&schema(DeviceId::Missing), &[event(0)])).unwrap_err();
    assert!(matches!(error, SortError::Batch(_)), "{error}");
    let error = Layout::new(Arc::new(arrow::datatypes::Schema::empty()), SortOrder::default()).unwrap_err();
    assert_eq!(error.to_string(), "a batch of events cannot be sorted: no column Timestamp");
}
