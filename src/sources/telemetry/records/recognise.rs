//! What a text file is, from its first bytes and never from its name.

use std::collections::BTreeMap;
use std::sync::Arc;

use memchr::memchr;
use serde::de::IgnoredAny;

use super::block::Framing;
use super::csv_text::{Scanner, fields};
use super::sample::{RECORDS_MAX, Sample};
use super::{Header, SampledColumn, Splitter, marks};
use crate::model::{Address, Micros};

/// Lines that are tried when it is decided how JSON is laid out.
const LINES_TRIED: usize = 64;

/// The keys of coldtrail's own rejects, in the order in which they are written.
const REJECT_KEYS: [&str; 4] = ["source", "line", "reason", "record"];

/// How records lie in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layout {
    /// One JSON value per line; lines end in LF or CRLF.
    JsonLines,
    /// One JSON document or several: an array, a wrapper, or values that span lines.
    JsonDocument,
    /// CSV below this header.
    Csv(Arc<Header>),
}

/// What the records are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Rows of `DeviceNetworkEvents`, perhaps with rows of other tables between.
    Events,
    /// Rows of another table, as the rows name it.
    OtherTable(String),
    /// Records that an earlier run of coldtrail rejected.
    Rejects,
    /// No telemetry at all; the reason is a phrase for a message.
    Foreign(String),
    /// Telemetry in a form that cannot be read; the reason says the remedy.
    Refused(String),
}

/// A text export, recognised.
#[derive(Debug, Clone)]
pub struct Recognised {
    /// How to split it.
    pub layout: Layout,
    /// What it is about.
    pub subject: Subject,
    /// The columns of its first records, in order of first sight.
    pub columns: Vec<SampledColumn>,
    /// Records looked at.
    pub records: u64,
    /// Rows of other tables among them, by name.
    pub other_tables: BTreeMap<String, u64>,
}

/// Recognises a text export from its first unpacked bytes: a MiB, or less where the file is shorter. `None` when it is no
/// text export.
#[must_use]
pub fn recognise(head: &[u8]) -> Option<Recognised> {
    if let Some(text) = utf16(head) {
        let recognised = recognise(text.as_bytes())?;
        let reason = "UTF-16 text; save it as UTF-8".to_owned();
        let is_telemetry = recognised.subject == Subject::Events;
        return is_telemetry.then_some(Recognised { subject: Subject::Refused(reason), ..recognised });
    }
    let head = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head);
    if head.starts_with(b"PAR1") || head.contains(&0) {
        return None;
    }
    json_layout(head).map(|layout| json(head, layout)).or_else(|| csv(head))
}

fn utf16(head: &[u8]) -> Option<String> {
    let (is_little, rest) = match head {
        [0xff, 0xfe, rest @ ..] => (true, rest),
        [0xfe, 0xff, rest @ ..] => (false, rest),
        _ => return None,
    };
    let read = |pair: &[u8; 2]| if is_little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) };
    let units: Vec<u16> = rest.as_chunks::<2>().0.iter().map(read).collect();
    Some(String::from_utf16_lossy(&units))
}

/// How JSON is laid out, if it is JSON.
fn json_layout(head: &[u8]) -> Option<Layout> {
    let first = head.trim_ascii_start().first()?;
    let is_value = |line: &[u8]| {
        let line = line.trim_ascii_start();
        (line.starts_with(b"{") || line.starts_with(b"[")) && serde_json::from_slice::<IgnoredAny>(line).is_ok()
    };
    // A record of its own that is damaged; a line of a document would go on.
    let is_begun = |line: &[u8]| {
        line.starts_with(b"{\"") && !line.trim_ascii_end().ends_with(b",") && !line.trim_ascii_end().ends_with(b"[")
    };
    let lines = head.split_inclusive(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let lines: Vec<&[u8]> = lines.take(LINES_TRIED).filter(|line| line.ends_with(b"\n")).collect();
    let tried: Vec<bool> = lines.iter().map(|line| is_value(line)).collect();
    let whole = tried.iter().filter(|is_value| **is_value).count();
    let begun = lines.iter().filter(|line| !is_value(line) && is_begun(line)).count();
    // One line that is cut off may be the first of a document.
    let records = whole + if whole > 0 || begun > 1 { begun } else { 0 };
    let begins_with_value = tried.first().copied().unwrap_or_else(|| is_value(head));
    if begins_with_value || (records > 0 && records * 2 >= tried.len() && *first != b'[') {
        return Some(Layout::JsonLines);
    }
    match first {
        b'[' => Some(Layout::JsonDocument),
        // One line that is longer than the head: a document is one whose first record is whole already.
        b'{' if tried.is_empty() && values_of(head, &Layout::JsonDocument).is_empty() => Some(Layout::JsonLines),
        b'{' => Some(Layout::JsonDocument),
        _ => None,
    }
}

/// The first records, and what is behind the last whole one.
fn values_of(head: &[u8], layout: &Layout) -> Vec<Vec<u8>> {
    let mut splitter = Splitter::new(layout);
    let mut blocks = splitter.push(head);
    blocks.extend(splitter.finish().blocks);
    let mut values = Vec::new();
    for block in &blocks {
        match &block.framing {
            Framing::Values(ranges) => {
                values
                    .extend(ranges.iter().filter_map(|(range, _)| block.bytes.get(range.clone())).map(<[u8]>::to_vec));
            }
            _ => values.extend(block.bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec)),
        }
    }
    values.retain(|value| !value.trim_ascii().is_empty());
    values
}

fn json(head: &[u8], layout: Layout) -> Recognised {
    let mut sample = Sample::default();
    for value in values_of(head, &layout) {
        if sample.records() < RECORDS_MAX {
            sample.json(&String::from_utf8_lossy(&value));
        }
    }
    if sample.records() == 0 {
        sample.cut_json(&String::from_utf8_lossy(head));
    }
    let mut keys = sample.first_keys.clone();
    keys.sort_unstable();
    let mut reject_keys = REJECT_KEYS;
    reject_keys.sort_unstable();
    let subject = if keys == reject_keys { Subject::Rejects } else { subject(&sample, "JSON") };
    recognised(layout, subject, sample)
}

fn recognised(layout: Layout, subject: Subject, sample: Sample) -> Recognised {
    let records = sample.records();
    Recognised { layout, subject, columns: sample.columns, records, other_tables: sample.other_tables }
}

fn subject(sample: &Sample, what: &str) -> Subject {
    if sample.events > 0 {
        return by_columns(sample.columns.iter().map(|column| column.name.as_str()));
    }
    let most = sample.other_tables.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)));
    match most {
        Some((table, _)) => Subject::OtherTable(table.clone()),
        None => Subject::Foreign(format!("{what} without a column of DeviceNetworkEvents")),
    }
}

fn by_columns<'a>(mut names: impl Iterator<Item = &'a str>) -> Subject {
    if names.any(marks::is_network_mark) {
        Subject::Events
    } else {
        Subject::Foreign("device events without RemoteIP, RemotePort, RemoteUrl, LocalIP and LocalPort".to_owned())
    }
}

fn csv(head: &[u8]) -> Option<Recognised> {
    let header = [b',', b';', b'\t'].into_iter().filter_map(|delimiter| header(head, delimiter));
    let header = header.max_by_key(|header| header.names.len()).filter(|header| header.names.len() > 1)?;
    let is_header = header.names.iter().any(|name| marks::is_mark(name));
    let layout = Layout::Csv(Arc::new(header.clone()));
    let mut sample = Sample::default();
    if !is_header {
        let subject = headless(&header)?;
        return Some(recognised(layout, subject, sample));
    }
    let table = header.names.iter().position(|name| ["Type", "$table", "TableName"].contains(&name.as_str()));
    header.names.iter().for_each(|name| sample.csv(name, ""));
    let mut cells = Vec::new();
    for record in csv_records(head, header.delimiter).skip(1).take(usize::try_from(RECORDS_MAX).unwrap_or(usize::MAX)) {
        let Ok(text) = std::str::from_utf8(record) else { continue };
        if fields(record, header.delimiter, &mut cells).is_err() || cells.len() != header.names.len() {
            continue;
        }
        let table = table.and_then(|field| cells.get(field)).map(|field| field.text(text)).unwrap_or_default();
        let table = marks::table_name(&table);
        if !table.is_empty() && !marks::is_this_table(table) {
            *sample.other_tables.entry(table.to_owned()).or_default() += 1;
            continue;
        }
        sample.events += 1;
        for (name, cell) in header.names.iter().zip(&cells) {
            sample.csv(name, &cell.text(text));
        }
    }
    let names = || header.names.iter().map(String::as_str);
    let subject = if sample.records() == 0 { by_columns(names()) } else { subject(&sample, "CSV") };
    Some(recognised(layout, subject, sample))
}

fn header(head: &[u8], delimiter: u8) -> Option<Header> {
    let record = csv_records(head, delimiter).next()?;
    let text = std::str::from_utf8(record).ok()?;
    let mut cells = Vec::new();
    fields(record, delimiter, &mut cells).ok()?;
    let names: Vec<String> = cells.iter().map(|cell| cell.text(text).into_owned()).collect();
    Some(Header { names, delimiter })
}

/// Records that are not blank; the last one may be cut.
fn csv_records(head: &[u8], delimiter: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = head;
    let records = std::iter::from_fn(move || {
        let end = Scanner::default().record_end(rest, delimiter).unwrap_or(rest.len());
        let (record, behind) = rest.split_at(end);
        rest = behind;
        (!record.is_empty()).then_some(record)
    });
    records.filter(|record| !record.trim_ascii().is_empty())
}

/// A CSV whose first record names no column of this table: rows without a header, or anything else.
fn headless(first: &Header) -> Option<Subject> {
    let any = |is: &dyn Fn(&str) -> bool| first.names.iter().any(|cell| is(cell));
    let is_event = any(&|cell| cell.len() > 10 && Micros::parse(cell).is_some())
        && (any(&|cell| {
            cell.starts_with("Connection") || cell.starts_with("InboundConnection") || cell.ends_with("Inspected")
        }) || any(&|cell| Address::parse(cell).is_some())
            && any(&|cell| cell.len() == 40 && cell.bytes().all(|byte| byte.is_ascii_hexdigit())));
    if is_event {
        let reason = "CSV without a header line; export it with one (in Kusto: includeHeaders=\"all\")";
        return Some(Subject::Refused(reason.to_owned()));
    }
    let is_name = |cell: &String| {
        memchr(b'\n', cell.as_bytes()).is_none() && cell.len() <= 100 && cell.chars().any(char::is_alphanumeric)
    };
    let is_table = first.names.len() > 2 && first.names.iter().all(is_name);
    is_table.then(|| Subject::Foreign("CSV without a column of DeviceNetworkEvents".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::Kinds;
    use super::*;

    const EVENT: &str = "{\"Timestamp\":\"2026-07-18T13:58:42Z\",\"RemoteIP\":\"192.0.2.1\",\"RemotePort\":443}";

    fn layout(text: &str) -> Layout {
        let recognised = recognise(text.as_bytes()).unwrap();
        assert_eq!(recognised.subject, Subject::Events, "{text}");
        recognised.layout
    }

    #[test]
    fn lines_and_documents_are_told_apart() {
        assert_eq!(layout(&format!("{EVENT}\r\n{EVENT}\r\n{{\"Remo")), Layout::JsonLines);
        assert_eq!(layout(EVENT), Layout::JsonLines);
        assert_eq!(layout(&format!("torn\":1}}\n{EVENT}\n")), Layout::JsonLines);
        assert_eq!(layout(&format!("{{\"records\":[{EVENT}]}}\n")), Layout::JsonLines);
        assert_eq!(layout(&format!("{{\"records\":[{EVENT},{EVENT},{{\"Rem")), Layout::JsonDocument);
        assert_eq!(layout(&format!("[\n{EVENT},\n{EVENT}\n]\n")), Layout::JsonDocument);
        assert_eq!(layout(&format!("[{EVENT},{EVENT},{{\"Rem")), Layout::JsonDocument);
        assert_eq!(layout(&EVENT.replace(',', ",\n  ")), Layout::JsonDocument);
        let long = format!("{{\"RemoteIP\":\"192.0.2.1\",\"AdditionalFields\":\"{}", "x".repeat(1 << 20));
        assert_eq!(layout(&long), Layout::JsonLines);
    }

    #[test]
    fn the_sample_names_columns_kinds_and_times() {
        let text = format!("{{\"ReportId\":null,\"AdditionalFields\":{{}},\"DeviceId\":\"d\"}}\n{EVENT}\n");
        let recognised = recognise(text.as_bytes()).unwrap();
        let columns: Vec<_> = recognised.columns.iter().map(|c| (c.name.as_str(), c.kinds, c.texts.len())).collect();
        let (text, number) = (Kinds { text: true, ..Kinds::default() }, Kinds { number: true, ..Kinds::default() });
        let json = Kinds { json: true, ..Kinds::default() };
        assert_eq!(
            columns,
            [
                ("ReportId", Kinds::default(), 0),
                ("AdditionalFields", json, 0),
                ("DeviceId", text, 0),
                ("Timestamp", text, 1),
                ("RemoteIP", text, 0),
                ("RemotePort", number, 0),
            ]
        );
        assert_eq!((recognised.records, recognised.columns[3].texts[0].as_str()), (2, "2026-07-18T13:58:42Z"));
    }

    #[test]
    fn csv_is_known_by_its_header() {
        let text = "\u{feff}\"TimeGenerated [UTC]\";RemoteIP\n\"4/16/2021, 9:09:00.730 AM\";192.0.2.1\n\"4/17";
        let recognised = recognise(text.as_bytes()).unwrap();
        assert_eq!(recognised.subject, Subject::Events);
        let Layout::Csv(header) = &recognised.layout else { panic!("{:?}", recognised.layout) };
        assert_eq!((header.names[0].as_str(), header.delimiter), ("TimeGenerated [UTC]", b';'));
        assert_eq!(recognised.columns[0].texts, ["4/16/2021, 9:09:00.730 AM"]);
        assert_eq!(
            layout("Timestamp,RemoteIP"),
            Layout::Csv(Arc::new(Header { names: vec!["Timestamp".into(), "RemoteIP".into()], delimiter: b',' }))
        );
    }

    fn subject_of(text: &str) -> Option<Subject> {
        recognise(text.as_bytes()).map(|recognised| recognised.subject)
    }

    #[test]
    fn what_is_not_this_table_is_named() {
        let rejects = "{\"source\":\"a\",\"line\":1,\"reason\":\"r\",\"record\":\"{}\"}\n";
        assert_eq!(subject_of(rejects), Some(Subject::Rejects));
        let other = "{\"category\":\"AdvancedHunting-DeviceEvents\",\"properties\":{\"DeviceId\":\"d\"}}\n";
        assert_eq!(subject_of(other), Some(Subject::OtherTable("DeviceEvents".into())));
        assert_eq!(
            subject_of("TenantId,Type,DeviceId\nt,DeviceEvents,d\n"),
            Some(Subject::OtherTable("DeviceEvents".into()))
        );
        assert!(matches!(subject_of("{\"type\":\"bundle\",\"objects\":[]}"), Some(Subject::Foreign(_))));
        assert!(matches!(subject_of("{\"DeviceId\":\"d\",\"FileName\":\"f\"}"), Some(Subject::Foreign(_))));
        assert!(matches!(subject_of("name,age,town\nA,1,B\n"), Some(Subject::Foreign(_))));
        let headless =
            "2023-10-18T10:35:10Z,0123456789012345678901234567890123456789,host,ConnectionSuccess,192.0.2.1\n";
        assert!(matches!(subject_of(headless), Some(Subject::Refused(_))));
        for text in ["", "\n", "Read me first.\n", "PAR1", "a,b\u{0}"] {
            assert_eq!(subject_of(text), None, "{text:?}");
        }
    }

    #[test]
    fn utf_16_telemetry_is_refused_with_the_remedy() {
        let bytes: Vec<u8> = format!("\u{feff}{EVENT}\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let recognised = recognise(&bytes).unwrap();
        assert_eq!(recognised.subject, Subject::Refused("UTF-16 text; save it as UTF-8".into()));
    }
}
