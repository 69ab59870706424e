//! MISP's CSV export, with or without its header, its decay columns and the columns of the event.
//!
//! Without a header the number of cells tells which columns there are, since the export writes them in one order.

use std::io::Read;

use csv::{ReaderBuilder, StringRecord};

use super::super::csv_records::{Records, reason};
use super::super::tally::UNREADABLE_RECORD;
use super::super::{Context, Sink, TextFormat};
use super::attribute::{Attribute, Publication};
use super::is_uuid;
use super::lenient::flag;
use super::tags::Marks;
use crate::sources::SourceError;
use crate::sources::text::{self, unreadable};

/// The format.
pub(super) const FORMAT: TextFormat = TextFormat { name: "MISP (CSV)", recognises, read };

/// The columns that every export begins with.
const FIRST: [&str; 8] = ["uuid", "event_id", "category", "type", "value", "comment", "to_ids", "date"];
/// Then, in newer exports.
const MORE: [&str; 2] = ["object_relation", "attribute_tag"];
const DECAY: [&str; 2] = ["decay_score_score", "decay_score_decayed"];
const OBJECT: [&str; 3] = ["object_uuid", "object_name", "object_meta_category"];
/// With `includeContext`.
const EVENT: [&str; 9] = [
    "event_info",
    "event_member_org",
    "event_source_org",
    "event_distribution",
    "event_threat_level_id",
    "event_analysis",
    "event_date",
    "event_tag",
    "event_timestamp",
];

/// Columns of which a table with `type` and `value` has one only if it comes from MISP.
const PARTICULAR: [&str; 4] = ["to_ids", "attribute_tag", "object_relation", "event_info"];

fn recognises(head: &str) -> bool {
    first_record(head).is_some_and(|record| is_header(&record) || is_row(&record))
}

/// The first record, unless the head ends inside it.
fn first_record(head: &str) -> Option<StringRecord> {
    builder().has_headers(false).from_reader(head.as_bytes()).into_records().next()?.ok()
}

fn builder() -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    // Rows are compared with the columns below, where the first row may be no header.
    builder.delimiter(b',').flexible(true);
    builder
}

fn is_header(record: &StringRecord) -> bool {
    let has = |name: &str| record.iter().any(|cell| cell.trim().eq_ignore_ascii_case(name));
    has("type") && has("value") && PARTICULAR.iter().any(|name| has(name))
}

/// An attribute in the export's order: uuid, the event's number, …, 0 or 1, epoch seconds.
fn is_row(record: &StringRecord) -> bool {
    let cell = |at: usize| record.get(at).unwrap_or_default().trim();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_uuid(cell(0)) && is_number(cell(1)) && !cell(3).is_empty() && flag(cell(6)).is_some() && is_number(cell(7))
}

/// The columns of a table without header.
fn columns_of(cells: usize) -> Vec<&'static str> {
    let parts: &[&[&'static str]] = match cells {
        13 => &[&FIRST, &MORE, &OBJECT],
        15 => &[&FIRST, &MORE, &DECAY, &OBJECT],
        22 => &[&FIRST, &MORE, &OBJECT, &EVENT],
        24 => &[&FIRST, &MORE, &DECAY, &OBJECT, &EVENT],
        10.. => &[&FIRST, &MORE],
        _ => &[&FIRST],
    };
    parts.concat()
}

fn read(context: &Context<'_>, sink: &mut Sink<'_>) -> Result<(), SourceError> {
    records(text::open(&context.file.path, &context.file.display)?, context, sink)
}

pub(super) fn records(input: impl Read, context: &Context<'_>, sink: &mut Sink<'_>) -> Result<(), SourceError> {
    let display = &context.file.display;
    let mut lines = Records::new(builder().has_headers(false), b',', None, input);
    let mut columns: Option<(usize, Vec<String>)> = None;
    let (mut rows, mut broken) = (0u64, 0u64);
    while let Some((line, record)) = lines.next_record() {
        let place = || context.place("line", line);
        let read = match record {
            // A header in the middle comes from joined exports; what follows has its columns.
            Ok(record) if is_header(record) => {
                columns = Some((record.len(), record.iter().map(|name| name.trim().to_lowercase()).collect()));
                continue;
            }
            Ok(record) => {
                let (cells, names) = columns.get_or_insert_with(|| {
                    (record.len(), columns_of(record.len()).into_iter().map(str::to_string).collect())
                });
                if record.len() == *cells {
                    Ok(Row { names: &*names, record })
                } else {
                    Err(format!("{} cells, but the table has {cells}", record.len()))
                }
            }
            Err(error) => Err(reason(error).map_err(|source| SourceError::Io { path: display.clone(), source })?),
        };
        rows += 1;
        match read {
            Ok(row) => row.attribute().take(&row.publication(), context, sink, place),
            Err(reason) => {
                broken += 1;
                sink.record();
                sink.reject(UNREADABLE_RECORD, || format!("{}: {reason}", place()));
            }
        }
    }
    if broken > 0 && broken == rows {
        let first = sink.tally.examples.first().map_or("", String::as_str);
        return Err(unreadable(display, &format!("invalid CSV: none of {broken} records can be read; {first}")));
    }
    Ok(())
}

struct Row<'a> {
    names: &'a [String],
    record: &'a StringRecord,
}

impl<'a> Row<'a> {
    fn cell(&self, name: &str) -> Option<&'a str> {
        let at = self.names.iter().position(|known| known == name)?;
        self.record.get(at).map(str::trim).filter(|text| !text.is_empty())
    }

    fn attribute(&self) -> Attribute<'a> {
        Attribute {
            uuid: self.cell("uuid"),
            kind: self.cell("type"),
            category: self.cell("category"),
            value: self.cell("value"),
            to_ids: self.cell("to_ids").and_then(flag),
            deleted: self.cell("deleted").and_then(flag) == Some(true),
            timestamp: self.cell("date").or_else(|| self.cell("timestamp")),
            first_seen: self.cell("first_seen"),
            last_seen: self.cell("last_seen"),
            marks: Marks::of_cell(self.cell("attribute_tag")),
        }
    }

    fn publication(&self) -> Publication {
        Publication {
            name: self.cell("event_info").map(str::to_string),
            source: self.cell("event_source_org").map(str::to_string),
            date: self.cell("event_date").map(str::to_string),
            marks: Marks::of_cell(self.cell("event_tag")),
        }
    }
}
