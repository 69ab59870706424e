//! The few lines on stderr that accompany a machine format: a file of findings alone would hide what was not read.

use std::io::Write;

use super::facts::{Fact, coverage as facts};
use super::table::lines::Lines;
use super::table::{facts as blocks, funnel};
use super::{ReportError, Style};
use crate::model::coverage::Coverage;

/// Writes the funnel, then skipped inputs, missing days and warnings.
///
/// # Errors
/// When the output cannot be written.
pub fn summary(coverage: &Coverage, style: Style, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut lines = Lines::new(style, &mut *out);
    funnel::write(coverage, &mut lines)?;
    blocks::write(&urgent(coverage), &mut lines)?;
    Ok(out.flush()?)
}

fn urgent(coverage: &Coverage) -> Vec<Fact> {
    let mut urgent = facts::skipped(&coverage.files);
    if !coverage.period.days_missing.is_empty() {
        urgent.push(facts::days_missing(&coverage.period));
    }
    urgent.extend(facts::warnings(coverage));
    urgent
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn what_was_not_read_is_said_and_nothing_escapes() {
        let mut coverage = samples::coverage();
        coverage.files.skipped[0].path = "a\u{1b}]0;x\u{7}.parquet".into();
        let mut out = Vec::new();
        summary(&coverage, samples::plain(80), &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r#"
    events in the files   22,500,000
    in the period         22,400,000
    on the Tor list               31
    after de-duplication          22   (9 copies removed)
    findings                       7   CRITICAL 1 · HIGH 2 · MEDIUM 3 · LOW 1
    skipped       a\x1b]0;x\x07.parquet: the footer is cut off
    days missing  4 days: 2026-05-03..2026-05-05 (3 days), 2026-05-07
    warning       the Tor list is 12 days older than the events
    "#);
    }
}
