//! Feed folders: manifest, events, hash list.

use super::super::super::fixture::{Folder, ignored, values};

const A: &str = "0e1d0000-0000-4000-8000-00000000000a";
const B: &str = "0e1d0000-0000-4000-8000-00000000000b";

fn event(uuid: &str, value: &str) -> String {
    format!(
        r#"{{"Event":{{"uuid":"{uuid}","info":"x","date":"2026-03-01","analysis":"2","Attribute":[{{"type":"ip-dst","value":"{value}","to_ids":true}}]}}}}"#
    )
}

fn manifest(uuids: &[&str]) -> String {
    let listed: Vec<String> = uuids
        .iter()
        .map(|uuid| {
            format!(r#""{uuid}":{{"Orgc":{{"name":"Lab"}},"Tag":[],"info":"x","date":"2026-03-01","timestamp":1}}"#)
        })
        .collect();
    format!("{{{}}}", listed.join(","))
}

fn hashes(uuids: &[&str]) -> String {
    uuids.iter().map(|uuid| format!("0123456789abcdef0123456789abcdef,{uuid}\n")).collect()
}

#[test]
fn a_feed_is_its_events_and_missing_ones_are_counted() {
    let folder = Folder::new();
    folder.write("index", manifest(&[A, &B.to_uppercase(), "0e1d0000-0000-4000-8000-00000000000c"]));
    folder.write("a.json", event(A, "192.0.2.1"));
    folder.write("b.json", event(B, "192.0.2.2"));
    folder.write("hashes.csv", hashes(&[A, B]));
    let table = folder.read(".");
    assert_eq!(values(&table), ["192.0.2.1", "192.0.2.2"]);
    let facts = &table.facts[0];
    assert_eq!(ignored(facts), ["event of the manifest that is missing=1"]);
    assert_eq!((facts.records, facts.format.as_str()), (2, "MISP (JSON), MISP feed hashes, MISP manifest"));
}

#[test]
fn a_manifest_alone_misses_all_its_events() {
    let table = Folder::with(manifest(&[A, B])).read("feed");
    assert_eq!(ignored(&table.facts[0]), ["event of the manifest that is missing=2"]);
    assert_eq!(table.facts[0].format, "MISP manifest");
}

#[test]
fn a_broken_listing_is_counted() {
    let text = manifest(&[A]).replacen('{', &format!(r#"{{"{B}":7,"#), 1);
    let table = Folder::with(text).read("feed");
    let facts = &table.facts[0];
    assert_eq!(ignored(facts), ["event of the manifest that is missing=1", "unreadable record=1"]);
    assert!(facts.rejected_examples[0].ends_with(&format!("{B}: lists no event")), "{:?}", facts.rejected_examples);
}

#[test]
fn other_objects_are_no_manifest() {
    for text in ["{}", r#"{"0e1d0000-0000-4000-8000-00000000000a":{}}"#, r#"{"a":{"info":"x"}}"#] {
        Folder::with(text).error("feed");
    }
}

#[test]
fn the_hash_list_of_a_feed_counts_nothing() {
    for text in [hashes(&[A]), hashes(&[A; 200]), hashes(&[A]).replace('\n', "\r\n")] {
        let table = Folder::with(text).read("feed");
        assert_eq!((table.indicators.len(), table.facts[0].records), (0, 0));
        assert_eq!(table.facts[0].format, "MISP feed hashes");
        assert!(ignored(&table.facts[0]).is_empty());
    }
    let mixed = hashes(&[A]) + "192.0.2.1,x\n";
    assert!(!Folder::with(&mixed).error("feed").is_empty());
}
