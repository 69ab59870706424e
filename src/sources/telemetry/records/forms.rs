//! The packagings that records are met in, one test each.

use super::laws::{Whole, read_all};
use super::{Layout, Subject, recognise};

const NAMES: [&str; 4] = ["Timestamp", "RemoteIP", "ReportId", "AdditionalFields"];

/// Recognises a text and reads it as what it is.
fn read(text: &str) -> Whole {
    let recognised = recognise(text.as_bytes()).unwrap();
    assert_eq!(recognised.subject, Subject::Events, "{text}");
    read_all(text, &recognised.layout, &NAMES)
}

#[test]
fn an_envelope_gives_its_properties_and_none_of_its_own_keys() {
    let text = concat!(
        "{\"Timestamp\":\"its own\",\"time\":\"t\",\"tenantId\":\"x\",\"category\":\"AdvancedHunting-DeviceNetworkEvents\",",
        "\"properties\":{\"Timestamp\":\"2026-07-18T13:58:42Z\",\"RemoteIP\":\"192.0.2.1\",\"ReportId\":18984951960,",
        "\"AdditionalFields\":\"{\\\"direction\\\":\\\"Out\\\"}\"},\"ReportId\":7}\r\n",
        "{\"properties\":{\"ReportId\":1.50,\"remoteip\":\"a\",\"RemoteIP\":null,\"Extra\":true,",
        "\"AdditionalFields\":{\"b\": 1, \"a\":2}},\"category\":\"advancedhunting-devicenetworkevents\"}\r\n",
    );
    let whole = read(text);
    assert_eq!(
        whole.cells(),
        [
            ["2026-07-18T13:58:42Z", "192.0.2.1", "18984951960", "{\"direction\":\"Out\"}"],
            ["~", "~", "1.50", "{\"b\": 1, \"a\":2}"]
        ]
    );
    assert_eq!(whole.unknown.into_iter().collect::<Vec<_>>(), [("Extra".to_owned(), 1)]);
}

#[test]
fn rows_of_other_tables_are_counted_wherever_they_say_so() {
    let whole = read(concat!(
        "{\"properties\":{\"DeviceId\":\"d\"},\"category\":\"AdvancedHunting-DeviceProcessEvents\"}\n",
        "{\"Type\":\"deviceNetworkEvents\",\"RemoteIP\":\"192.0.2.1\"}\n",
        "{\"RemoteIP\":\"192.0.2.2\",\"Type\":\"DeviceEvents\"}\n",
        "{\"$table\":\"DeviceProcessEvents\",\"DeviceId\":\"d\"}\n",
    ));
    assert_eq!(whole.cells(), [["~", "192.0.2.1", "~", "~"]]);
    let others: Vec<_> = whole.other_tables.into_iter().collect();
    assert_eq!(others, [("DeviceEvents".to_owned(), 1), ("DeviceProcessEvents".to_owned(), 2)]);
}

#[test]
fn wrappers_arrays_and_graph_answers() {
    let event = "{\"RemoteIP\":\"192.0.2.1\"}";
    for text in [
        format!("{{\"records\":[{event},{event}]}}\n{{\"records\":[{event}]}}\n"),
        format!("{{\"records\": [\n  {event},\n  {event},\n  {event}\n]}}"),
        format!("[{event},{event}]\n[{event}]\n"),
        format!("[\n{event},\n{event},\n{event}]"),
        format!("{{\"schema\":[{{\"name\":\"RemoteIP\",\"type\":\"String\"}}],\"results\":[{event},{event},{event}]}}"),
        format!("{{\"Stats\":{{}},\"Schema\":[],\"Results\":\n[{event},{event},{event}]}}"),
        format!("{event}{event}{event}"),
        event.replace(':', ":\n").repeat(3),
    ] {
        let whole = read(&text);
        assert_eq!((whole.rows.len(), whole.rejects.len(), whole.partial), (3, 0, None), "{text}");
    }
}

#[test]
fn a_shipper_s_own_record_holds_the_event() {
    let event = "{\"RemoteIP\":\"192.0.2.1\",\"ReportId\":5}";
    let text = serde_json::to_string(event).unwrap();
    let envelope = format!("{{\"category\":\"AdvancedHunting-DeviceNetworkEvents\",\"properties\":{event}}}");
    for record in [
        format!("{{\"_time\":1,\"_raw\":{text},\"host\":\"h\"}}"),
        format!("{{\"Body\":{{\"records\":[{envelope}]}},\"EnqueuedTimeUtc\":\"t\"}}"),
        format!("{{\"timestamp\":\"t\",\"message\":{}}}", serde_json::to_string(&envelope).unwrap()),
        format!("{{\"event\":{envelope}}}"),
        format!("{{\"category\":\"AdvancedHunting-DeviceNetworkEvents\",\"properties\":{text}}}"),
    ] {
        let whole = read(&record);
        assert_eq!(whole.cells(), [["~", "192.0.2.1", "5", "~"]], "{record}");
    }
    // An event that has such a column is flat all the same.
    let whole = read("{\"message\":\"{\\\"RemoteIP\\\":\\\"no\\\"}\",\"RemoteIP\":\"192.0.2.9\"}");
    assert_eq!(whole.cells(), [["~", "192.0.2.9", "~", "~"]]);
}

#[test]
fn every_fault_is_one_reject_and_the_next_line_is_read() {
    let deep = format!("{{\"RemoteIP\":{}1{}}}", "[".repeat(128), "]".repeat(128));
    let faults = [
        ("{\"RemoteIP\":\"192", "not valid JSON: EOF while parsing a string at byte 16"),
        ("{\"RemoteIP\":1,}", "not valid JSON: trailing comma at byte 15"),
        ("{\"RemoteIP\":1} {}", "not valid JSON: trailing characters at byte 16"),
        ("443", "not a JSON object"),
        ("{\"a\":\"\\ud800\",\"RemoteIP\":1}", "half of a surrogate pair at byte 7"),
        (
            "{\"a\":\"\\\\ud800 \\ud83d\\ude00\",\"b\":1}",
            "no event: neither RemoteIP, ActionType, DeviceId nor another column of the table",
        ),
        ("{\"_raw\":\"{\\\"RemoteIP\\\"\"}", "in its _raw: not valid JSON: EOF while parsing an object at byte 11"),
        (&deep, "nested deeper than 128 levels"),
        (&format!("{{\"RemoteIP\":{}}}", "1".repeat(600)), "a number of 600 digits; up to 512 are read"),
        ("[[[[[[]]]]]]", "records within records within records"),
        (&"[".repeat(100_000), "not valid JSON: EOF while parsing a list at byte 100000"),
    ];
    let good = "{\"RemoteIP\":\"192.0.2.1\"}";
    let text: String = faults.iter().map(|(fault, _)| format!("{fault}\n{good}\n")).collect();
    let whole = read_all(&text, &Layout::JsonLines, &NAMES);
    assert_eq!(whole.reasons(), faults.iter().map(|(_, reason)| *reason).collect::<Vec<_>>());
    assert_eq!(
        whole.rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
        (1..=11).map(|n| n * 2).collect::<Vec<_>>()
    );
    assert_eq!(whole.records, 22);
}

#[test]
fn a_record_is_rejected_whatever_columns_are_wanted() {
    let text = "{\"RemoteIP\":1,\"AdditionalFields\":{\"a\":\"\\udc00\"}}\n{\"RemoteIP\":\"\\uZZZZ\"}\n";
    for names in [&NAMES[..], &["DeviceName"]] {
        assert_eq!(read_all(text, &Layout::JsonLines, names).rejects.len(), 2);
    }
}

#[test]
fn bytes_that_are_no_text_cost_their_record_only() {
    let bytes = b"{\"RemoteIP\":\"1\"}\n{\"RemoteIP\":\"\xff\"}\n{\"RemoteIP\":\"3\"}\n";
    let whole = super::laws::whole(bytes, &Layout::JsonLines, &NAMES, &[10], 1 << 20);
    assert_eq!((whole.rows.len(), whole.reasons()), (2, vec!["not UTF-8 text at byte 14"]));
    assert_eq!((whole.rejects[0].line, whole.rejects[0].record.as_str()), (2, "{\"RemoteIP\":\"\u{fffd}\"}"));
}

#[test]
fn a_repeated_key_counts_once_and_last() {
    let whole = read("{\"RemoteIP\":\"1\",\"ReportId\":1,\"ReportId\":null,\"RemoteIP\":\"2\",\"x\":1,\"x\":2}");
    assert_eq!(whole.cells(), [["~", "2", "~", "~"]]);
    assert_eq!(whole.unknown["x"], 1);
}

#[test]
fn csv_with_quotes_and_faults() {
    let whole = read(concat!(
        "\u{feff}Timestamp,RemoteIP,ReportId,AdditionalFields\r\n",
        "2023-10-18T10:35:10Z,192.0.2.1,,\"{\"\"a\"\":\"\"[\\\"\"1\\\"\"]\r\n\"\"}\"\r\n",
        "\r\n",
        "t,192.0.2.2,\"\"\r\n",
        "t,192.0.2.3,5,\"\"x\r\n",
        "t,192.0.2.4,5,x",
    ));
    assert_eq!(
        whole.cells(),
        [["2023-10-18T10:35:10Z", "192.0.2.1", "~", "{\"a\":\"[\\\"1\\\"]\r\n\"}"], ["t", "192.0.2.4", "5", "x"]]
    );
    assert_eq!(whole.reasons(), ["3 fields, but the header has 4", "text behind a closing quote"]);
    let lines: Vec<_> = whole.rows.iter().map(|(line, _)| *line).chain(whole.rejects.iter().map(|r| r.line)).collect();
    assert_eq!(lines, [2, 7, 5, 6]);
}

#[test]
fn headers_met_again_are_no_rows_and_hold_for_what_is_below() {
    let whole = read(concat!(
        "Timestamp,RemoteIP,DeviceId\n",
        "t1,192.0.2.1,d\n",
        "Timestamp,RemoteIP,DeviceId\n",
        "t2,192.0.2.2,d\n",
        "RemoteIP,DeviceName\n",
        "192.0.2.3,n\n",
    ));
    assert_eq!(
        whole.cells(),
        [["t1", "192.0.2.1", "~", "~"], ["t2", "192.0.2.2", "~", "~"], ["~", "192.0.2.3", "~", "~"]]
    );
    assert_eq!((whole.repeated_headers, whole.records, whole.offset), (2, 3, 0));
}

#[test]
fn csv_rows_of_other_tables_are_counted() {
    let whole = read("RemoteIP;Type\n192.0.2.1;DeviceNetworkEvents\n;DeviceEvents\n192.0.2.2;\n");
    assert_eq!((whole.rows.len(), whole.other_tables["DeviceEvents"]), (2, 1));
}

#[test]
fn a_line_longer_than_many_blocks_is_read() {
    let long = "x".repeat(5 << 20);
    let text = format!("{{\"RemoteIP\":\"1\"}}\n{{\"RemoteIP\":\"{long}\"}}\n{{\"RemoteIP\":\"3\"}}\n");
    let mut splitter = super::Splitter::new(&Layout::JsonLines);
    let mut blocks: Vec<_> = text.as_bytes().chunks(1 << 20).flat_map(|chunk| splitter.push(chunk)).collect();
    blocks.extend(splitter.finish().blocks);
    let wanted = super::Wanted::new(&NAMES);
    let rows: Vec<_> = blocks.iter().map(|block| super::read(block, &wanted)).collect();
    assert_eq!(rows.iter().map(|block| block.lines.len()).sum::<usize>(), 3);
    assert!(rows.iter().all(|block| block.rejects.is_empty()));
}
