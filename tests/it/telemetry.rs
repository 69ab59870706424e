//! Archives whose files are made for one rule each: the reader must neither lose nor invent an event.
#![cfg(test)]

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, StructArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use tempfile::TempDir;

use crate::runner::Run;

const START: i64 = 1_772_323_200_000_000;

fn text(values: impl IntoIterator<Item = impl Into<String>>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values.into_iter().map(Into::into)))
}

fn times(rows: usize) -> ArrayRef {
    let times = (0..rows).map(|row| START + i64::try_from(row).unwrap() * 1_000_000);
    Arc::new(TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC"))
}

fn write(path: &Path, columns: Vec<(&str, ArrayRef)>, properties: WriterProperties) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn plain() -> WriterProperties {
    WriterProperties::builder().build()
}

fn lines(run: &Run) -> Vec<serde_json::Value> {
    let ran = run.go();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    String::from_utf8(ran.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// `ParquetSource` drops in silence what one file's schema cannot evaluate; the filter above the scan must not.
#[test]
fn a_filter_by_direction_sees_text_and_struct_alike() {
    let folder = TempDir::new().unwrap();
    let common = |device: &str| {
        vec![
            ("Timestamp", times(3)),
            ("DeviceName", text([device, device, device])),
            ("ActionType", text(["ConnectionAttempt", "ConnectionAttempt", "ConnectionAttempt"])),
            ("RemoteIP", text(["192.0.2.7", "192.0.2.7", "192.0.2.7"])),
        ]
    };
    let mut as_text = common("text");
    as_text.push(("AdditionalFields", text([r#"{"direction":"In"}"#, r#"{"direction":"Out"}"#, "{"])));
    write(&folder.path().join("a.parquet"), as_text, plain());
    let direction: ArrayRef = Arc::new(StringArray::from(vec![Some("In"), Some("Out"), None]));
    let fields = StructArray::from(vec![(Arc::new(Field::new("direction", DataType::Utf8, true)), direction)]);
    let mut as_struct = common("struct");
    as_struct.push(("AdditionalFields", Arc::new(fields)));
    write(&folder.path().join("b.parquet"), as_struct, plain());
    let mut missing = common("missing");
    missing.push(("ConnectionDirection", text(["inbound", "sideways", "OUTBOUND"])));
    write(&folder.path().join("c.parquet"), missing, plain());

    let query = "SELECT DeviceName, count(*) AS n FROM DeviceNetworkEvents WHERE Direction = 'Inbound' GROUP BY DeviceName ORDER BY DeviceName";
    let found = lines(&Run::new(&["sql", query, "--format", "ndjson", "--quiet"]).path("--events", folder.path()));
    let found: Vec<(&str, i64)> =
        found.iter().map(|row| (row["DeviceName"].as_str().unwrap(), row["n"].as_i64().unwrap())).collect();
    assert_eq!(found, [("missing", 1), ("struct", 1), ("text", 1)]);

    let hunt = folder.path().join("hunts");
    std::fs::create_dir(&hunt).unwrap();
    let sql = std::fs::read_to_string(crate::runner::root().join("sql/tor_exit.sql")).unwrap();
    let sql = sql
        .replace("-- id: tor_exit", "-- id: tor_inbound")
        .replace("IS NOT NULL\n", "IS NOT NULL AND Direction = 'Inbound'\n");
    std::fs::write(hunt.join("tor_inbound.sql"), sql).unwrap();
    let list = folder.path().join("tor.txt");
    std::fs::write(&list, "192.0.2.7\n").unwrap();
    let run = Run::new(&["hunt", "tor_inbound", "--format", "ndjson", "--quiet"])
        .path("--hunts", &hunt)
        .path("--tor", &list)
        .path("--events", &folder.path().join("a.parquet"))
        .path("--events", &folder.path().join("b.parquet"))
        .path("--events", &folder.path().join("c.parquet"));
    let devices: Vec<String> = lines(&run).iter().map(|row| row["DeviceName"].as_str().unwrap().to_owned()).collect();
    assert_eq!(devices, ["missing", "struct", "text"]);
}

/// A row group whose dictionary holds no listed address ends after its first batch. One whose only hit is its last row must
/// not, whether the column is a dictionary, plain, or a dictionary that overflowed into plain pages.
#[test]
fn a_hit_in_the_last_row_is_found_in_every_encoding() {
    let rows = 60_000;
    let addresses = || {
        (0..rows).map(move |row| {
            if row == rows - 1 { "192.0.2.7".to_owned() } else { format!("198.51.{}.{}", row / 250 % 100, row % 250) }
        })
    };
    let folder = TempDir::new().unwrap();
    let list = folder.path().join("tor.txt");
    std::fs::write(&list, "192.0.2.7\n").unwrap();
    for (name, properties) in [
        ("dictionary", WriterProperties::builder().build()),
        ("plain", WriterProperties::builder().set_dictionary_enabled(false).build()),
        (
            "overflow",
            WriterProperties::builder()
                .set_dictionary_page_size_limit(20_000)
                .set_data_page_row_count_limit(1_000)
                .build(),
        ),
        ("small row groups", WriterProperties::builder().set_max_row_group_row_count(Some(7_001)).build()),
    ] {
        let file = folder.path().join(format!("{name}.parquet"));
        let reports: ArrayRef = Arc::new(Int64Array::from_iter_values(0..i64::try_from(rows).unwrap()));
        let columns = vec![
            ("Timestamp", times(rows)),
            ("DeviceId", text((0..rows).map(|_| "d"))),
            ("DeviceName", text((0..rows).map(|row| format!("row-{row}")))),
            ("RemoteIP", text(addresses())),
            ("ReportId", reports),
        ];
        write(&file, columns, properties);
        let run = Run::new(&["hunt", "--format", "ndjson", "--quiet"]).path("--events", &file).path("--tor", &list);
        let found: Vec<String> = lines(&run).iter().map(|row| row["DeviceName"].as_str().unwrap().to_owned()).collect();
        assert_eq!(found, [format!("row-{}", rows - 1)], "{name}");
        // A bound that cuts the row group takes the way over the times.
        let cut = run.and(&["--from", "2026-03-01T00:00:01Z"]);
        assert_eq!(lines(&cut).len(), 1, "{name}");
        let before = cut.and(&["--to", "2026-03-01T16:39:59Z"]);
        assert_eq!(lines(&before).len(), 0, "{name}");
    }
}

/// Writes a file on whose second address the list has an entry, and says where a column's bytes lie.
fn with_addresses(path: &Path, addresses: ArrayRef) -> std::ops::Range<usize> {
    write(path, vec![("Timestamp", times(2)), ("DeviceName", text(["a", "b"])), ("RemoteIP", addresses)], plain());
    let file = bytes::Bytes::from(std::fs::read(path).unwrap());
    let footer = parquet::file::metadata::ParquetMetaDataReader::new().parse_and_finish(&file).unwrap();
    let (start, length) = footer.row_group(0).column(2).byte_range();
    usize::try_from(start).unwrap()..usize::try_from(start + length).unwrap()
}

/// No event of such a file could be found, so a hunt must not end as if there were none.
#[test]
fn addresses_that_nobody_can_read_are_refused() {
    let folder = TempDir::new().unwrap();
    let tor = folder.path().join("tor.txt");
    std::fs::write(&tor, "192.0.2.7\n").unwrap();
    let file = folder.path().join("a.parquet");
    let hunt = |more: &[&str]| {
        let ran = Run::new(&["hunt", "tor_exit", "--quiet"]).and(more).path("--events", &file).path("--tor", &tor).go();
        (ran.code, ran.stderr)
    };
    let refused = |words: &str| {
        for more in [&[][..], &["--strategy", "set-function"]] {
            let (code, stderr) = hunt(more);
            assert_eq!(code, Some(3), "{words}: {stderr}");
            assert!(stderr.contains("a.parquet") && stderr.contains(words), "{words}: {stderr}");
        }
        assert_eq!(hunt(&["--on-bad-input", "skip"]).0, Some(4), "{words}");
    };

    let lists =
        arrow::array::ListArray::from_iter_primitive::<arrow::datatypes::Int64Type, _, _>([Some([Some(1)]), None]);
    with_addresses(&file, Arc::new(lists));
    refused("its RemoteIP is stored as");
    let inner = (Arc::new(Field::new("v", DataType::Utf8, true)), text(["192.0.2.1", "192.0.2.7"]));
    with_addresses(&file, Arc::new(StructArray::from(vec![inner])));
    refused("its RemoteIP is stored as struct");

    // An encrypted module begins with its length.
    let chunk = with_addresses(&file, text(["192.0.2.1", "192.0.2.7"]));
    let mut bytes = std::fs::read(&file).unwrap();
    let length = u32::try_from(chunk.len() - 4).unwrap();
    bytes[chunk.clone()].fill(0xa5);
    bytes[chunk.start..chunk.start + 4].copy_from_slice(&length.to_le_bytes());
    std::fs::write(&file, &bytes).unwrap();
    let (code, stderr) = hunt(&[]);
    assert_eq!(code, Some(3), "{stderr}");
    assert!(stderr.contains("the column is encrypted, and coldtrail has no keys"), "{stderr}");

    let end = bytes.len() - 4;
    bytes[..4].copy_from_slice(b"PARE");
    bytes[end..].copy_from_slice(b"PARE");
    std::fs::write(&file, &bytes).unwrap();
    refused("its footer is encrypted, and coldtrail has no keys");
}
