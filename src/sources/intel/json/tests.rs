//! Files of documents in every arrangement, and files that are broken.

use super::super::fixture::{Folder, ignored, values};

const PLAIN: &str = r#"{"Indicator":"192.0.2.1"}"#;

#[test]
fn documents_are_found_in_every_arrangement() {
    for text in [
        r#"{"Indicator":"192.0.2.1"}"#.to_owned(),
        format!("\u{feff}{PLAIN}\r\n\r\n{{\"Indicator\":\"192.0.2.2\"}}\r\n"),
        format!("[{PLAIN},{{\"Indicator\":\"192.0.2.2\"}}]"),
        "{\n  \"Indicator\": \"192.0.2.1\"\n}\n{\n  \"Indicator\": \"192.0.2.2\"\n}\n".to_owned(),
        r#"["192.0.2.1", "192.0.2.2"]"#.to_owned(),
        format!("{{\"Indicator\":\n{PLAIN}\n{{\"Indicator\":\"192.0.2.2\"}}\n"),
    ] {
        let table = Folder::with(&text).read("feed");
        assert_eq!(values(&table).first(), Some(&"192.0.2.1"), "{text}");
        assert_eq!(values(&table).len(), text.matches("192.0.2").count(), "{text}");
    }
}

#[test]
fn one_broken_line_among_many_is_named_by_its_number() {
    let mut text: String =
        (0..3000).map(|n| format!("{{\"Indicator\":\"198.51.{}.{}\"}}\n", n / 250, n % 250)).collect();
    text = text.replacen("{\"Indicator\":\"198.51.7.249\"}", "{\"Indicator\":\"198.51.7.249\"", 1);
    let table = Folder::with(&text).read("feed");
    assert_eq!((table.indicators.len(), table.facts[0].records), (2999, 3000));
    assert_eq!(ignored(&table.facts[0]), ["unreadable record=1"]);
    let example = &table.facts[0].rejected_examples[0];
    assert!(example.starts_with("line 2000: "), "{example}");
}

#[test]
fn kinds_may_be_mixed_and_unknown_documents_are_counted() {
    let text = format!(
        "{PLAIN}\n{{\"Other\":1}}\n{}\n",
        r#"{"type":"indicator","id":"indicator--1","pattern":"[domain-name:value = 'evil.example']","pattern_type":"stix"}"#
    );
    let table = Folder::with(&text).read("feed");
    assert_eq!(table.facts[0].format, "STIX, plain table (JSON)");
    assert_eq!(values(&table), ["192.0.2.1", "evil.example"]);
    assert_eq!(table.facts[0].rejected_examples, ["line 2: of no known kind, with the members Other"]);
}

#[test]
fn a_file_of_no_known_kind_or_broken_from_the_start_is_an_error() {
    for (text, want) in [
        ("{\"Event2\":{\"id\":1}}\n", "of no known kind: JSON with the members Event2; known are"),
        ("{\n \"Other\": {}\n}\n", "of no known kind: JSON with the members Other"),
        ("[]", "it holds no object"),
        ("[1, 2]", "item 1: 1"),
        ("{\"Indicator\":", "invalid JSON: EOF while parsing a value at line 1 column 13"),
        ("{\n \"Indicator\" 1 }\n", "invalid JSON: expected `:` at line 2"),
        ("{\"Indicator\":\"192.0.2.1\",\"Tags\":\"\u{0}\"}", "binary data"),
    ] {
        let message = Folder::with(text).error("feed");
        assert!(message.starts_with("feed: ") && message.contains(want), "{text}: {message}");
    }
    let message = Folder::with(b"{\n\"Indicator\":\"\xe9\"}").error("feed");
    assert!(message.contains("not UTF-8 text"), "{message}");
}

#[test]
fn a_document_that_is_cut_off_is_an_error_and_not_its_last_line() {
    for text in [
        format!("[\n{PLAIN},\n{PLAIN},\n{PLAIN}\n"),
        format!("[\n{PLAIN},\n{PLAIN},\n{{\"Indic"),
        format!("[{PLAIN},{PLAIN},{{\"Indic"),
        format!("{{\n\"type\":\"bundle\",\n\"objects\":[\n{PLAIN},\n{PLAIN}\n"),
    ] {
        let message = Folder::with(&text).error("feed");
        assert!(message.contains("invalid JSON: EOF while parsing"), "{text}: {message}");
    }
}

#[test]
fn a_first_line_that_is_no_text_costs_itself() {
    for first in [&b"{\"Indicator\":\"\xff\"}"[..], b"{\"Indicator", b"{\"Indicator\xff"] {
        let text = [first, b"\n", PLAIN.as_bytes(), b"\n{\"Indicator\":\"192.0.2.2\"}\n"].concat();
        let table = Folder::with(text).read("feed");
        assert_eq!(values(&table), ["192.0.2.1", "192.0.2.2"]);
        assert_eq!(ignored(&table.facts[0]), ["unreadable record=1"]);
        assert!(table.facts[0].rejected_examples[0].starts_with("line 1: "));
    }
}

#[test]
fn a_nesting_bomb_is_one_reject() {
    for bomb in [
        "[".repeat(200_000),
        format!("{}{}", "[".repeat(200_000), "]".repeat(200_000)),
        format!("{{\"Event\":{}1{}}}", "{\"a\":".repeat(100_000), "}".repeat(100_000)),
        format!("{{\"Indicator\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("{{\"type\":\"bundle\",\"objects\":[{}1{}]}}", "{\"a\":".repeat(100_000), "}".repeat(100_000)),
    ] {
        let folder = Folder::with(format!("{PLAIN}\n{bomb}\n"));
        assert_eq!(values(&folder.read("feed")), ["192.0.2.1"]);
        let alone = Folder::with(&bomb).load(&["feed"], crate::model::OnBadInput::Fail);
        assert!(alone.is_err() || alone.is_ok_and(|table| table.indicators.is_empty()));
    }
}

#[test]
fn a_long_line_is_read_whole() {
    let items: Vec<String> = (0..300_000).map(|n| format!("\"d{n}.example\"")).collect();
    let text = format!("[{}]", items.join(","));
    assert!(text.len() > 5_000_000);
    let table = Folder::with(&text).read("feed");
    assert_eq!(table.facts[0].domains, 300_000);
    let message = Folder::with(text.get(..text.len() - 1).unwrap()).error("feed");
    assert!(message.contains("invalid JSON: EOF while parsing a list"), "{message}");
}
