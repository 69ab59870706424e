//! The plain table in its three spellings.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, ListBuilder, StringArray, StringBuilder, TimestampMillisecondArray};
use parquet::data_type::{ByteArrayType, Int96, Int96Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::super::fixture::{Folder, ignored, only, values};
use crate::model::{Micros, OnBadInput};

#[test]
fn csv_with_the_hunts_columns_is_read() {
    let folder = Folder::with(
        "\u{feff}indicator,INDICATORTYPE,ConfidenceScore,ThreatType,TlpLevel,Tags\r\n\
         192.0.2.1,domain,85,C2,amber,\"a,b\"\r\n\
         198.51.100.0/24,ip,,,,\r\n\
         evil.example.org,ip,1,,,\r\n\
         10.0.0.1,ip,1,,,\r\n\
         192.0.2.2,ip,high,,,\r\n",
    );
    let table = folder.read("feed");
    assert_eq!(table.facts[0].format, "plain table (CSV)");
    assert_eq!(values(&table), ["192.0.2.1", "evil.example.org", "192.0.2.2", "198.51.100.0/24"]);
    let first = table.indicators.get(0).unwrap();
    assert_eq!((first.confidence, first.threat_type), (Some(85.0), Some("C2")));
    assert_eq!((first.tlp, first.tags, first.source), (Some("amber"), Some("a,b"), Some("feed")));
    assert_eq!(
        ignored(&table.facts[0]),
        [
            "confidence is no number from 0 to 100 (kept without it)=1",
            "private, loopback, link-local or multicast range=1"
        ]
    );
    assert_eq!(
        table.facts[0].rejected_examples,
        ["line 5: 10.0.0.1 (private, loopback, link-local or multicast range)"]
    );
    assert_eq!((table.facts[0].records, table.facts[0].addresses, table.facts[0].prefixes), (5, 2, 1));
}

#[test]
fn the_columns_of_microsofts_lists_are_known() {
    let folder = Folder::with(
        "DateAdded,FirstSeen,Indicator,IndicatorType,TLP\n2026-03-02,,192.0.2.1,IP,White\n2026-03-02,2026-01-01,192.0.2.2,IP,White\n",
    );
    let table = folder.read("feed");
    let dates: Vec<_> = table.indicators.iter().map(|i| (i.value, i.valid_from)).collect();
    assert_eq!(dates, [("192.0.2.1", Micros::parse("2026-03-02")), ("192.0.2.2", Micros::parse("2026-01-01"))]);
    assert_eq!(table.indicators.get(0).unwrap().tlp, Some("White"));
}

#[test]
fn other_delimiters_and_comments_are_read() {
    for text in [
        "Id;Indicator\n7;192.0.2.1\n",
        "# export\nId\tIndicator\n7\t192.0.2.1\n",
        "Id|Indicator\n# note\n7|192.0.2.1\n",
    ] {
        assert_eq!(only(&Folder::with(text).read("feed")).id, Some("7"), "{text}");
    }
}

#[test]
fn broken_csv_records_are_counted_unless_all_are() {
    let folder = Folder::with(b"Indicator,Tags\n192.0.2.1,x\n192.0.2.2\n\n192.0.2.3,\xe9\n");
    let table = folder.read("feed");
    assert_eq!(values(&table), ["192.0.2.1"]);
    assert_eq!(ignored(&table.facts[0]), ["unreadable record=2"]);
    assert_eq!(table.facts[0].rejected_examples, ["line 3: 1 cells, but the header has 2", "line 5: not UTF-8 text"]);
    let message = Folder::with("Indicator,Tags\nx\ny\n").error("feed");
    assert_eq!(message, "feed: invalid CSV: none of 2 records can be read; line 2: 1 cells, but the header has 2");
}

#[test]
fn json_lines_are_read_and_broken_ones_counted() {
    let folder = Folder::with(
        "{\"Indicator\":\"192.0.2.1\",\"confidencescore\":85,\"Tags\":[\"a\",\"b\"],\"ValidUntil\":\"2026-08-01\",\"Extra\":{}}\r\n\
         \r\n\
         {\"Indicator\":\"192.0.2.2\"\n\
         {\"Other\":1}\n\
         {\"Indicator\":null}\n",
    );
    let table = folder.read("feed");
    let indicator = only(&table);
    assert_eq!((indicator.confidence, indicator.tags), (Some(85.0), Some(r#"["a","b"]"#)));
    assert_eq!(indicator.valid_until, Micros::parse("2026-08-01"));
    assert_eq!(ignored(&table.facts[0]), ["not an address or prefix=1", "unreadable record=2"]);
    assert_eq!(
        table.facts[0].rejected_examples,
        [
            "line 3: {\"Indicator\":\"192.0.2.2\" (EOF while parsing an object)",
            "line 4: of no known kind, with the members Other",
            "line 5: no value (not an address or prefix)"
        ]
    );
}

#[test]
fn parquet_with_other_types_is_read() {
    let mut tags = ListBuilder::new(StringBuilder::new());
    tags.values().append_value("sentinel-threattype:C2");
    tags.append(true);
    let folder = Folder::new();
    folder.parquet(
        "feed",
        vec![
            ("Indicator", Arc::new(StringArray::from(vec!["192.0.2.1"])) as ArrayRef),
            ("ConfidenceScore", Arc::new(Float64Array::from(vec![85.0]))),
            ("Tags", Arc::new(tags.finish())),
            ("ValidFrom", Arc::new(TimestampMillisecondArray::from(vec![1_782_864_000_000]))),
        ],
    );
    let table = folder.read("feed");
    let indicator = only(&table);
    assert_eq!((indicator.confidence, indicator.threat_type), (Some(85.0), Some("C2")));
    assert_eq!(
        (indicator.tags, indicator.valid_from),
        (Some(r#"["sentinel-threattype:C2"]"#), Micros::parse("2026-07-01"))
    );
}

#[test]
fn a_known_kind_without_an_indicator_is_no_error() {
    for text in ["Indicator\n", "Indicator\na@example.org\n", "{\"Indicator\":\"10.0.0.1\"}\n"] {
        let table = Folder::with(text).load(&["feed"], OnBadInput::Fail).unwrap();
        assert_eq!((table.indicators.len(), table.facts.len()), (0, 1), "{text}");
    }
}

#[test]
fn equal_rows_are_one_indicator() {
    let folder = Folder::with("Indicator,Tags\n192.0.2.1,x\n192.0.2.1,x\n192.0.2.1,y\n");
    let table = folder.read("feed");
    assert_eq!(table.indicators.len(), 2);
    assert_eq!(ignored(&table.facts[0]), ["duplicate=1"]);
}

/// A file with one INT96 time, the form in which older Spark writes them, beside the indicator.
fn with_int96(julian_day: u32) -> Vec<u8> {
    let schema =
        parse_message_type("message m { optional binary Indicator (UTF8); optional int96 ValidUntil; }").unwrap();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, Arc::new(schema), Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&["192.0.2.1".into()], Some(&[1]), None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let time = Int96::from(vec![0, 0, julian_day]);
    column.typed::<Int96Type>().write_batch(&[time], Some(&[1]), None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn int96_times_reach_the_year_9999() {
    for (julian_day, want) in [(2_461_223, "2026-07-01"), (5_373_484, "9999-12-31")] {
        let table = Folder::with(with_int96(julian_day)).read("feed");
        assert_eq!(only(&table).valid_until, Micros::parse(want), "{want}");
    }
}

#[test]
fn usual_names_are_known_in_any_case_and_spelling() {
    for (text, want) in [
        ("ip_address;Confidence Level;first-seen\n192.0.2.1;70;2026-01-01\n", "192.0.2.1"),
        ("IOC Value,ioc_type,tags\nevil.example,domain,a\n", "evil.example"),
        ("host,port\nevil.example,443\n", "evil.example"),
        ("{\"url\":\"https://evil.example/x\",\"labels\":[\"a\"],\"feed\":\"f\"}\n", "https://evil.example/x"),
    ] {
        assert_eq!(values(&Folder::with(text).read("feed")), [want], "{text}");
    }
    let both = Folder::with("domain,ip\nevil.example,192.0.2.1\n").read("feed");
    assert_eq!(values(&both), ["192.0.2.1", "evil.example"]);
    let file = Folder::with("ioc,type\ninvoice.exe,filename\n").read("feed");
    assert_eq!(ignored(&file.facts[0]), ["file hash=1"]);
}

#[test]
fn an_object_under_a_usual_name_is_no_value() {
    let message = Folder::with("{\"domain\":{\"x\":1},\"url\":[1]}").error("feed");
    assert!(message.contains("of no known kind"), "{message}");
}

#[test]
fn harmless_spellings_and_ports_are_read_in_every_form() {
    for text in [
        "ioc,ioc_type\nhxxp://evil[.]example/a,url\n192.0.2[.]1:443,ip:port\n",
        "[{\"ioc\":\"hxxp://evil[.]example/a\"},{\"ioc\":\"192.0.2[.]1\",\"dst_port\":443.0}]",
        "[\"hxxp://evil[.]example/a\",\"192.0.2[.]1:443\"]",
    ] {
        let table = Folder::with(text).read("feed");
        let got: Vec<_> = table.indicators.iter().map(|one| (one.value, one.port)).collect();
        assert_eq!(got, [("192.0.2.1", Some(443)), ("http://evil.example/a", None)], "{text}");
    }
    let table = Folder::with("ip,port\n192.0.2.1,443\n192.0.2.2,99999\n192.0.2.3,http\n").read("feed");
    assert_eq!(table.indicators.len(), 3);
    assert_eq!(ignored(&table.facts[0]), ["port not readable (kept without it)=2"]);
}

#[test]
fn a_stray_quote_costs_one_line_of_a_csv_and_not_the_rest() {
    let mut text = "Indicator,Tags\n".to_owned();
    for n in 0..3000 {
        let quote = if n == 1998 { "\"" } else { "" };
        text.push_str(&format!("198.51.{}.{},{quote}tag\n", n / 250, n % 250));
    }
    let table = Folder::with(&text).read("feed");
    assert_eq!((table.indicators.len(), table.facts[0].records), (2999, 3000));
    assert_eq!(ignored(&table.facts[0]), ["unreadable record=1"]);
    assert_eq!(table.facts[0].rejected_examples, ["line 2000: a quote that is not closed"]);
    // A cell that rightly spans lines stays one.
    let table = Folder::with("Indicator,Tags\n192.0.2.1,\"a\nb,c\"\n192.0.2.2,d\n").read("feed");
    assert_eq!(table.indicators.get(0).unwrap().tags, Some("a\nb,c"));
    assert_eq!(table.indicators.len(), 2);
}

#[test]
fn dates_out_of_range_are_left_out_and_counted() {
    let table = Folder::with(
        "Indicator,first_seen,valid_until\n192.0.2.1,99999-01-01,2026-01-01\n192.0.2.2,0000-00-00,\n192.0.2.3,2026-02-30,\n\
         192.0.2.4,1e300,\n192.0.2.5,2026-02-01,2026-01-01\n192.0.2.6,,99999999999999999999999999\n",
    )
    .read("feed");
    assert_eq!(table.indicators.len(), 6);
    assert_eq!(
        ignored(&table.facts[0]),
        ["date not readable (kept without it)=5", "valid-until before valid-from (kept without dates)=1"]
    );
    let dated: Vec<_> = table
        .indicators
        .iter()
        .filter(|one| one.valid_from.or(one.valid_until).is_some())
        .map(|one| one.value)
        .collect();
    assert_eq!(dated, ["192.0.2.1"]);
}

#[test]
fn wrong_encodings_are_named() {
    let utf16: Vec<u8> = "\u{feff}Indicator\n192.0.2.1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(Folder::with(&utf16).error("feed").contains("UTF-16 text; save it as UTF-8"));
    assert!(Folder::with(utf16.get(2..).unwrap()).error("feed").contains("binary data"));
    for blank in ["\u{feff}", "\n\r\n", "\u{feff}\n"] {
        assert!(Folder::with(blank).error("feed").contains("no text but blank lines"), "{blank:?}");
    }
    let cut = Folder::with("\u{feff}Indicator,Tags\r\n192.0.2.1,x\r\n192.0.2.2").read("feed");
    assert_eq!(values(&cut), ["192.0.2.1"]);
    assert_eq!(cut.facts[0].rejected_examples, ["line 3: 1 cells, but the header has 2"]);
}
