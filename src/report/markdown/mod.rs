//! Markdown for tickets and wikis: one table with every column, the funnel, the coverage.

mod escape;

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;

use self::escape::escape;
use super::cell::text::items;
use super::facts::funnel::{QUERY, steps};
use super::facts::number::thousands;
use super::facts::{LOW_FOOTNOTE, coverage as facts_of};
use super::record::{Record, records};
use super::{ReportError, cell::Cell};
use crate::model::Severity;
use crate::model::coverage::Coverage;

/// Writes the document.
pub(super) fn write(
    schema: &Schema,
    batches: &[RecordBatch],
    coverage: &Coverage,
    out: &mut impl Write,
) -> Result<(), ReportError> {
    let title = if coverage.hunt.title.is_empty() { &coverage.hunt.id } else { &coverage.hunt.title };
    writeln!(out, "# {}\n", escape(title))?;
    writeln!(out, "## {}\n", if coverage.hunt.id == QUERY { "Rows" } else { "Findings" })?;
    if batches.iter().all(|batch| batch.num_rows() == 0) {
        nothing(coverage, out)?;
    } else {
        table(schema, batches, out)?;
    }
    writeln!(out, "\n## Funnel\n\n| step | count | |\n| --- | ---: | --- |")?;
    for step in steps(coverage) {
        writeln!(out, "| {} | {} | {} |", escape(&step.label), thousands(step.count), escape(&step.note))?;
    }
    writeln!(out, "\n## Coverage\n")?;
    for fact in facts_of::facts(coverage) {
        writeln!(out, "- **{}**: {}", fact.label, escape(&fact.text))?;
    }
    Ok(())
}

fn nothing(coverage: &Coverage, out: &mut impl Write) -> Result<(), ReportError> {
    if coverage.hunt.id == QUERY {
        return Ok(writeln!(out, "No rows.")?);
    }
    writeln!(out, "No findings.")?;
    if !coverage.hunt.blind_spots.is_empty() {
        writeln!(out, "\nThis hunt cannot see:\n")?;
        for blind_spot in &coverage.hunt.blind_spots {
            writeln!(out, "- {}", escape(blind_spot))?;
        }
    }
    Ok(())
}

fn table(schema: &Schema, batches: &[RecordBatch], out: &mut impl Write) -> Result<(), ReportError> {
    for field in schema.fields() {
        write!(out, "| {} ", escape(field.name()))?;
    }
    writeln!(out, "|")?;
    for field in schema.fields() {
        write!(out, "| {} ", if field.data_type().is_numeric() { "---:" } else { "---" })?;
    }
    writeln!(out, "|")?;
    let mut starred = false;
    for record in records(schema, batches) {
        starred |= row(record, out)?;
    }
    if starred {
        writeln!(out, "\n\\* {}", escape(LOW_FOOTNOTE))?;
    }
    Ok(())
}

/// Writes one row; whether it is LOW although a connection was accepted.
fn row(record: Record<'_>, out: &mut impl Write) -> Result<bool, ReportError> {
    let starred = record.text("RiskLevel").as_deref() == Some(Severity::Low.as_str()) && record.is_accepted_inbound();
    for (name, cell) in record.cells() {
        let mark = if starred && name == "RiskLevel" { "\\*" } else { "" };
        write!(out, "| {}{mark} ", content(cell))?;
    }
    writeln!(out, "|")?;
    Ok(starred)
}

/// The elements of a list stand below each other; the line break is ours and the only HTML.
fn content(cell: Cell<'_>) -> String {
    items(cell).iter().map(|item| escape(item)).collect::<Vec<_>>().join("<br>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    fn document(batches: &[RecordBatch]) -> String {
        let (schema, _, coverage) = samples::report();
        let mut out = Vec::new();
        write(&schema, batches, &coverage, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn no_cell_breaks_out_of_the_table() {
        let (schema, batches, _) = samples::report();
        let text = document(&batches);
        let lines: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("| DeviceName")).collect();
        let rows: Vec<&&str> = lines.iter().take_while(|line| line.starts_with('|')).collect();
        assert_eq!(rows.len(), samples::FINDINGS + 2);
        for row in rows {
            assert_eq!(row.matches('|').count(), schema.fields().len() + 1, "{row}");
        }
        for hostile in ["<script", "[x](http", "://", "\u{1b}", "\u{202e}"] {
            assert!(!text.contains(hostile), "{hostile}");
        }
        assert!(text.contains("| LOW\\* |") && text.contains("\\* LOW is not a verdict"));
    }

    #[test]
    fn zero_findings_tell_what_cannot_be_seen() {
        let text = document(&[]);
        assert!(
            text.contains("No findings.\n\nThis hunt cannot see:\n\n- onion sites\n- a VPN before Tor\n"),
            "{text}"
        );
        assert!(text.contains("| events in the files | 22,500,000 |  |"));
        assert!(text.contains("- **days missing**: 4 days: 2026-05-03..2026-05-05 (3 days), 2026-05-07"));
    }
}
