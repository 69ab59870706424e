//! OpenCTI's exports from files to the table.

use serde_json::json;

use super::super::fixture::{Folder, ignored, only, values};
use super::super::{IntelOptions, OpenctiConfidence, load};
use crate::model::indicator::{Kind, State};
use crate::model::{Micros, OnBadInput};

const TABLE: &str = "\
\"confidence\";\"createdBy\";\"created\";\"entity_type\";\"id\";\"indicator_types\";\"modified\";\"name\";\"objectLabel\";\
\"objectMarking\";\"pattern\";\"pattern_type\";\"revoked\";\"standard_id\";\"valid_from\";\"valid_until\";\
\"x_opencti_main_observable_type\";\"x_opencti_score\"
\"15\";\"Example CERT\";\"2025-01-01T00:00:00Z\";\"Indicator\";\"u-1\";\"c2,x\";\"2025-01-02T00:00:00Z\";\"192.0.2.1\";\
\"botnet,\"\"q\"\"\";\"TLP:GREEN,PAP:RED,TLP:AMBER+STRICT\";\"[ipv4-addr:value = '192.0.2.1'
 OR ipv4-addr:value = '192.0.2.2']\";\"stix\";\"False\";\"indicator--1\";\"2025-01-01T00:00:00Z\";\"2025-06-01T00:00:00Z\";\
\"IPv4-Addr\";\"50\"
\"\";\"\";\"\";\"Indicator\";\"u-2\";\"\";\"\";\"evil.example\";\"\";\"\";\"\";\"\";\"True\";\"indicator--2\";\"\";\"2025-06-01\";\
\"Domain-Name\";\"\"
\"\";\"\";\"\";\"Indicator\";\"u-3\";\"\";\"\";\"rule\";\"\";\"\";\"rule x\";\"yara\";\"\";\"indicator--3\";\"\";\"\";\"StixFile\";\"\"
\"\";\"\";\"\";\"Malware\";\"u-4\";\"\";\"\";\"Bad\";\"\";\"\";\"\";\"\";\"\";\"malware--4\";\"\";\"\";\"\";\"\"
\"too few\"
";

fn confidence(text: &str, opencti: OpenctiConfidence) -> Option<f64> {
    let folder = Folder::with(text);
    let options = IntelOptions { opencti, ..IntelOptions::default() };
    let table = load(&["feed".to_string()], folder.path(), options, OnBadInput::Fail).unwrap();
    table.indicators.iter().find(|indicator| indicator.value == "192.0.2.1").unwrap().confidence
}

#[test]
fn the_export_as_csv() {
    let table = Folder::with(TABLE).read("feed");
    assert_eq!(values(&table), ["192.0.2.1", "192.0.2.2", "evil.example"]);
    let first = table.indicators.get(0).unwrap();
    assert_eq!((first.source, first.id), (Some("Example CERT"), Some("indicator--1")));
    assert_eq!((first.tlp, first.threat_type), (Some("amber+strict"), Some("c2")));
    assert_eq!((first.tags, first.state), (Some("botnet,\"q\""), State::Active));
    assert_eq!(first.valid_until, Micros::parse("2025-06-01"));
    let named = table.indicators.get(2).unwrap();
    assert_eq!((named.kind, named.state, named.source), (Kind::Domain, State::Retired, Some("feed")));
    let facts = &table.facts[0];
    assert_eq!((facts.format.as_str(), facts.records), ("OpenCTI (CSV)", 5));
    assert_eq!(ignored(facts), ["other kind=1", "pattern type yara=1", "unreadable record=1"]);
    assert_eq!(facts.rejected_examples, ["line 7: 1 cells, but the header has 18"]);
    assert_eq!(confidence(TABLE, OpenctiConfidence::Confidence), Some(15.0));
    assert_eq!(confidence(TABLE, OpenctiConfidence::Score), Some(50.0));
}

#[test]
fn a_list_of_observables() {
    let table = Folder::with(
        "entity_type,observable_value,standard_id,value,x_opencti_score\n\
         IPv4-Addr,192.0.2.1,ipv4-addr--1,192.0.2.1,70\n\
         Hostname,c2.evil.example,hostname--1,,\n\
         Url,http://evil.example/x,url--1,,\n\
         StixFile,d41d8cd98f00b204e9800998ecf8427e,file--1,,\n",
    )
    .read("feed");
    assert_eq!(values(&table), ["192.0.2.1", "c2.evil.example", "http://evil.example/x"]);
    assert_eq!(ignored(&table.facts[0]), ["file hash=1"]);
}

#[test]
fn other_tables_are_not_mistaken_for_it() {
    let table = Folder::with("Indicator;Confidence\n192.0.2.1;5\n").read("feed");
    assert_eq!(table.facts[0].format, "plain table (CSV)");
    assert!(Folder::with("\"entity_type\";\"id\"\n\"x\";\"y\"\n").error("feed").contains("no known kind"));
}

fn node() -> serde_json::Value {
    json!({
        "id": "u-1", "standard_id": "indicator--1", "entity_type": "Indicator", "name": "192.0.2.1",
        "pattern": "[ipv4-addr:value = '192.0.2.1']", "pattern_type": "stix", "confidence": 15, "x_opencti_score": 50,
        "revoked": false, "indicator_types": ["c2"], "modified": "2025-01-02T00:00:00Z",
        "createdBy": {"name": "Example CERT"},
        "objectMarking": [{"definition": "TLP:AMBER", "definition_type": "TLP"}, {"definition": "PAP:RED"}],
        "objectLabel": {"edges": [{"node": {"value": "botnet"}}, {"node": null}, 7]},
    })
}

#[test]
fn entities_as_json() {
    let response = json!({"data": {"indicators": {"pageInfo": {}, "edges": [{"node": node()}]}}});
    for text in [
        node().to_string(),
        json!([node()]).to_string(),
        json!({"edges": [{"node": node()}]}).to_string(),
        response.to_string(),
    ] {
        let table = Folder::with(&text).read("feed");
        let got = only(&table);
        assert_eq!(
            (got.source, got.id, got.tlp),
            (Some("Example CERT"), Some("indicator--1"), Some("amber")),
            "{text}"
        );
        assert_eq!(
            (got.tags.map(|tags| tags.starts_with("botnet")), got.threat_type),
            (Some(true), Some("c2")),
            "{text}"
        );
        assert_eq!(table.facts[0].format, "OpenCTI (JSON)", "{text}");
    }
    assert_eq!(confidence(&node().to_string(), OpenctiConfidence::Score), Some(50.0));
    let broken = json!({"edges": [{"node": node()}, {"node": 7}, 8]}).to_string();
    assert_eq!(ignored(&Folder::with(broken).read("feed").facts[0]), ["unreadable record=2"]);
}

#[test]
fn the_same_indicator_from_stix_is_one() {
    let folder = Folder::new();
    folder.write("a.json", node().to_string());
    let stix = json!({
        "type": "indicator", "id": "indicator--1", "modified": "2025-02-01T00:00:00Z", "confidence": 20,
        "pattern": "[ipv4-addr:value = '192.0.2.1']", "pattern_type": "stix",
    });
    folder.write("b.json", json!({"type": "bundle", "objects": [stix]}).to_string());
    let table = folder.read(".");
    assert_eq!(only(&table).confidence, Some(20.0));
    assert_eq!(ignored(&table.facts[0]), ["superseded=1"]);
}
