//! Files of every kind together, and files of none.

use std::path::PathBuf;

use super::fixture::{Folder, ignored, values};
use super::*;

#[test]
fn files_of_no_known_kind_are_named() {
    let folder = Folder::new();
    folder.table("other.parquet", "DeviceName|RemoteIP\nwks-1|192.0.2.1");
    folder.write("list", "192.0.2.1\n192.0.2.2\n");
    folder.write("packed", b"\x1f\x8b\x08");
    folder.write("empty", "");
    folder.write("short.parquet", "PAR1");
    for (name, want) in [
        (
            "other.parquet",
            "of no known kind: Parquet with the columns DeviceName, RemoteIP; known are the Sentinel tables",
        ),
        ("list", "of no known kind: text that begins \"192.0.2.1\"; known are"),
        ("packed", "neither text nor Parquet but compressed with gzip; unpack it first"),
        ("empty", "an empty file (0 bytes); fetch it again"),
        ("short.parquet", "not a whole Parquet file"),
        ("gone", "no such file or directory"),
    ] {
        let message = folder.error(name);
        assert!(message.starts_with(&format!("{name}: ")) && message.contains(want), "{message}");
    }
}

#[test]
fn sources_of_several_kinds_make_one_table_in_any_order() {
    let folder = Folder::new();
    folder.table("a.parquet", "Id|ObservableKey|ObservableValue|Confidence\na|ipv4-addr:value|192.0.2.1|60");
    folder.write("b.csv", "Indicator,ConfidenceScore\n192.0.2.2,90\n192.0.2.1/24,\n");
    folder.write("c.jsonl", "{\"Indicator\":\"192.0.2.3\",\"ConfidenceScore\":10}\n");
    let table = folder.load(&["c.jsonl", "a.parquet", "b.csv"], OnBadInput::Fail).unwrap();
    assert_eq!(values(&table), ["192.0.2.2", "192.0.2.1", "192.0.2.3", "192.0.2.1/24"]);
    let again = folder.load(&["b.csv", "c.jsonl", "a.parquet", "b.csv"], OnBadInput::Fail).unwrap();
    assert!(table.indicators.iter().eq(again.indicators.iter()));
    let sources: Vec<_> = again.facts.iter().map(|facts| facts.source.as_str()).collect();
    assert_eq!(sources, ["a.parquet", "b.csv", "c.jsonl"]);
    let whole = folder.read(".");
    assert_eq!(whole.facts[0].format, "Sentinel ThreatIntelIndicators, plain table (CSV), plain table (JSON)");
    assert_eq!((whole.facts[0].records, whole.facts[0].addresses, whole.facts[0].prefixes), (4, 3, 1));
}

#[test]
fn private_ranges_can_be_admitted() {
    let folder = Folder::with("Indicator\n10.0.0.1\n0.0.0.0/0\n");
    assert!(folder.read("feed").indicators.is_empty());
    let sources = ["feed".to_string()];
    let table = load(&sources, folder.path(), IntelOptions { private: PrivateRanges::Allow, ..IntelOptions::default() }, OnBadInput::Fail).unwrap();
    assert_eq!(values(&table), ["10.0.0.1"]);
    assert_eq!(ignored(&table.facts[0]), ["prefix wider than /8 (IPv4) or /16 (IPv6)=1"]);
}

#[test]
fn one_bad_file_of_several_can_be_skipped_but_not_all() {
    let folder = Folder::new();
    folder.write("a.csv", "Indicator\n192.0.2.1\n10.0.0.1\n");
    folder.write("b.txt", "nothing\n");
    assert!(folder.load(&["."], OnBadInput::Fail).is_err());
    let table = folder.load(&["."], OnBadInput::Skip).unwrap();
    assert_eq!(values(&table), ["192.0.2.1"]);
    assert_eq!(table.skipped.len(), 1);
    assert_eq!(table.skipped[0].path, "./b.txt");
    assert!(table.skipped[0].reason.starts_with("an indicator file of no known kind"));
    assert!(table.facts[0].rejected_examples[0].starts_with("./a.csv line 3: 10.0.0.1"));
    assert!(folder.load(&["a.csv", "b.txt"], OnBadInput::Skip).is_err());
}

#[test]
fn a_damaged_page_is_an_error_of_its_file() {
    let folder = Folder::new();
    folder.table("feed", "Indicator|Tags\n192.0.2.1|x");
    let mut bytes = folder.bytes("feed");
    bytes[4..20].fill(0xff);
    folder.write("feed", bytes);
    assert!(folder.error("feed").starts_with("feed: damaged data in a Parquet file"), "{}", folder.error("feed"));
}

#[test]
fn real_feeds_of_other_kinds_are_refused_by_name() {
    let Some(samples) = std::env::var_os("COLDTRAIL_SAMPLES").map(PathBuf::from) else {
        println!("skipped: COLDTRAIL_SAMPLES is not set");
        return;
    };
    for name in [
        "misp/eset_glupteba.misp-event.json",
        "misp/pymisp_existing_event.json",
        "stix/mispstix_test_event2_stix21.json",
    ] {
        let message =
            load(&[name.to_string()], &samples, IntelOptions::default(), OnBadInput::Fail).unwrap_err().to_string();
        assert!(message.contains("of no known kind"), "{message}");
    }
}
