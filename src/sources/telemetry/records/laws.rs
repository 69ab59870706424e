//! Laws that hold for every export, and the packagings that exports are met in.

use std::collections::BTreeMap;

use arrow::array::AsArray as _;
use proptest::prelude::*;

use super::{Layout, ReadBlock, Reject, Splitter, Wanted, read};

/// Everything that was read of a text, whatever blocks it came in.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Whole {
    pub(super) rows: Vec<(u64, Vec<Option<String>>)>,
    pub(super) rejects: Vec<Reject>,
    pub(super) records: u64,
    pub(super) other_tables: BTreeMap<String, u64>,
    pub(super) unknown: BTreeMap<String, u64>,
    pub(super) repeated_headers: u64,
    pub(super) partial: Option<Reject>,
    pub(super) offset: u64,
}

impl Whole {
    fn add(&mut self, block: ReadBlock) {
        let columns: Vec<_> = block.batch.columns().iter().map(|column| column.as_string::<i32>()).collect();
        for (row, line) in block.lines.iter().enumerate() {
            let cells = columns.iter().map(|column| column.iter().nth(row).flatten().map(str::to_owned)).collect();
            self.rows.push((*line, cells));
        }
        self.records += block.records;
        self.repeated_headers += block.repeated_headers;
        self.rejects.extend(block.rejects);
        for (from, to) in [(block.other_tables, &mut self.other_tables), (block.unknown, &mut self.unknown)] {
            for (name, number) in from {
                *to.entry(name).or_default() += number;
            }
        }
    }

    /// The cells of every row.
    pub(super) fn cells(&self) -> Vec<Vec<&str>> {
        self.rows.iter().map(|(_, row)| row.iter().map(|cell| cell.as_deref().unwrap_or("~")).collect()).collect()
    }

    /// The reasons of all rejects.
    pub(super) fn reasons(&self) -> Vec<&str> {
        self.rejects.iter().map(|reject| reject.reason.as_str()).collect()
    }
}

/// Reads a text that comes in chunks of these sizes, over and over, in blocks of about this size.
pub(super) fn whole(bytes: &[u8], layout: &Layout, names: &[&str], chunks: &[usize], block: usize) -> Whole {
    let wanted = Wanted::new(names).counting_unknown();
    let mut splitter = Splitter::small(layout, block, 1 << 20);
    let (mut whole, mut rest, mut sizes) = (Whole::default(), bytes, chunks.iter().cycle());
    while !rest.is_empty() {
        let (chunk, behind) = rest.split_at(rest.len().min(*sizes.next().unwrap()));
        splitter.push(chunk).iter().for_each(|block| whole.add(read(block, &wanted)));
        rest = behind;
    }
    let finish = splitter.finish();
    finish.blocks.iter().for_each(|block| whole.add(read(block, &wanted)));
    (whole.partial, whole.offset) = (finish.partial, finish.place.offset);
    whole
}

/// Reads a text at once.
pub(super) fn read_all(text: &str, layout: &Layout, names: &[&str]) -> Whole {
    whole(text.as_bytes(), layout, names, &[usize::MAX], 1 << 20)
}

fn layouts() -> [Layout; 3] {
    let names = vec!["RemoteIP".to_owned(), "b".to_owned()];
    [Layout::JsonLines, Layout::JsonDocument, Layout::Csv(super::Header { names, delimiter: b',' }.into())]
}

/// Text that is made of what matters to the readers, sound and broken.
fn scraps() -> impl Strategy<Value = Vec<u8>> {
    let scraps: [&[u8]; 26] = [
        b"{\"RemoteIP\":\"192.0.2.1\",\"b\":1}",
        b"{\"category\":\"AdvancedHunting-DeviceNetworkEvents\",\"properties\":{\"RemoteIP\":null}}",
        b"{\"properties\":{\"RemoteIP\":1},\"category\":\"AdvancedHunting-DeviceEvents\"}",
        b"{\"records\":[",
        b"]}",
        b"[",
        b"]",
        b"{",
        b"}",
        b",",
        b"\"",
        b"\\",
        b":",
        b"\n",
        b"\r\n",
        b"RemoteIP,b\n",
        b"b,RemoteIP\n",
        b"192.0.2.1,x\n",
        b"\"a\"\"\n\",\"\"\n",
        b"\"_raw\":\"{\\\"DeviceId\\\":1}\"",
        b"\"a\\ud800\"",
        b"\xff",
        b"\xef\xbb\xbf",
        "é\u{2028}".as_bytes(),
        b" 1e5 ",
        b"null",
    ];
    prop::collection::vec(prop::sample::select(scraps.to_vec()), 0..40).prop_map(|scraps| scraps.concat())
}

proptest! {
    #[test]
    fn chunks_and_blocks_do_not_matter(bytes in scraps(), chunks in prop::collection::vec(1_usize..30, 1..5)) {
        for layout in layouts() {
            let at_once = whole(&bytes, &layout, &["RemoteIP", "b"], &[usize::MAX], 1 << 20);
            prop_assert_eq!(&whole(&bytes, &layout, &["RemoteIP", "b"], &chunks, 16), &at_once);
            let others: u64 = at_once.other_tables.values().sum();
            prop_assert_eq!(at_once.records, (at_once.rows.len() + at_once.rejects.len()) as u64 + others);
        }
    }

    #[test]
    fn any_bytes_are_read_or_rejected(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for layout in layouts() {
            let at_once = whole(&bytes, &layout, &["RemoteIP"], &[usize::MAX], 1 << 20);
            prop_assert_eq!(&whole(&bytes, &layout, &["RemoteIP"], &[1], 1), &at_once);
        }
        let _ = super::recognise(&bytes);
    }

    #[test]
    fn recognising_scraps_does_not_panic(bytes in scraps()) {
        let _ = super::recognise(&bytes);
    }

    #[test]
    fn printed_json_is_read_back(rows in prop::collection::vec((any::<Option<String>>(), any::<i64>(), any::<String>()), 1..20)) {
        let print = |(text, number, key): &(Option<String>, i64, String)| {
            let key = format!("x{key}");
            serde_json::json!({"DeviceName": text, "ReportId": number, "AdditionalFields": {key: text}})
        };
        let rows: Vec<_> = rows.iter().map(print).collect();
        let names = ["DeviceName", "ReportId", "AdditionalFields"];
        let expected: Vec<Vec<Option<String>>> = rows.iter().map(|row| names.iter().map(|name| match &row[name] {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }).collect()).collect();
        let lines: String = rows.iter().map(|row| format!("{row}\r\n")).collect();
        let pretty = serde_json::to_string(&serde_json::json!({"schema": [], "results": rows})).unwrap();
        for (text, layout) in [(lines, Layout::JsonLines), (pretty, Layout::JsonDocument)] {
            let whole = whole(text.as_bytes(), &layout, &names, &[13, 64], 100);
            prop_assert_eq!(&whole.rejects, &[]);
            let cells: Vec<_> = whole.rows.into_iter().map(|(_, cells)| cells).collect();
            prop_assert_eq!(&cells, &expected);
            prop_assert_eq!(whole.offset, text.len() as u64);
        }
    }

    #[test]
    fn printed_csv_is_read_back(rows in prop::collection::vec(("[^\u{0}]{0,12}", "[a\",;\r\n\\\\]{0,6}"), 1..20)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["DeviceName", "RemoteIP"]).unwrap();
        rows.iter().for_each(|(a, b)| writer.write_record([a, b]).unwrap());
        let text = writer.into_inner().unwrap();
        let recognised = super::recognise(&text).unwrap();
        let whole = whole(&text, &recognised.layout, &["DeviceName", "RemoteIP"], &[7, 1], 16);
        prop_assert_eq!(&whole.rejects, &[]);
        let null = |text: &String| (!text.is_empty()).then(|| text.clone());
        let expected: Vec<_> = rows.iter().map(|(a, b)| vec![null(a), null(b)]).collect();
        let cells: Vec<_> = whole.rows.into_iter().map(|(_, cells)| cells).collect();
        prop_assert_eq!(cells, expected);
    }
}
