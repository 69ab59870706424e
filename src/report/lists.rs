//! What lists held, for `tor build`, `intel build` and the `show` commands: the lines of the coverage block, and grids.

use std::io::{BufWriter, Write};

use arrow::array::RecordBatch;

use super::facts::{Fact, Tone, tor};
use super::table::lines::Lines;
use super::table::{facts as blocks, grid};
use super::{ReportError, Style, csv, ndjson};
use crate::model::coverage::{IntelSource, Skipped, TorSource};

/// Writes what Tor lists held, one group of lines per source.
///
/// # Errors
/// When the output cannot be written.
pub fn tor_sources(
    sources: &[TorSource],
    skipped: &[Skipped],
    style: Style,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    write(sources.iter().flat_map(tor::source).collect(), skipped, style, out)
}

/// Writes what feeds held: per source what was read, what was kept by kind, and what was skipped by reason.
///
/// # Errors
/// When the output cannot be written.
pub fn intel_sources(
    sources: &[IntelSource],
    skipped: &[Skipped],
    style: Style,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let mut out = BufWriter::new(out);
    let mut lines = Lines::new(style, &mut out);
    for source in sources {
        lines.heading(&format!("{} ({})", source.source, source.format))?;
        let kept = [
            ("read", source.records),
            ("kept: addresses", source.addresses),
            ("kept: prefixes", source.prefixes),
            ("kept: domains", source.domains),
            ("kept: URLs", source.urls),
        ];
        let skipped: Vec<(String, u64)> =
            source.ignored.iter().map(|counted| (format!("not used: {}", counted.name), counted.count)).collect();
        let rows = kept.iter().map(|(name, count)| ((*name).to_owned(), *count)).chain(skipped);
        grid::counts(rows.filter(|(name, count)| name == "read" || *count > 0), &mut lines)?;
        for example in &source.rejected_examples {
            blocks::write(&[Fact { label: "example", text: example.clone(), tone: Tone::Plain }], &mut lines)?;
        }
    }
    for one in skipped {
        let text = format!("{}: {}", one.path, one.reason);
        blocks::write(&[Fact { label: "skipped", text, tone: Tone::Warning }], &mut lines)?;
    }
    Ok(out.flush()?)
}

fn write(facts: Vec<Fact>, skipped: &[Skipped], style: Style, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut facts = facts;
    facts.extend(skipped.iter().map(|one| Fact {
        label: "skipped",
        text: format!("{}: {}", one.path, one.reason),
        tone: Tone::Warning,
    }));
    let mut out = BufWriter::new(out);
    blocks::write(&facts, &mut Lines::new(style, &mut out))?;
    Ok(out.flush()?)
}

/// Writes rows as a grid for people.
///
/// # Errors
/// When the output cannot be written.
pub fn rows_table(batch: &RecordBatch, style: Style, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut out = BufWriter::new(out);
    grid::write(&batch.schema(), std::slice::from_ref(batch), &mut Lines::new(style, &mut out))?;
    Ok(out.flush()?)
}

/// Writes rows as one object a line.
///
/// # Errors
/// When the output cannot be written.
pub fn rows_ndjson(batch: &RecordBatch, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut out = BufWriter::new(out);
    ndjson::write(&batch.schema(), std::slice::from_ref(batch), &mut out)?;
    Ok(out.flush()?)
}

/// Writes rows as CSV with a header.
///
/// # Errors
/// When the output cannot be written.
pub fn rows_csv(batch: &RecordBatch, out: &mut dyn Write) -> Result<(), ReportError> {
    csv::write(&batch.schema(), std::slice::from_ref(batch), &mut BufWriter::new(out))
}
