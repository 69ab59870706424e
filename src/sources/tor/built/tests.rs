//! Built files: round trips, and files that were not built here.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::model::relay::{CoverageSpan, Family, Role};
use crate::model::{Micros, Prefix, RelayInterval};

fn bytes(table: &TorTable) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(table, &mut bytes).unwrap();
    bytes
}

fn read_bytes(bytes: &[u8]) -> Result<TorTable, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t.parquet");
    fs::write(&path, bytes).unwrap();
    read(&path, "t.parquet").map_err(|error| error.to_string())
}

fn interval(prefix: &str) -> RelayInterval {
    RelayInterval {
        prefix: Prefix::parse(prefix).unwrap(),
        role: Role::Exit,
        seen_from: Micros::parse("2025-09-01"),
        seen_to: Micros::parse("2025-09-02"),
        observed_by: "list".into(),
        port: None,
        source: "exits/".into(),
    }
}

fn small() -> TorTable {
    let facts = TorSource {
        source: "exits/".into(),
        format: "one column".into(),
        snapshots: 2,
        snapshots_left_out: vec![Counted { name: "empty file (0 bytes)".into(), count: 3 }],
        seen_from: Micros::parse("2025-09-01"),
        as_of_from: "file name".into(),
        ..TorSource::default()
    };
    let (from, to) = (Micros::parse("2025-09-01").unwrap(), Micros::parse("2025-09-02").unwrap());
    let span = CoverageSpan { role: Role::Exit, family: Family::V4, from, to, source: "exits/".into() };
    TorTable { intervals: vec![interval("192.0.2.1")], spans: vec![span], facts: vec![facts], skipped: Vec::new() }
}

/// The file's only JSON with one text for another of the same length.
fn with_provenance(from: &str, to: &str) -> Vec<u8> {
    let mut bytes = bytes(&small());
    let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
    bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
    bytes
}

fn intervals() -> impl Strategy<Value = Vec<RelayInterval>> {
    let prefix = prop_oneof![
        (0u8..255, 24u8..=32).prop_map(|(net, bits)| format!("198.51.{net}.128/{bits}")),
        (0u32..9999, 48u8..=128).prop_map(|(host, bits)| format!("2001:db8::{host}/{bits}")),
    ];
    let times = prop_oneof![
        Just((None, None)),
        (0i64..253_402_300_799_000_000, 0i64..1_000_000)
            .prop_map(|(from, length)| (Some(Micros(from)), Some(Micros(from + length)))),
    ];
    let texts = prop_oneof![Just("list"), Just("scan"), Just("or address"), Just("näher ✓")];
    let interval = (prefix, 0usize..4, times, texts, any::<Option<u16>>(), "[a-z/\u{e4}\u{7}\"]{0,20}").prop_map(
        |(prefix, role, (seen_from, seen_to), observed_by, port, source)| RelayInterval {
            prefix: Prefix::parse(&prefix).unwrap(),
            role: Role::ALL[role],
            seen_from,
            seen_to,
            observed_by: observed_by.into(),
            port,
            source,
        },
    );
    prop::collection::vec(interval, 0..40)
}

proptest! {
    #[test]
    fn what_is_written_is_read(intervals in intervals()) {
        let table = TorTable { intervals, ..small() };
        let written = bytes(&table);
        prop_assert_eq!(&written, &bytes(&table));
        let read = read_bytes(&written).unwrap();
        prop_assert_eq!(read.intervals, table.intervals);
        prop_assert_eq!(read.spans, table.spans);
        prop_assert_eq!(format!("{:?}", read.facts), format!("{:?}", table.facts));
    }

    #[test]
    fn a_damaged_file_is_an_error_or_a_table_and_never_a_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        keep in any::<prop::sample::Index>(),
        is_cut: bool,
    ) {
        let mut bytes = bytes(&small());
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if is_cut {
            bytes.truncate(keep.index(bytes.len()));
        }
        if let Ok(table) = read_bytes(&bytes) {
            prop_assert!(table.intervals.len() <= 1);
        }
    }
}

#[test]
fn rows_that_make_no_sense_are_refused_and_counted() {
    let mut table = small();
    let turned = RelayInterval { seen_from: Micros::parse("2025-09-03"), ..interval("192.0.2.2") };
    let half = RelayInterval { seen_to: None, ..interval("192.0.2.3") };
    let far = RelayInterval { seen_to: Some(Micros(i64::MAX)), ..interval("192.0.2.4") };
    let long = RelayInterval { source: "x".repeat(5000), ..interval("192.0.2.5") };
    table.intervals.extend([turned, half, far, long, interval("10.0.0.1"), interval("0.0.0.0/1")]);
    let read = read_bytes(&bytes(&table)).unwrap();
    assert_eq!(read.intervals, small().intervals);
    let refused: Vec<_> = read.facts[0].refused.iter().map(|refused| (refused.name.as_str(), refused.count)).collect();
    assert_eq!(
        refused,
        [
            ("prefix wider than /8 (IPv4) or /16 (IPv6)", 1),
            ("private, loopback, link-local or multicast range", 1),
            ("text missing or too long", 1),
            ("times that are no interval", 3),
        ]
    );
}

#[test]
fn provenance_that_this_version_cannot_read_is_named() {
    for (from, to, want) in [
        ("\"version\":1", "\"version\":7", "of version 7; this coldtrail reads 1"),
        ("\"version\":1", "\"versions:1", "malformed provenance"),
        ("\"role\":\"exit\"", "\"role\":\"exot\"", "roles or times that cannot be read"),
        ("\"to\":\"2025", "\"to\":\"1025", "roles or times that cannot be read"),
        ("coldtrail.tor", "coldtrail.rot", "that is no Tor history; name one that `coldtrail tor build` wrote"),
    ] {
        let message = read_bytes(&with_provenance(from, to)).unwrap_err();
        assert!(message.starts_with("t.parquet: ") && message.contains(want), "{message}");
    }
}

#[test]
fn other_parquet_files_are_told_by_their_columns() {
    let schema = arrow::datatypes::Schema::new(vec![arrow::datatypes::Field::new(
        "RemoteIP",
        arrow::datatypes::DataType::Utf8,
        true,
    )]);
    let provenance = KeyValue::new(KEY.into(), wire::print(&small()).unwrap());
    for (pairs, want) in [
        (None, "a Parquet file (columns RemoteIP) that is no Tor history"),
        (Some(vec![provenance]), "without a readable column Prefix; build it again"),
    ] {
        let properties = WriterProperties::builder().set_key_value_metadata(pairs).build();
        let mut bytes = Vec::new();
        ArrowWriter::try_new(&mut bytes, schema.clone().into(), Some(properties)).unwrap().close().unwrap();
        let message = read_bytes(&bytes).unwrap_err();
        assert!(message.contains(want), "{message}");
    }
    assert!(read_bytes(b"PAR1").unwrap_err().contains("damaged Parquet file"));
}
