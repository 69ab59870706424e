//! The report for people at a terminal of any width: findings, the funnel, the coverage.
//!
//! Findings are cards whose head lines stand in columns: 35 columns fit no terminal, and a head line per finding can
//! still be scanned and searched. A result that is no finding becomes a grid. No line is wider than the terminal, and no
//! byte of telemetry reaches it that is not spelled out.

pub(super) mod columns;
pub(super) mod facts;
pub(super) mod funnel;
pub(super) mod grid;
pub(super) mod lines;

mod cards;
mod details;
mod paint;
mod text;

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;

use self::lines::Lines;
use super::facts::coverage as facts_of;
use super::facts::funnel::QUERY;
use super::{ReportError, Style};
use crate::model::coverage::Coverage;

/// The columns without which a row cannot be shown as a finding.
const FINDING: [&str; 3] = ["DeviceName", "RemoteIP", "RiskLevel"];

/// Writes findings, funnel and coverage.
pub(super) fn write(
    style: Style,
    schema: &Schema,
    batches: &[RecordBatch],
    coverage: &Coverage,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let mut lines = Lines::new(style, out);
    if batches.iter().all(|batch| batch.num_rows() == 0) {
        nothing(coverage, &mut lines)?;
    } else if FINDING.iter().all(|name| schema.index_of(name).is_ok()) {
        cards::write(schema, batches, &mut lines)?;
    } else {
        grid::write(schema, batches, &mut lines)?;
    }
    lines.blank()?;
    funnel::write(coverage, &mut lines)?;
    lines.blank()?;
    facts::write(&facts_of::facts(coverage), &mut lines)
}

/// Zero findings is an answer only together with what the hunt cannot see.
fn nothing(coverage: &Coverage, lines: &mut Lines<'_>) -> Result<(), ReportError> {
    if coverage.hunt.id == QUERY {
        return lines.heading("no rows");
    }
    lines.heading("no findings")?;
    if !coverage.hunt.blind_spots.is_empty() {
        lines.paragraph(&format!("this hunt cannot see: {}", coverage.hunt.blind_spots.join("; ")))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
