//! Sentinel's tables as CSV, as the portal and the query tools export them: comma, or what a spreadsheet makes of it.

use csv::ReaderBuilder;

use super::super::columns::Rows;
use super::super::csv_records::{Records, reason};
use super::super::tally::UNREADABLE_RECORD;
use super::super::{Context, Sink, TextFormat};
use super::{current, legacy};
use crate::sources::SourceError;
use crate::sources::text::{self, unreadable};

/// `ThreatIntelIndicators`.
pub(in crate::sources::intel) const CURRENT: TextFormat = TextFormat {
    name: current::NAME,
    recognises: |head| delimiter(head, is_current).is_some(),
    read: |context, sink| read(context, sink, is_current, current::take),
};

/// `ThreatIntelligenceIndicator`.
pub(in crate::sources::intel) const LEGACY: TextFormat = TextFormat {
    name: legacy::NAME,
    recognises: |head| delimiter(head, is_legacy).is_some(),
    read: |context, sink| read(context, sink, is_legacy, legacy::take),
};

const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// Rows of one batch: Data columns hold kilobytes a row.
const BATCH_ROWS: usize = 1024;

type Take = fn(&Rows, &Context<'_>, &mut Sink<'_>) -> Result<(), SourceError>;

fn is_current(names: &[String]) -> bool {
    current::has_columns(|name| has(names, name))
}

fn is_legacy(names: &[String]) -> bool {
    legacy::has_columns(|name| has(names, name))
}

/// The delimiter under which the header has the table's columns.
fn delimiter(head: &str, is_table: fn(&[String]) -> bool) -> Option<u8> {
    DELIMITERS.into_iter().find(|delimiter| {
        let header = ReaderBuilder::new().delimiter(*delimiter).from_reader(head.as_bytes()).headers().cloned();
        header.is_ok_and(|header| is_table(&header.iter().map(name_of).collect::<Vec<_>>()))
    })
}

/// The portal writes `TimeGenerated [UTC]`.
fn name_of(cell: &str) -> String {
    cell.trim().trim_end_matches("[UTC]").trim().to_owned()
}

fn has(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn read(
    context: &Context<'_>,
    sink: &mut Sink<'_>,
    is_table: fn(&[String]) -> bool,
    take: Take,
) -> Result<(), SourceError> {
    let display = &context.file.display;
    let delimiter = delimiter(&context.head, is_table).unwrap_or(b',');
    let input = text::open(&context.file.path, display)?;
    let mut lines = Records::new(ReaderBuilder::new().delimiter(delimiter), delimiter, None, input);
    let header = lines.headers().map_err(|error| unreadable(display, &error.to_string()))?;
    let names: Vec<String> = header.iter().map(name_of).collect();
    let mut batch: Vec<Vec<Option<String>>> = Vec::new();
    let mut broken = 0u64;
    while let Some((line, record)) = lines.next_record() {
        match record {
            Ok(record) => batch.push(record.iter().map(|cell| Some(cell.to_owned())).collect()),
            Err(error) => {
                let reason = reason(error).map_err(|source| SourceError::Io { path: display.clone(), source })?;
                broken += 1;
                sink.record();
                sink.reject(UNREADABLE_RECORD, || format!("{}: {reason}", context.place("line", line)));
            }
        }
        if batch.len() == BATCH_ROWS {
            take(&Rows::of_text(&names, &std::mem::take(&mut batch), display)?, context, sink)?;
        }
    }
    take(&Rows::of_text(&names, &batch, display)?, context, sink)?;
    if broken > 0 && broken == sink.tally.records {
        let first = sink.tally.examples.first().map_or("", String::as_str);
        return Err(unreadable(display, &format!("invalid CSV: none of {broken} records can be read; {first}")));
    }
    Ok(())
}
