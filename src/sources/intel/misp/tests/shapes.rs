//! Events and attributes in all their JSON shapes, and what their members come to.

use super::super::super::fixture::{Folder, ignored, only, values};
use super::super::super::{IntelOptions, IntelTable, MispToIds, load};
use crate::model::{Micros, OnBadInput};

const ATTRIBUTE: &str = r#"{"uuid":"0e1d0000-0000-4000-8000-000000000001","type":"ip-dst","category":"Network activity","value":"192.0.2.1","to_ids":true,"timestamp":"1772755200","deleted":false,"Tag":[],"ShadowAttribute":[{"type":"ip-dst","value":"192.0.2.99"}]}"#;

fn event(attributes: &str, more: &str) -> String {
    format!(
        r#"{{"uuid":"0e1d0000-0000-4000-8000-0000000000ff","info":"Invented","date":"2026-03-01","Orgc":{{"name":"Lab"}},"Attribute":[{attributes}]{more}}}"#
    )
}

fn read(text: impl AsRef<[u8]>) -> IntelTable {
    Folder::with(text).read("feed")
}

#[test]
fn an_event_is_found_in_every_shape() {
    let bare = event(ATTRIBUTE, "");
    let in_object = event("", &format!(r#","Object":[{{"name":"domain-ip","Attribute":[{ATTRIBUTE}]}}]"#));
    let carrying = ATTRIBUTE.replace(
        r#""Tag":[]"#,
        r#""Event":{"uuid":"0e1d0000-0000-4000-8000-0000000000ff","info":"Invented","Orgc":{"name":"Lab"}}"#,
    );
    for text in [
        bare.clone(),
        in_object,
        format!(r#"{{"Event":{bare}}}"#),
        format!(r#"[{{"Event":{bare}}}]"#),
        format!(r#"[{bare}]"#),
        format!(r#"{{"response":[{{"Event":{bare}}}]}}"#),
        format!(r#"{{"response":[{bare}]}}"#),
        format!(r#"{{"response":{{"Event":{bare}}}}}"#),
        format!("\u{feff}{{\"Event\":\n{bare}}}\n\n"),
        format!(r#"{{"response":{{"Attribute":[{carrying}]}}}}"#),
        format!(r#"{{"Attribute":[{carrying}]}}"#),
        format!(r#"{{"Attribute":{carrying}}}"#),
        format!(r#"{{"response":[{{"Object":{{"name":"x","Attribute":[{carrying}]}}}}]}}"#),
        format!("{carrying}\n"),
        format!("[{carrying}]"),
    ] {
        let table = read(&text);
        let indicator = only(&table);
        assert_eq!((indicator.value, indicator.name), ("192.0.2.1", Some("Invented")), "{text}");
        assert_eq!((indicator.source, indicator.to_ids), (Some("Lab"), Some(true)), "{text}");
        assert_eq!(indicator.id, Some("0e1d0000-0000-4000-8000-000000000001"), "{text}");
        assert_eq!(indicator.threat_type, Some("Network activity"), "{text}");
        assert_eq!(indicator.valid_from, Micros::parse("2026-03-06"), "{text}");
        assert_eq!(table.facts[0].records, 1, "{text}");
        assert_eq!(table.facts[0].format, "MISP (JSON)", "{text}");
    }
}

#[test]
fn attributes_alone_name_their_file() {
    let table = read(format!(r#"{{"response":{{"Attribute":[{ATTRIBUTE}]}}}}"#));
    assert_eq!((only(&table).source, only(&table).name), (Some("feed"), None));
}

#[test]
fn nothing_found_is_a_file_of_a_known_kind() {
    for text in [r#"{"response":[]}"#, r#"{"response":{"Attribute":[]}}"#, r#"{"Attribute":[]}"#] {
        let table = read(text);
        assert_eq!((table.indicators.len(), table.facts[0].records), (0, 0), "{text}");
    }
}

#[test]
fn what_others_wrap_in_the_same_words_is_not_misps() {
    for text in [
        r#"{"Event":{"System":{"EventID":1},"EventData":{"DestinationIp":"192.0.2.1"}}}"#,
        r#"{"response":{"status":"ok"}}"#,
        r#"{"response":"none"}"#,
        r#"{"Object":[{"Key":"a","Size":1}]}"#,
        r#"{"response":{"response":{"response":{"response":{"response":{"response":[]}}}}}}"#,
    ] {
        Folder::with(text).error("feed");
    }
}

#[test]
fn ids_times_and_flags_may_be_numbers_text_or_flags() {
    let text = event(
        r#"{"uuid":7,"type":"ip-src","value":"192.0.2.1","to_ids":"0","deleted":"0","timestamp":1772755200},
           {"uuid":"8","type":"ip-src","value":"192.0.2.2","to_ids":1,"deleted":null,"timestamp":1772755200.5},
           {"uuid":null,"type":"ip-src","value":"192.0.2.3","timestamp":null,"Tag":null,"deleted":[]},
           {"uuid":"9","type":"ip-src","value":"192.0.2.4","deleted":1},
           {"uuid":"10","type":"md5","value":"x","deleted":"true"}"#,
        "",
    );
    let table = read(text);
    let told: Vec<_> = table.indicators.iter().map(|i| (i.value, i.id, i.to_ids, i.valid_from)).collect();
    let (day, noon) = (Micros::parse("2026-03-06"), Micros::parse("2026-03-06T00:00:00.5Z"));
    assert_eq!(
        told,
        [
            ("192.0.2.2", Some("8"), Some(true), noon),
            ("192.0.2.1", Some("7"), Some(false), day),
            ("192.0.2.3", None, None, Micros::parse("2026-03-01")),
        ]
    );
    assert_eq!(ignored(&table.facts[0]), ["deleted=2"]);
}

#[test]
fn composite_values_are_taken_apart() {
    let text = event(
        r#"{"type":"ip-dst|port","value":"192.0.2.1|8443"},
           {"type":"hostname|port","value":"c2.example.org|443"},
           {"type":"domain|ip","value":"evil.example|2001:db8::9"},
           {"type":"domain|ip","value":"bad.example|10.0.0.1"},
           {"type":"ip-src|port","value":"192.0.2.4|many"},
           {"type":"ip-dst","value":"198.51.100.0/24"},
           {"type":"ip-dst","value":"0.0.0.0/0"},
           {"type":"url","value":"107.183.86"},
           {"type":"filename|sha1","value":"a|b"},
           {"type":"link","value":"https://blog.example/report"}"#,
        "",
    );
    let table = read(text);
    let mut told: Vec<_> = table.indicators.iter().map(|i| (i.value, i.port)).collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("192.0.2.1", Some(8443)),
            ("192.0.2.4", None),
            ("198.51.100.0/24", None),
            ("2001:db8::9", None),
            ("bad.example", None),
            ("c2.example.org", Some(443)),
            ("evil.example", None),
        ]
    );
    let facts = &table.facts[0];
    assert_eq!((facts.records, facts.addresses, facts.prefixes, facts.domains), (10, 3, 1, 3));
    let reasons = ignored(facts);
    for reason in ["file hash=1", "other kind=1", "port not readable (kept without it)=1", "not a URL=1"] {
        assert!(reasons.contains(&reason.to_string()), "{reason} in {reasons:?}");
    }
    assert_eq!(reasons.len(), 6, "{reasons:?}");
}

#[test]
fn an_attributes_tags_come_before_its_events() {
    let text = event(
        r#"{"type":"ip-dst","value":"192.0.2.1","category":"Network activity",
            "Tag":[{"name":"tlp:green"},{"name":"misp:confidence-level=\"rarely-confident\""},{"name":"own"}]},
           {"type":"ip-dst","value":"192.0.2.2","category":"Network activity"}"#,
        r#","Tag":[{"name":"tlp:red"},{"name":"own"},{"name":"osint:certainty=\"93\""},{"name":"sentinel-threattype:C2"}]"#,
    );
    let table = read(text);
    let told: Vec<_> =
        table.indicators.iter().map(|i| (i.value, i.confidence, i.tlp, i.threat_type, i.tags.unwrap())).collect();
    let event = "tlp:red,own,osint:certainty=\"93\",sentinel-threattype:C2";
    let own = "tlp:green,misp:confidence-level=\"rarely-confident\",own,tlp:red,osint:certainty=\"93\",sentinel-threattype:C2";
    assert_eq!(
        told,
        [
            ("192.0.2.2", Some(93.0), Some("red"), Some("C2"), event),
            ("192.0.2.1", Some(25.0), Some("green"), Some("C2"), own),
        ]
    );
}

#[test]
fn confidence_is_never_invented() {
    let attribute =
        |value: &str, tag: &str| format!(r#"{{"type":"ip-dst","value":"{value}","Tag":[{{"name":"{tag}"}}]}}"#);
    let list = [
        attribute("192.0.2.1", "admiralty-scale:source-reliability=\\\"a\\\""),
        attribute("192.0.2.2", "misp:confidence-level=\\\"enormous\\\""),
    ];
    let table = read(event(&list.join(","), ""));
    assert_eq!(values(&table), ["192.0.2.1", "192.0.2.2"]);
    assert!(table.indicators.iter().all(|i| i.confidence.is_none()));
    assert_eq!(ignored(&table.facts[0]), ["confidence is no number from 0 to 100 (kept without it)=1"]);
}

#[test]
fn attributes_of_a_deleted_object_are_deleted() {
    let object = format!(r#","Object":[{{"deleted":"1","Attribute":[{ATTRIBUTE}]}},{{"deleted":false}}, 7]"#);
    let table = read(event("", &object));
    assert_eq!(table.indicators.len(), 0);
    assert_eq!(ignored(&table.facts[0]), ["deleted=1", "unreadable record=1"]);
}

#[test]
fn only_attributes_for_detection_when_asked() {
    let text = event(
        r#"{"type":"ip-dst","value":"192.0.2.1","to_ids":false},{"type":"ip-dst","value":"192.0.2.2","to_ids":true},
           {"type":"ip-dst","value":"192.0.2.3"},{"type":"md5","value":"x","to_ids":false}"#,
        "",
    );
    let folder = Folder::with(&text);
    let options = IntelOptions { misp_to_ids: MispToIds::Only, ..IntelOptions::default() };
    let table = load(&["feed".into()], folder.path(), options, OnBadInput::Fail).unwrap();
    assert_eq!(values(&table), ["192.0.2.2", "192.0.2.3"]);
    assert_eq!(ignored(&table.facts[0]), ["file hash=1", "to_ids false=1"]);
    assert_eq!(values(&folder.read("feed")), ["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
}

#[test]
fn a_broken_part_is_counted_and_shown_and_the_rest_counts() {
    let text = event(
        &format!(
            r#"7,null,{{"type":"ip-dst"}},{{"value":"192.0.2.5"}},["ip-dst","192.0.2.6"],
               {{"type":"ip-dst","value":"192.0.2.7","type":"ip-dst"}},{ATTRIBUTE},
               {{"type":"ip-dst","value":"192.0.2.8","first_seen":"soon","last_seen":"99999-01-01"}}"#
        ),
        r#","Tag":"none","Orgc":[],"Object":{}"#,
    );
    let table = read(text.replacen(r#""Orgc":{"name":"Lab"},"#, "", 1));
    assert_eq!(values(&table), ["192.0.2.1", "192.0.2.8"]);
    let facts = &table.facts[0];
    assert_eq!(ignored(facts), ["date not readable (kept without it)=1", "unreadable record=6"]);
    assert_eq!(facts.records, 8);
    assert!(facts.rejected_examples[0].ends_with("attribute 1: 7 is no object"), "{:?}", facts.rejected_examples);
    assert!(facts.rejected_examples[2].contains("attribute 3: an attribute without type or value"));
}

#[test]
fn nesting_bombs_are_passed_over_or_refused() {
    let bomb = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let table = read(event(ATTRIBUTE, &format!(r#","RelatedEvent":{bomb},"Tag":{bomb}"#)));
    assert_eq!(values(&table), ["192.0.2.1"]);
    let deep = read(event(&format!(r#"{{"type":"ip-dst","value":{bomb}}},{ATTRIBUTE}"#), ""));
    assert_eq!(values(&deep), ["192.0.2.1"]);
    assert_eq!(ignored(&deep.facts[0]), ["unreadable record=1"]);
    let objects = format!("{}{}", r#"{"a":"#.repeat(100_000), "1".to_string() + &"}".repeat(100_000));
    let named = read(event(ATTRIBUTE, &format!(r#","Object":[{objects}],"info2":{objects}"#)));
    assert_eq!(values(&named), ["192.0.2.1"]);
}

#[test]
fn a_large_event_is_read_in_one_line() {
    let list: Vec<String> = (0..20_000u32)
        .map(|n| {
            format!(r#"{{"type":"domain","value":"n{n}.example.org","to_ids":true,"data":"{}"}}"#, "A".repeat(500))
        })
        .collect();
    let table = read(format!(r#"{{"Event":{}}}"#, event(&list.join(","), "")));
    assert_eq!((table.facts[0].domains, table.facts[0].records), (20_000, 20_000));
}
