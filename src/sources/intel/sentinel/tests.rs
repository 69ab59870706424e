//! The two tables as files.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int32Array, LargeStringArray, ListBuilder, StringArray, StringBuilder,
    StringViewArray, StructArray, TimestampMicrosecondArray, TimestampNanosecondArray,
};
use arrow::datatypes::{DataType, Field};

use super::super::fixture::{Folder, ignored, only, values};
use crate::model::indicator::State;
use crate::model::{Micros, OnBadInput, Prefix};

const HEAD: &str = "Id|ObservableKey|ObservableValue|TimeGenerated|IsDeleted|Revoked|IsActive|Confidence|Data";

fn current(rows: &str) -> Folder {
    let folder = Folder::new();
    folder.table("feed", &format!("{HEAD}\n{rows}"));
    folder
}

#[test]
fn the_newest_row_of_an_observable_gives_its_content() {
    let folder = current(
        "a|ipv4-addr:value|192.0.2.1|2026-07-08|false|false|true|90|-\n\
         a|ipv4-addr:value|192.0.2.1|2026-07-01|false|false|true|10|-\n\
         a|ipv4-addr:value|192.0.2.2|2026-07-01|false|false|true|20|-",
    );
    let table = folder.read("feed");
    let kept: Vec<_> = table.indicators.iter().map(|i| (i.value, i.confidence)).collect();
    assert_eq!(kept, [("192.0.2.1", Some(90.0)), ("192.0.2.2", Some(20.0))]);
    assert_eq!(ignored(&table.facts[0]), ["superseded=1"]);
    assert_eq!((table.facts[0].records, table.facts[0].addresses), (3, 2));
}

#[test]
fn the_ids_newest_row_decides_for_all_its_observables() {
    let folder = current(
        "a|ipv4-addr:value|192.0.2.1|2026-07-01|false|false|true|-|-\n\
         a|ipv4-addr:value|192.0.2.2|2026-07-08|true|-|-|-|-\n\
         b|ipv4-addr:value|192.0.2.3|2026-07-01|-|-|-|-|-\n\
         b|ipv4-addr:value|192.0.2.4|2026-07-08|-|true|-|-|-\n\
         c|ipv4-addr:value|192.0.2.5|2026-07-01|true|-|-|-|-\n\
         c|ipv4-addr:value|192.0.2.6|2026-07-08|false|-|true|-|-\n\
         d|ipv4-addr:value|192.0.2.7|2026-07-01|-|-|false|-|-",
    );
    let table = folder.read("feed");
    let kept: Vec<_> = table.indicators.iter().map(|i| (i.value, i.state)).collect();
    let (active, retired) = (State::Active, State::Retired);
    assert_eq!(
        kept,
        [
            ("192.0.2.3", retired),
            ("192.0.2.4", retired),
            ("192.0.2.5", active),
            ("192.0.2.6", active),
            ("192.0.2.7", retired)
        ]
    );
    assert_eq!(ignored(&table.facts[0]), ["deleted=2"]);
}

#[test]
fn on_equal_times_the_row_that_excludes_wins() {
    let rows = [
        "a|ipv4-addr:value|192.0.2.1|2026-07-01|false|false|true|90|-",
        "a|ipv4-addr:value|192.0.2.1|2026-07-01|false|true|true|10|-",
    ];
    for order in [[0, 1], [1, 0]] {
        let folder = current(&order.map(|at| rows[at]).join("\n"));
        let table = folder.read("feed");
        assert_eq!((only(&table).state, only(&table).confidence), (State::Retired, Some(10.0)));
    }
}

#[test]
fn the_description_can_delete_or_retire() {
    let folder = current(
        "a|ipv4-addr:value|192.0.2.1|2026-07-01|-|-|true|-|{\"description\":\"x; State: falsepos;\"}\n\
         b|ipv4-addr:value|192.0.2.2|2026-07-01|-|-|true|-|{\"description\":\"State: inactive; x\"}\n\
         c|ipv4-addr:value|192.0.2.3|2026-07-01|-|-|true|-|{\"description\":\"State: active;\"}",
    );
    let table = folder.read("feed");
    let kept: Vec<_> = table.indicators.iter().map(|i| (i.value, i.state)).collect();
    assert_eq!(kept, [("192.0.2.2", State::Retired), ("192.0.2.3", State::Active)]);
    assert_eq!(ignored(&table.facts[0]), ["deleted=1"]);
}

#[test]
fn what_is_no_address_is_counted_by_kind() {
    let folder = current(
        "a|domain-name:value|evil.example.org|2026-07-01|-|-|-|-|-\n\
         b|url:value|http://evil.example.org/x|2026-07-01|-|-|-|-|-\n\
         c|file:hashes.'SHA-256'|abc|2026-07-01|-|-|-|-|-\n\
         d|-|-|2026-07-01|-|-|-|-|-\n\
         e|ipv4-addr:value|10.1.2.3|2026-07-01|-|-|-|-|-\n\
         f|ipv4-addr:value|nonsense|2026-07-01|-|-|-|-|-\n\
         g|mutex:name|m|2026-07-01|-|-|-|-|-\n\
         h|ipv4-addr|198.51.100.0/24|2026-07-01|-|-|-|-|-",
    );
    let table = folder.read("feed");
    assert_eq!(values(&table), ["198.51.100.0/24", "evil.example.org", "http://evil.example.org/x"]);
    assert_eq!(
        ignored(&table.facts[0]),
        [
            "file hash=1",
            "not an address or prefix=1",
            "other kind=2",
            "private, loopback, link-local or multicast range=1"
        ]
    );
    assert_eq!(table.facts[0].rejected_examples.len(), 2);
    assert_eq!(table.facts[0].rejected_examples[1], "row 6: nonsense (not an address or prefix)");
}

#[test]
fn all_files_and_sources_of_a_table_are_one_log() {
    let folder = Folder::new();
    folder.table("1", &format!("{HEAD}\na|ipv4-addr:value|192.0.2.1|2026-07-01|-|-|true|90|-\nb|ipv4-addr:value|192.0.2.2|2026-07-01|-|-|-|-|-"));
    folder.table("2", &format!("{HEAD}\na|ipv4-addr:value|192.0.2.1|2026-07-08|true|-|-|-|-"));
    for sources in [vec!["."], vec!["1", "2"], vec!["2", "1"], vec!["?"]] {
        let table = folder.load(&sources, OnBadInput::Fail).unwrap();
        assert_eq!(values(&table), ["192.0.2.2"], "{sources:?}");
        let all: Vec<String> = table.facts.iter().flat_map(ignored).collect();
        assert_eq!(all.iter().filter(|text| *text == "superseded=1").count(), 1, "{sources:?}");
    }
}

#[test]
fn a_file_that_breaks_off_takes_none_of_its_rows_along() {
    let folder = Folder::new();
    folder.table("1", &format!("{HEAD}\na|ipv4-addr:value|192.0.2.1|2026-07-01|-|-|true|90|-"));
    folder.table("2", &format!("{HEAD}\na|ipv4-addr:value|192.0.2.1|2026-07-08|true|-|-|-|-"));
    let whole = folder.bytes("2");
    folder.write("2", &whole[..whole.len() - 20]);
    let table = folder.load(&["."], OnBadInput::Skip).unwrap();
    assert_eq!(values(&table), ["192.0.2.1"]);
    assert_eq!(table.skipped[0].path, "./2");
    assert!(folder.error("2").contains("not a whole Parquet file"), "{}", folder.error("2"));
}

fn text(cells: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(cells.to_vec()))
}

#[test]
fn columns_of_other_types_say_the_same() {
    let mut types = ListBuilder::new(StringBuilder::new());
    types.values().append_value("C2");
    types.append(true);
    let types: ArrayRef = Arc::new(types.finish());
    let data = StructArray::from(vec![
        (Arc::new(Field::new("name", DataType::Utf8, true)), text(&[Some("evil")])),
        (Arc::new(Field::new("indicator_types", types.data_type().clone(), true)), types),
    ]);
    let day = Micros::parse("2026-07-01").unwrap().0;
    let folder = Folder::new();
    folder.parquet(
        "feed",
        vec![
            ("id", Arc::new(StringViewArray::from(vec!["a"])) as ArrayRef),
            ("ObservableKey", Arc::new(LargeStringArray::from(vec!["ipv6-addr:value"]))),
            ("ObservableValue", text(&[Some("2001:DB8::1")])),
            ("TimeGenerated", Arc::new(TimestampNanosecondArray::from(vec![day * 1_000]).with_timezone("UTC"))),
            ("IsActive", Arc::new(BooleanArray::from(vec![false]))),
            ("Confidence", Arc::new(Int32Array::from(vec![85]))),
            ("ValidFrom", Arc::new(TimestampMicrosecondArray::from(vec![day]))),
            ("ValidUntil", text(&[Some("2026-08-01T00:00:00.0000000Z")])),
            ("Data", Arc::new(data)),
            ("AdditionalFields", text(&[Some(r#"{"TLPLevel":"amber"}"#)])),
            ("Tags", text(&[Some(r#"["x"]"#)])),
            ("Source", text(&[Some("MISP")])),
        ],
    );
    let table = folder.read("feed");
    let indicator = only(&table);
    assert_eq!((indicator.value, indicator.prefix), ("2001:DB8::1", Prefix::parse("2001:db8::1").ok()));
    assert_eq!((indicator.state, indicator.confidence), (State::Retired, Some(85.0)));
    assert_eq!((indicator.valid_from, indicator.valid_until), (Some(Micros(day)), Micros::parse("2026-08-01")));
    assert_eq!((indicator.threat_type, indicator.tlp), (Some("C2"), Some("amber")));
    assert_eq!((indicator.name, indicator.tags), (Some("evil"), Some(r#"["x"]"#)));
    assert_eq!((indicator.source, indicator.id), (Some("MISP"), Some("a")));
}

#[test]
fn a_legacy_row_gives_each_of_its_addresses() {
    let folder = Folder::new();
    folder.table(
        "feed",
        "IndicatorId|TimeGenerated|Active|NetworkIP|NetworkDestinationIP|NetworkSourceCidrBlock|DomainName|Url|ThreatType|TrafficLightProtocolLevel|ExpirationDateTime|Description|IndicatorProvider\n\
         a|2025-07-01|true|192.0.2.1|192.0.2.1|198.51.100.0/24|evil.example.org|-|Botnet|green|2025-08-01|seen|acme\n\
         b|2025-07-01|true|-|-|-|evil.example.org|-|-|-|-|-|-\n\
         c|2025-07-01|true|-|-|-|-|http://x.example/|-|-|-|-|-\n\
         d|2025-07-01|false|203.0.113.1|-|-|-|-|-|-|-|-|-\n\
         e|2025-07-01|true|203.0.113.2|-|-|-|-|-|-|-|-|-\n\
         e|2025-07-08|true|203.0.113.3|-|-|-|-|-|-|-|-|-\n\
         f|2025-07-01|true|203.0.113.4|-|-|-|-|-|-|-|State: falsepos;|-\n\
         g|2025-07-01|true|-|-|-|-|-|-|-|-|-|-",
    );
    let table = folder.read("feed");
    assert_eq!(table.facts[0].format, "Sentinel ThreatIntelligenceIndicator");
    let kept: Vec<_> = table.indicators.iter().map(|i| (i.value, i.state)).collect();
    assert_eq!(
        kept,
        [
            ("192.0.2.1", State::Active),
            ("203.0.113.1", State::Retired),
            ("203.0.113.3", State::Active),
            ("198.51.100.0/24", State::Active),
            ("evil.example.org", State::Active),
            ("evil.example.org", State::Active),
            ("http://x.example/", State::Active)
        ]
    );
    assert_eq!(ignored(&table.facts[0]), ["deleted=1", "other kind=1", "superseded=1"]);
    let first = table.indicators.get(0).unwrap();
    assert_eq!((first.threat_type, first.tlp), (Some("Botnet"), Some("green")));
    assert_eq!((first.valid_from, first.valid_until), (None, Micros::parse("2025-08-01")));
    assert_eq!((first.name, first.source, first.id), (Some("seen"), Some("acme"), Some("a")));
}

#[test]
fn rows_without_an_id_do_not_replace_each_other() {
    let folder = current(
        "-|ipv4-addr:value|192.0.2.1|2026-07-01|true|-|-|-|-\n-|ipv4-addr:value|192.0.2.1|2026-07-08|-|-|-|50|-",
    );
    let table = folder.read("feed");
    assert_eq!(only(&table).confidence, Some(50.0));
    assert_eq!(ignored(&table.facts[0]), ["deleted=1"]);
}

#[test]
fn a_table_without_a_written_time_goes_by_its_change() {
    let folder = Folder::new();
    folder.parquet(
        "feed",
        vec![
            ("Id", text(&[Some("a"), Some("a")])),
            ("ObservableKey", text(&[Some("ipv4-addr:value"), Some("ipv4-addr:value")])),
            ("ObservableValue", text(&[Some("192.0.2.1"), Some("192.0.2.1")])),
            ("Modified", text(&[Some("2026-07-08"), Some("2026-07-01")])),
            ("Confidence", Arc::new(Float64Array::from(vec![70.0, 30.0]))),
        ],
    );
    assert_eq!(only(&folder.read("feed")).confidence, Some(70.0));
}

#[test]
fn a_pattern_that_the_platform_did_not_split_is_read() {
    let folder = Folder::new();
    folder.table(
        "feed",
        "Id|ObservableKey|ObservableValue|TimeGenerated|Pattern\n\
         a|-|-|2026-07-01|[network-traffic:dst_ref.value = '192.0.2.1' AND network-traffic:dst_port = 443]\n\
         b|-|-|2026-07-01|[file:name = 'x.exe']\n\
         c|-|-|2026-07-01|[broken",
    );
    let table = folder.read("feed");
    let indicator = only(&table);
    assert_eq!((indicator.value, indicator.port), ("192.0.2.1", Some(443)));
    assert_eq!(ignored(&table.facts[0]), ["file hash=1", "pattern not readable=1"]);
}

#[test]
fn the_tables_are_read_as_csv_and_json_too() {
    let parquet = current("a|ipv4-addr:value|192.0.2.1|2026-07-08|-|-|-|85|x").read("feed");
    let csv = Folder::with(
        "\u{feff}Id,ObservableKey,ObservableValue,TimeGenerated [UTC],Confidence,Data\r\n\
         a,ipv4-addr:value,192.0.2.1,2026-07-01,10,\r\n\
         a,ipv4-addr:value,192.0.2.1,2026-07-08,85,\"{\"\"name\"\":\"\"n\"\"}\"\r\n\
         broken\r\n",
    );
    let table = csv.read("feed");
    assert_eq!((table.facts[0].format.as_str(), table.facts[0].records), (parquet.facts[0].format.as_str(), 3));
    assert_eq!((only(&table).confidence, only(&table).name), (Some(85.0), Some("n")));
    assert_eq!(ignored(&table.facts[0]), ["superseded=1", "unreadable record=1"]);
    let json = Folder::with(
        "{\"Id\":\"a\",\"ObservableKey\":\"domain-name:value\",\"ObservableValue\":\"evil.example\",\"Confidence\":70,\"Data\":{\"name\":\"n\"},\"IsActive\":false,\"ValidUntil\":\"2026-08-01T00:00:00Z\"}\n\
         {\"IndicatorId\":\"b\",\"NetworkIP\":\"192.0.2.9\",\"NetworkPort\":8443,\"ConfidenceScore\":60,\"Active\":true}\n",
    );
    let table = json.read("feed");
    assert_eq!(values(&table), ["evil.example", "192.0.2.9"]);
    let (first, second) = (table.indicators.get(0).unwrap(), table.indicators.get(1).unwrap());
    assert_eq!((first.state, first.name, first.confidence), (State::Retired, Some("n"), Some(70.0)));
    assert_eq!((second.port, second.state), (Some(8443), State::Active));
}

#[test]
fn a_table_that_went_through_a_spreadsheet_is_still_a_log() {
    for delimiter in [",", ";", "\t"] {
        let text = "Id|ObservableKey|ObservableValue|TimeGenerated [UTC]|IsDeleted|Confidence\r\n\
             a|ipv4-addr:value|192.0.2.1|\"11/8/2026, 9:09:00.730 AM\"|true|90\r\n\
             a|ipv4-addr:value|192.0.2.1|\"2/9/2026, 9:09:00.730 AM\"|false|90\r\n\
             b|ipv4-addr:value|192.0.2.2|\"7/8/2026, 1:09:00.730 PM\"|false|70\r\n\
             b|ipv4-addr:value|192.0.2.2|\"7/8/2026, 11:09:00.730 AM\"|false|10\r\n"
            .replace('|', delimiter);
        let table = Folder::with(text).read("feed");
        assert_eq!((only(&table).value, only(&table).confidence), ("192.0.2.2", Some(70.0)), "{delimiter:?}");
        assert_eq!(ignored(&table.facts[0]), ["deleted=1", "superseded=2"], "{delimiter:?}");
    }
}

#[test]
fn a_csv_without_a_readable_row_is_an_error() {
    let message = Folder::with("Id,ObservableKey,ObservableValue\na\nb,\"\n").error("feed");
    assert!(message.contains("invalid CSV: none of 2 records can be read; line "), "{message}");
}
