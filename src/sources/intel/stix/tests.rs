//! STIX from files to the table.

use serde_json::{Value, json};

use super::super::fixture::{Folder, ignored, only, values};
use super::super::{IntelOptions, IntelTable, OpenctiConfidence, load};
use super::markings;
use crate::model::indicator::{Kind, State};
use crate::model::{Micros, OnBadInput, Tlp};

const IDENTITY: &str = "identity--11111111-1111-4111-8111-111111111111";
const INDICATOR: &str = "indicator--22222222-2222-4222-8222-222222222222";
const OWN_MARKING: &str = "marking-definition--33333333-3333-4333-8333-333333333333";

/// An indicator with these members beside the usual ones.
fn indicator(members: &Value) -> Value {
    let mut object = json!({
        "type": "indicator", "spec_version": "2.1", "id": INDICATOR,
        "created": "2025-01-01T00:00:00.000Z", "modified": "2025-01-02T00:00:00.000Z",
        "pattern": "[ipv4-addr:value = '192.0.2.1']", "pattern_type": "stix", "valid_from": "2025-01-01T00:00:00Z",
    });
    for (name, value) in members.as_object().unwrap() {
        object[name] = value.clone();
    }
    object
}

fn identity() -> Value {
    json!({"type": "identity", "id": IDENTITY, "name": "Example CERT"})
}

fn bundle(objects: &[Value]) -> String {
    json!({"type": "bundle", "id": "bundle--1", "objects": objects}).to_string()
}

fn read(objects: &[Value]) -> IntelTable {
    Folder::with(bundle(objects)).read("feed")
}

fn read_one(members: &Value) -> IntelTable {
    read(&[indicator(members)])
}

#[test]
fn an_indicator_keeps_what_its_feed_says() {
    let table = read(&[
        indicator(&json!({
            "name": "C2 of somebody", "description": "long", "indicator_types": ["malicious-activity", "x"],
            "labels": ["botnet", "tlp:green"], "confidence": 85, "valid_until": "2025-06-01T00:00:00Z",
            "created_by_ref": IDENTITY,
            "object_marking_refs": ["marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"],
            "pattern": "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '192.0.2.1' \
                         AND network-traffic:dst_port = '8443']",
        })),
        identity(),
    ]);
    let got = only(&table);
    assert_eq!((got.value, got.kind, got.port), ("192.0.2.1", Kind::Address, Some(8443)));
    assert_eq!((got.name, got.threat_type), (Some("C2 of somebody"), Some("malicious-activity")));
    assert_eq!((got.tags, got.tlp), (Some("botnet,tlp:green"), Some("amber")));
    assert_eq!((got.source, got.id), (Some("Example CERT"), Some(INDICATOR)));
    assert_eq!((got.confidence, got.state), (Some(85.0), State::Active));
    assert_eq!(got.valid_from, Micros::parse("2025-01-01"));
    assert_eq!(got.valid_until, Micros::parse("2025-06-01"));
    let facts = &table.facts[0];
    assert_eq!((facts.format.as_str(), facts.records), ("STIX", 1));
}

#[test]
fn every_container_says_the_same() {
    let objects = [
        indicator(&json!({"created_by_ref": IDENTITY, "object_marking_refs": [OWN_MARKING]})),
        json!({"type": "marking-definition", "id": OWN_MARKING, "definition_type": "tlp", "definition": {"tlp": "red"}}),
        identity(),
    ];
    let lines = |objects: &[Value]| objects.iter().map(|object| format!("{object}\n")).collect::<String>();
    let reversed: Vec<Value> = objects.iter().rev().cloned().collect();
    for text in [
        bundle(&objects),
        bundle(&reversed),
        json!({"more": true, "next": "7", "objects": objects}).to_string(),
        json!({"objects": objects}).to_string(),
        json!(objects).to_string(),
        json!(reversed).to_string(),
        lines(&objects),
        lines(&reversed),
        format!("\u{feff}{}", bundle(&objects)),
    ] {
        let table = Folder::with(&text).read("feed");
        let got = only(&table);
        assert_eq!((got.source, got.tlp), (Some("Example CERT"), Some("red")), "{text}");
        assert_eq!(table.facts[0].records, 1, "{text}");
    }
    let alone = Folder::with(objects[0].to_string()).read("feed");
    assert_eq!((only(&alone).source, only(&alone).tlp), (Some("feed"), None));
    let empty = Folder::with(r#"{"more":false,"objects":[]}"#).read("feed");
    assert_eq!((empty.indicators.len(), empty.facts[0].format.as_str()), (0, "STIX"));
}

#[test]
fn the_strictest_marking_decides() {
    let id = |text: &str| format!("marking-definition--{text}");
    let clear = id("94868c89-83c2-464b-929b-a1a8aa3c8487");
    for (ids, want) in [
        (vec![clear.clone()], Some("clear")),
        (vec![clear.clone(), id("34098fce-860f-48ae-8e50-ebd3cc5e41da")], Some("green")),
        (
            vec![id("826578e1-40ad-459f-bc73-ede076f81f37"), id("55d920b0-5e8b-4f79-9ee9-91f868d9b421")],
            Some("amber+strict"),
        ),
        (vec![id("5E57C739-391A-4EB3-B6BE-7D15CA92D5ED"), clear.clone()], Some("red")),
        (vec![id("00000000-0000-4000-8000-000000000000")], None),
        (vec![], None),
    ] {
        let table = read_one(&json!({"object_marking_refs": ids}));
        assert_eq!(only(&table).tlp, want, "{ids:?}");
    }
    let parts = json!([{"marking_ref": id("e828b379-4e03-4974-9ac4-e53a884c97c1"), "selectors": ["name"]}]);
    let table = read_one(&json!({"object_marking_refs": [clear], "granular_markings": parts}));
    assert_eq!(only(&table).tlp, Some("red"));
    let table = read_one(&json!({"object_marking_refs": [clear], "labels": ["tlp:amber"]}));
    assert_eq!(only(&table).tlp, Some("amber"));
    assert_eq!(markings::known("613f2e26-407d-48c7-9eca-b8e91df99dc9"), None);
    assert_eq!(markings::known(&id("613f2e26-407d-48c7-9eca-b8e91df99dc9")), Some(Tlp::Clear));
}

#[test]
fn a_file_can_define_markings() {
    let red = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed";
    for (marking, members, want) in [
        (OWN_MARKING, json!({"definition_type": "tlp", "definition": {"tlp": "green"}}), Some("green")),
        (
            OWN_MARKING,
            json!({"extensions": {"extension-definition--x": {"tlp_2_0": "amber+strict"}}}),
            Some("amber+strict"),
        ),
        (
            OWN_MARKING,
            json!({"x_opencti_definition": "TLP:AMBER+STRICT", "definition": {"statement": "x"}}),
            Some("amber+strict"),
        ),
        (OWN_MARKING, json!({"name": "TLP:RED"}), Some("red")),
        (OWN_MARKING, json!({"definition_type": "statement", "definition": {"statement": "Copyright"}}), None),
        (red, json!({"definition_type": "tlp", "definition": {"tlp": "white"}}), Some("red")),
    ] {
        let mut definition = members.clone();
        definition["type"] = json!("marking-definition");
        definition["id"] = json!(marking);
        let table = read(&[indicator(&json!({"object_marking_refs": [marking]})), definition]);
        assert_eq!(only(&table).tlp, want, "{members}");
    }
}

#[test]
fn the_newest_version_counts_wherever_it_is() {
    let folder = Folder::new();
    let old = indicator(&json!({"confidence": 90}));
    let new = indicator(&json!({"confidence": 10, "modified": "2025-03-01T00:00:00Z", "revoked": true,
                                "valid_until": "2025-02-01T00:00:00Z"}));
    folder.write("a.json", bundle(&[new]));
    folder.write("b.json", format!("{old}\n{old}\n"));
    let table = folder.read(".");
    assert_eq!((only(&table).confidence, only(&table).state), (Some(10.0), State::Retired));
    assert_eq!(ignored(&table.facts[0]), ["superseded=2"]);
}

#[test]
fn what_is_no_indicator_is_counted() {
    let pattern = |text: &str| indicator(&json!({"pattern": text, "id": format!("indicator--{}", text.len())}));
    let table = read(&[
        pattern("[ipv4-addr:value = '192.0.2.1' OR domain-name:value LIKE '%.example']"),
        pattern("[domain-name:value = 'evil.example' AND ipv4-addr:value = '192.0.2.1']"),
        pattern("[domain-name:value = 'evil.example' AND domain-name:resolves_to_refs[*].value = '192.0.2.7']"),
        pattern("[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']"),
        pattern("[ipv4-addr:value = '10.0.0.1']"),
        pattern("[ipv4-addr:value = "),
        indicator(&json!({"id": "indicator--s", "pattern": "title: x", "pattern_type": "sigma"})),
        indicator(&json!({"id": "indicator--t", "pattern": "x", "pattern_type": "own"})),
        indicator(&json!({"id": "indicator--f", "description": "State: falsepos;"})),
        json!({"type": "observed-data", "id": "observed-data--1"}),
        json!({"type": "ipv4-addr", "id": "ipv4-addr--1", "value": "192.0.2.66"}),
        json!({"type": "relationship", "id": "relationship--1"}),
        json!(7),
    ]);
    assert_eq!(values(&table), ["192.0.2.1", "evil.example"]);
    let facts = &table.facts[0];
    let mut got = ignored(facts);
    got.sort();
    assert_eq!(
        got,
        [
            "AND of several observables=1",
            "deleted=1",
            "file hash=1",
            "observable without indicator=2",
            "pattern not readable=1",
            "pattern type other than stix=1",
            "pattern type sigma=1",
            "pattern with LIKE=1",
            "private, loopback, link-local or multicast range=1",
            "unreadable record=1",
        ]
    );
    assert_eq!(facts.records, 12);
    let example =
        "[ipv4-addr:value = (pattern not readable at byte 18: expected a value such as 'text', 443, true or t'…')";
    assert!(facts.rejected_examples.iter().any(|line| line.ends_with(example)), "{:?}", facts.rejected_examples);
}

#[test]
fn a_domain_that_demands_an_address_keeps_it() {
    let table = read_one(&json!({
        "pattern": "[domain-name:value = 'Evil.example' AND domain-name:resolves_to_refs[*].value = '192.0.2.7']"
    }));
    let got = only(&table);
    assert_eq!((got.kind, got.target_name), (Kind::Domain, Some("evil.example")));
    assert_eq!(got.also.map(|prefix| prefix.to_string()).as_deref(), Some("192.0.2.7"));
}

#[test]
fn types_come_from_wherever_a_version_keeps_them() {
    for (members, want) in [
        (json!({"indicator_types": ["c2"], "labels": ["malicious-activity"]}), Some("c2")),
        (json!({"labels": ["x", "malicious-activity"]}), Some("malicious-activity")),
        (json!({"labels": ["misp:category=\"Network activity\"", "Sentinel-ThreatType:Botnet"]}), Some("Botnet")),
        (json!({"labels": ["misp:type=\"ip-dst\"", "misp:category=\"Network activity\""]}), Some("Network activity")),
        (json!({"labels": ["x"], "indicator_types": []}), None),
    ] {
        assert_eq!(only(&read_one(&members)).threat_type, want, "{members}");
    }
    // STIX 2.0 has neither pattern_type nor spec_version.
    let table = read_one(&json!({"pattern_type": null, "spec_version": null, "labels": ["benign"]}));
    assert!(only(&table).says_only_tor());
}

#[test]
fn openctis_score_is_taken_where_it_is_asked_for() {
    const EXTENSION: &str = "extension-definition--ea279b3e-5c71-4632-ac08-831c66a786ba";
    for (members, opencti, want) in [
        (json!({"confidence": 15, "x_opencti_score": 50}), OpenctiConfidence::Confidence, Some(15.0)),
        (json!({"confidence": 15, "x_opencti_score": 50}), OpenctiConfidence::Score, Some(50.0)),
        (json!({"confidence": 15, "extensions": {EXTENSION: {"score": 60}}}), OpenctiConfidence::Score, Some(60.0)),
        (json!({"confidence": 15}), OpenctiConfidence::Score, Some(15.0)),
        (json!({"x_opencti_score": 50}), OpenctiConfidence::Confidence, None),
    ] {
        let folder = Folder::with(bundle(&[indicator(&members)]));
        let options = IntelOptions { opencti, ..IntelOptions::default() };
        let table = load(&["feed".to_string()], folder.path(), options, OnBadInput::Fail).unwrap();
        assert_eq!(only(&table).confidence, want, "{members}");
    }
}

#[test]
fn members_of_the_wrong_type_say_nothing() {
    let table = read_one(&json!({
        "name": ["x"], "labels": "alone", "confidence": "high", "valid_from": {"a": 1}, "valid_until": null,
        "created_by_ref": 7, "object_marking_refs": {"a": "b"}, "granular_markings": [1, {"x": 2}], "revoked": "no",
        "modified": [], "extensions": [],
    }));
    let got = only(&table);
    assert_eq!((got.name, got.tags, got.source, got.state), (None, Some("alone"), Some("feed"), State::Active));
    let reasons =
        ["confidence is no number from 0 to 100 (kept without it)=1", "date not readable (kept without it)=1"];
    assert_eq!(ignored(&table.facts[0]), reasons);
}

#[test]
fn hostile_bundles_end_well() {
    let bomb = format!(r#"{{"labels":{}{}}}"#, "[".repeat(20_000), "]".repeat(20_000));
    let deep = indicator(&json!({"id": "indicator--deep"})).to_string();
    let deep = format!("{}{}", deep.trim_end_matches('}'), bomb.replacen('{', ",", 1));
    let text = format!(r#"{{"type":"bundle","objects":[{deep},{}]}}"#, indicator(&json!({"name": "\u{202e}x\u{0}"})));
    let table = Folder::with(text).read("feed");
    assert_eq!(values(&table), ["192.0.2.1", "192.0.2.1"]);
    for text in [r#"{"type":"bundle","objects":7}"#, r#"{"type":"bundle","objects":{"a":1}}"#] {
        let table = Folder::with(text).read("feed");
        assert_eq!(ignored(&table.facts[0]), ["unreadable record=1"], "{text}");
    }
    for text in [r#"{"type":"bundle"}"#, r#"{"type":"bundle","objects":null}"#] {
        assert_eq!(Folder::with(text).read("feed").facts[0].records, 0, "{text}");
    }
    // Without an id, every indicator is one of its own.
    let nameless = |value: &str| indicator(&json!({"id": null, "pattern": format!("[ipv4-addr:value = '{value}']")}));
    assert_eq!(values(&read(&[nameless("192.0.2.1"), nameless("192.0.2.2")])), ["192.0.2.1", "192.0.2.2"]);
}

#[test]
fn misps_sample_bundle() {
    let Some(samples) = std::env::var_os("COLDTRAIL_SAMPLES") else {
        println!("skipped: COLDTRAIL_SAMPLES is not set");
        return;
    };
    let sources = ["stix/mispstix_test_event2_stix21.json".to_string()];
    let table = load(&sources, std::path::Path::new(&samples), IntelOptions::default(), OnBadInput::Fail).unwrap();
    let got = only(&table);
    assert_eq!((got.value, got.source), ("circl.lu", Some("MISP-Project")));
    assert_eq!(got.threat_type, Some("Network activity"));
    assert_eq!(got.also.map(|prefix| prefix.to_string()).as_deref(), Some("149.13.33.14"));
    assert_eq!(table.facts[0].records, 7);
    assert_eq!(ignored(&table.facts[0]), ["file hash=1", "observable without indicator=5"]);
}
