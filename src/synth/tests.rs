//! The archive as a whole, read back from disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, TimeUnit};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::*;
use crate::model::Address;
use crate::model::synthesis::{Layout, Spread};

fn small() -> SynthConfig {
    SynthConfig { rows: 12_000, days: 3, devices: 60, hit_rate: 5e-3, row_group_rows: 1_500, ..SynthConfig::default() }
}

/// Every file below a folder, by its path within it.
fn contents(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut open) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

pub(super) fn rows_of(report: &SynthReport) -> Vec<RecordBatch> {
    let read = |path: PathBuf| {
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(report.events.join(path)).unwrap()).unwrap();
        reader.build().unwrap().map(Result::unwrap).collect::<Vec<_>>()
    };
    contents(&report.events).into_keys().flat_map(read).collect()
}

fn tor_list(report: &SynthReport) -> BTreeSet<Address> {
    let text = fs::read_to_string(&report.tor_list).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("dest_ip"));
    lines.map(|line| Address::parse(line).unwrap()).collect()
}

fn hits_of(report: &SynthReport, batches: &[RecordBatch]) -> usize {
    let listed = tor_list(report);
    let is_hit = |text: Option<&str>| text.and_then(Address::parse).is_some_and(|a| listed.contains(&a));
    batches.iter().map(|b| b["RemoteIP"].as_string::<i32>().iter().filter(|text| is_hit(*text)).count()).sum()
}

#[test]
fn the_same_wish_gives_the_same_bytes_on_one_thread_and_on_two() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, config: SynthConfig| {
        let out = folder.path().join(name);
        generate(&config, &out, &mut |_| ()).unwrap();
        contents(&out)
    };
    let first = run("a", small());
    assert_eq!(first.len(), 5, "three days, the Tor list and the indicators, nothing unfinished: {:?}", first.keys());
    assert!(first == run("b", small()));
    assert!(first == run("c", SynthConfig { threads: 1, ..small() }));
    assert!(first != run("d", SynthConfig { seed: 2, ..small() }));
}

#[test]
fn rows_and_hits_are_exact_in_every_layout() {
    let folder = tempfile::tempdir().unwrap();
    for layout in Layout::ALL {
        for hit_spread in Spread::ALL {
            let config = SynthConfig { layout, hit_spread, ..small() };
            let mut heard = 0;
            let out = folder.path().join(layout.as_str()).join(hit_spread.as_str());
            let report = generate(&config, &out, &mut |rows| heard = rows).unwrap();
            let batches = rows_of(&report);
            assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 12_000);
            assert_eq!((report.rows, report.files, report.hits, heard), (12_000, 3, 60, 12_000));
            // As many as placed and not one more: no ordinary address is on the list.
            assert_eq!(hits_of(&report, &batches), 60);
        }
    }
}

#[test]
fn one_hit_is_the_least_and_no_rate_gives_none() {
    let folder = tempfile::tempdir().unwrap();
    for (name, hit_rate, want) in [("one", 1e-9, 1), ("none", 0.0, 0)] {
        let config = SynthConfig { rows: 3_000, hit_rate, ..small() };
        let report = generate(&config, &folder.path().join(name), &mut |_| ()).unwrap();
        assert_eq!(hits_of(&report, &rows_of(&report)), want);
    }
}

#[test]
fn columns_have_the_names_and_types_of_an_export() {
    let folder = tempfile::tempdir().unwrap();
    let report = generate(&small(), folder.path(), &mut |_| ()).unwrap();
    let schema = rows_of(&report)[0].schema();
    let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    assert_eq!(schema.fields().len(), 46);
    for (at, name, kind) in [
        (0, "Timestamp", utc.clone()),
        (4, "RemoteIP", DataType::Utf8),
        (5, "RemotePort", DataType::Int32),
        (11, "RemoteIPType", DataType::Utf8),
        (12, "InitiatingProcessSHA1", DataType::Utf8),
        (24, "InitiatingProcessCommandLine", DataType::Utf8),
        (25, "InitiatingProcessCreationTime", utc),
        (36, "InitiatingProcessTokenElevation", DataType::Utf8),
        (37, "ReportId", DataType::Int64),
        (39, "AdditionalFields", DataType::Utf8),
        (41, "IsInitiatingProcessRemoteSession", DataType::Boolean),
        (45, "LogonID", DataType::Int64),
    ] {
        let field = schema.field(at);
        assert_eq!((field.name().as_str(), field.data_type(), field.is_nullable()), (name, &kind, true));
    }
}

#[test]
fn rows_are_plausible() {
    let folder = tempfile::tempdir().unwrap();
    let report = generate(&SynthConfig { rows: 40_000, days: 1, ..small() }, folder.path(), &mut |_| ()).unwrap();
    let batches = rows_of(&report);
    let count = |holds: &dyn Fn(&RecordBatch, usize) -> bool| -> usize {
        batches.iter().map(|b| (0..b.num_rows()).filter(|row| holds(b, *row)).count()).sum()
    };
    let ip = |b: &RecordBatch, row: usize| {
        let column = b["RemoteIP"].as_string::<i32>();
        column.is_valid(row).then(|| column.value(row).to_owned())
    };
    let mapped = count(&|b, row| ip(b, row).is_some_and(|text| text.starts_with("::ffff:")));
    let v6 = count(&|b, row| ip(b, row).is_some_and(|text| text.contains(':') && !text.starts_with("::ffff:")));
    assert!((200..800).contains(&mapped), "{mapped}");
    assert!((2_800..5_200).contains(&v6), "{v6}");
    assert!(count(&|b, row| ip(b, row).is_none()) > 100);
    assert!(count(&|b, row| ip(b, row).as_deref() == Some("")) > 100);
    let inspected =
        |b: &RecordBatch, row: usize| b["ActionType"].as_string::<i32>().value(row).ends_with("ConnectionInspected");
    assert!(count(&inspected) > 4_000);
    assert_eq!(count(&|b, row| inspected(b, row) && b["InitiatingProcessFileName"].is_valid(row)), 0);
    let ids: Vec<i64> = batches
        .iter()
        .flat_map(|b| b["ReportId"].as_primitive::<arrow::datatypes::Int64Type>().values().to_vec())
        .collect();
    let copies = ids.len() - ids.iter().collect::<BTreeSet<_>>().len();
    assert!((100..320).contains(&copies), "{copies}");
}

#[test]
fn what_is_there_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine"), "x").unwrap();
    let error = generate(&small(), folder.path(), &mut |_| ()).unwrap_err();
    assert!(matches!(&error, SynthError::NotEmpty { path } if path == folder.path()), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_wish_that_cannot_be_fulfilled_names_its_flag() {
    let out = Path::new("not-made");
    for (config, flag) in [
        (SynthConfig { rows: 0, ..small() }, "--rows"),
        (SynthConfig { hit_rate: 0.5, ..small() }, "--hit-rate"),
        (SynthConfig { hit_rate: f64::NAN, ..small() }, "--hit-rate"),
        (SynthConfig { start: crate::model::Micros(1), ..small() }, "--start"),
    ] {
        let error = generate(&config, out, &mut |_| ()).unwrap_err().to_string();
        assert!(error.starts_with(flag), "{error}");
    }
    assert!(!out.exists());
}
