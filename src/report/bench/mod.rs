//! What `coldtrail bench` measured: a table for people, an object for programs, a chart for a page.
//!
//! Medians and ratios come with the report; nothing here measures, sorts or judges a result. The sources are as somebody
//! typed them, and why a strategy did not run may quote a file: both are neutralised where they are written.

mod chart;
mod table;
mod words;

#[cfg(test)]
mod samples;

use std::io::{BufWriter, Write};

use super::{ReportError, Style, json_text};
use crate::model::bench::{BenchReport, BenchRow};

/// Writes the comparison for people: what was measured, a row per strategy, and who was fastest by how much.
///
/// # Errors
/// When the output cannot be written.
pub fn bench_table(report: &BenchReport, style: Style, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut out = BufWriter::new(out);
    table::write(report, style, &mut out)?;
    Ok(out.flush()?)
}

/// Writes the comparison as one indented object with a line end.
///
/// # Errors
/// When the output cannot be written.
pub fn bench_json(report: &BenchReport, out: &mut dyn Write) -> Result<(), ReportError> {
    json_text::pretty(report, &mut *out)?;
    Ok(out.flush()?)
}

/// Writes the medians as an SVG of horizontal bars.
///
/// # Errors
/// When the output cannot be written, or plotters cannot lay the chart out.
pub fn bench_chart(report: &BenchReport, out: &mut dyn Write) -> Result<(), ReportError> {
    out.write_all(chart::svg(report)?.as_bytes())?;
    Ok(out.flush()?)
}

/// The rows of strategies that ran to their end, with their median.
fn ran(report: &BenchReport) -> impl Iterator<Item = (&BenchRow, f64)> {
    report
        .strategies
        .iter()
        .filter(|row| row.not_run.is_none())
        .filter_map(|row| row.median_seconds.filter(|median| median.is_finite()).map(|median| (row, median)))
}

/// The row with the least median; the first of them where some share it.
fn fastest(report: &BenchReport) -> Option<(&BenchRow, f64)> {
    ran(report).reduce(|best, row| if row.1 < best.1 { row } else { best })
}

/// The fastest and the slowest run.
fn range(row: &BenchRow) -> Option<(f64, f64)> {
    let mut seconds = row.seconds.iter().copied().filter(|seconds| seconds.is_finite());
    let first = seconds.next()?;
    Some(seconds.fold((first, first), |(least, most), one| (least.min(one), most.max(one))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_gets_one_object_with_every_number() {
        let report = samples::report();
        let mut out = Vec::new();
        bench_json(&report, &mut out).unwrap();
        assert!(out.starts_with(b"{\n") && out.ends_with(b"}\n"));
        let read: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(read["archive"]["rows"], 22_500_000);
        let rows = read["strategies"].as_array().unwrap();
        assert_eq!(rows.len(), report.strategies.len());
        assert_eq!((&rows[0]["strategy"], &rows[0]["median_seconds"]), (&"in-list".into(), &12.914.into()));
        assert_eq!(rows[8]["median_seconds"], serde_json::Value::Null);
    }

    #[test]
    fn a_control_character_is_spelled_out_in_json() {
        let mut report = samples::report();
        report.archive.sources = vec!["a\u{9b}31m\u{202e}b".to_owned()];
        let mut out = Vec::new();
        bench_json(&report, &mut out).unwrap();
        assert!(String::from_utf8(out).unwrap().contains(r"a\u009b31m\u202eb"));
    }

    #[test]
    fn the_fastest_is_the_first_of_equals_and_ran() {
        let mut report = samples::report();
        assert_eq!(fastest(&report).unwrap().0.strategy, "auto");
        for row in &mut report.strategies {
            row.median_seconds = Some(1.0);
        }
        assert_eq!(fastest(&report).unwrap().0.strategy, "in-list");
        report.strategies.iter_mut().for_each(|row| row.not_run = Some("stopped".to_owned()));
        assert_eq!(fastest(&report), None);
    }
}
