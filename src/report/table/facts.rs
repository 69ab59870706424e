//! The coverage block as labelled lines; a label that repeats is printed once.

use super::lines::{Column, Lines};
use super::paint::Tint;
use crate::report::ReportError;
use crate::report::facts::{Fact, Tone};

/// Labels are words of ours, none longer than `days missing`.
const COLUMN: Column = Column { indent: 0, label: 12 };

/// Writes the lines.
pub(in crate::report) fn write(facts: &[Fact], lines: &mut Lines<'_>) -> Result<(), ReportError> {
    let mut before = "";
    for fact in facts {
        let label = if fact.label == before { "" } else { fact.label };
        before = fact.label;
        let tint = (fact.tone == Tone::Warning).then_some(Tint::Warning);
        lines.labelled(COLUMN, label, &fact.text, tint)?;
    }
    Ok(())
}
