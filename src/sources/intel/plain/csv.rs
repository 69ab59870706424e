//! The plain table as CSV, with comma, semicolon, tab or bar between cells and `#` comments, the hunt's columns and
//! those of Microsoft's published lists.

use csv::{ReaderBuilder, StringRecord};

use super::super::csv_records::{Records, reason};
use super::super::tally::UNREADABLE_RECORD;
use super::super::{Context, Sink, TextFormat};
use super::{Record, has_indicator, known};
use crate::sources::SourceError;
use crate::sources::text::{self, unreadable};

/// The format.
pub(in crate::sources::intel) const FORMAT: TextFormat = TextFormat { name: "plain table (CSV)", recognises, read };

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
const COMMENT: u8 = b'#';

fn recognises(head: &str) -> bool {
    delimiter(head).is_some()
}

/// The delimiter under which the header names the column Indicator.
fn delimiter(head: &str) -> Option<u8> {
    DELIMITERS.into_iter().find(|delimiter| {
        let header = builder(*delimiter).from_reader(head.as_bytes()).headers().cloned();
        header.is_ok_and(|header| has_indicator(header.iter()))
    })
}

fn builder(delimiter: u8) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder.delimiter(delimiter).comment(Some(COMMENT));
    builder
}

fn read(context: &Context<'_>, sink: &mut Sink<'_>) -> Result<(), SourceError> {
    let display = &context.file.display;
    let delimiter = delimiter(&context.head).unwrap_or(b',');
    let mut lines =
        Records::new(&builder(delimiter), delimiter, Some(COMMENT), text::open(&context.file.path, display)?);
    let header = lines.headers().map_err(|error| unreadable(display, &error.to_string()))?;
    let columns: Vec<Option<usize>> = header.iter().map(known).collect();
    let mut broken = 0u64;
    while let Some((line, record)) = lines.next_record() {
        sink.record();
        match record {
            Ok(record) => sink.take(row(&columns, record).content(context, || context.place("line", line))),
            Err(error) => {
                let reason = reason(error).map_err(|source| SourceError::Io { path: display.clone(), source })?;
                broken += 1;
                sink.reject(UNREADABLE_RECORD, || format!("{}: {reason}", context.place("line", line)));
            }
        }
    }
    if broken > 0 && broken == sink.tally.records {
        let first = sink.tally.examples.first().map_or("", String::as_str);
        return Err(unreadable(display, &format!("invalid CSV: none of {broken} records can be read; {first}")));
    }
    Ok(())
}

fn row<'a>(columns: &[Option<usize>], cells: &'a StringRecord) -> Record<'a> {
    let mut record = Record::default();
    for (column, cell) in columns.iter().zip(cells) {
        record.put(*column, cell);
    }
    record
}
