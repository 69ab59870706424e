//! Sentinel's tables as CSV, as the portal and the query tools export them.

use csv::ReaderBuilder;

use super::super::columns::Rows;
use super::super::tally::UNREADABLE_RECORD;
use super::super::{Context, Sink, TextFormat};
use super::{current, legacy};
use crate::sources::SourceError;
use crate::sources::csv_lines::{CsvLines, reason};
use crate::sources::text::{self, unreadable};

/// `ThreatIntelIndicators`.
pub(in crate::sources::intel) const CURRENT: TextFormat = TextFormat {
    name: current::NAME,
    recognises: |head| header_of(head).is_some_and(|names| current::has_columns(|name| has(&names, name))),
    read: |context, sink| read(context, sink, current::take),
};

/// `ThreatIntelligenceIndicator`.
pub(in crate::sources::intel) const LEGACY: TextFormat = TextFormat {
    name: legacy::NAME,
    recognises: |head| header_of(head).is_some_and(|names| legacy::has_columns(|name| has(&names, name))),
    read: |context, sink| read(context, sink, legacy::take),
};

/// Rows of one batch: Data columns hold kilobytes a row.
const BATCH_ROWS: usize = 1024;

type Take = fn(&Rows, &Context<'_>, &mut Sink<'_>) -> Result<(), SourceError>;

fn header_of(head: &str) -> Option<Vec<String>> {
    let header = ReaderBuilder::new().from_reader(head.as_bytes()).headers().cloned().ok()?;
    Some(header.iter().map(name_of).collect())
}

/// The portal writes `TimeGenerated [UTC]`.
fn name_of(cell: &str) -> String {
    cell.trim().trim_end_matches("[UTC]").trim().to_owned()
}

fn has(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn read(context: &Context<'_>, sink: &mut Sink<'_>, take: Take) -> Result<(), SourceError> {
    let display = &context.file.display;
    let mut lines = CsvLines::new(&ReaderBuilder::new(), text::open(&context.file.path, display)?);
    let header = lines.headers().map_err(|error| unreadable(display, &error.to_string()))?;
    let names: Vec<String> = header.iter().map(name_of).collect();
    let mut batch: Vec<Vec<Option<String>>> = Vec::new();
    while let Some((line, record)) = lines.next_record() {
        match record {
            Ok(record) => batch.push(record.iter().map(|cell| Some(cell.to_owned())).collect()),
            Err(error) => {
                let reason = reason(error).map_err(|source| SourceError::Io { path: display.clone(), source })?;
                sink.record();
                sink.reject(UNREADABLE_RECORD, || format!("{}: {reason}", context.place("line", line)));
            }
        }
        if batch.len() == BATCH_ROWS {
            take(&Rows::of_text(&names, &std::mem::take(&mut batch), display)?, context, sink)?;
        }
    }
    take(&Rows::of_text(&names, &batch, display)?, context, sink)
}
