//! Files of every kind together, and files of none.

use std::path::PathBuf;

use super::fixture::{Folder, ignored, values};
use super::*;

#[test]
fn files_of_no_known_kind_are_named() {
    let folder = Folder::new();
    folder.table("other.parquet", "DeviceName|RemoteIP\nwks-1|192.0.2.1");
    folder.write("prose", "dear all\nplease read\n");
    folder.write("packed", b"\x1f\x8b\x08");
    folder.write("empty", "");
    folder.write("short.parquet", "PAR1");
    for (name, want) in [
        ("other.parquet", "of no known kind: Parquet with the columns DeviceName, RemoteIP; known are MISP events"),
        ("prose", "of no known kind: text that begins \"dear all\"; known are"),
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
    let table = load(
        &sources,
        folder.path(),
        IntelOptions { private: PrivateRanges::Allow, ..IntelOptions::default() },
        OnBadInput::Fail,
    )
    .unwrap();
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

/// Kept addresses, domains and URLs, and the reasons for the rest, of each real feed.
const GOLDEN: [(&str, &str, [u64; 5], &[&str]); 7] = [
    ("misp/eset_crait.json", "MISP (JSON)", [9, 1, 0, 0, 1], &["file hash=7", "other kind=1"]),
    ("misp/eset_glupteba.misp-event.json", "MISP (JSON)", [321, 44, 274, 0, 0], &["file hash=6", "other kind=1"]),
    ("misp/eset_misp-telebots.json", "MISP (JSON)", [95, 9, 3, 0, 9], &["file hash=66", "other kind=17"]),
    (
        "misp/pymisp_57c4445b-c548-4654-af0b-4be3950d210f.json",
        "MISP (JSON)",
        [9, 0, 0, 0, 0],
        &["file hash=4", "other kind=5"],
    ),
    ("misp/pymisp_existing_event.json", "MISP (JSON)", [122, 12, 19, 0, 0], &["file hash=52", "other kind=39"]),
    ("misp/pymisp_misp_event.json", "MISP (JSON)", [2, 0, 0, 1, 1], &["other kind=1"]),
    (
        "stix/mispstix_test_event2_stix21.json",
        "STIX",
        [7, 0, 1, 0, 0],
        &["file hash=1", "observable without indicator=5"],
    ),
];

#[test]
fn real_feeds_hold_what_was_counted_by_hand() {
    let Some(samples) = std::env::var_os("COLDTRAIL_SAMPLES").map(PathBuf::from) else {
        println!("skipped: COLDTRAIL_SAMPLES is not set");
        return;
    };
    for (name, format, want, reasons) in GOLDEN {
        let table = load(&[name.to_string()], &samples, IntelOptions::default(), OnBadInput::Fail).unwrap();
        let facts = &table.facts[0];
        let not_to_ids = table.indicators.iter().filter(|one| one.to_ids == Some(false)).count() as u64;
        let counts = [facts.records, facts.addresses, facts.domains, facts.urls, not_to_ids];
        assert_eq!((facts.format.as_str(), counts), (format, want), "{name}");
        assert_eq!(ignored(facts), reasons, "{name}");
        assert_eq!((facts.prefixes, facts.rejected_examples.len()), (0, 0), "{name}");
    }
    let mapping = "stix/mispstix_attribute_mapping_network_stix21.json".to_string();
    let error = load(&[mapping], &samples, IntelOptions::default(), OnBadInput::Fail).unwrap_err().to_string();
    assert!(error.contains("of no known kind"), "a mapping is no feed: {error}");
}
