//! The sentences around the table: what was measured, who was fastest, and what must not be overlooked.

use super::{fastest, ran};
use crate::model::bench::BenchReport;
use crate::model::strategy::Strategy;
use crate::report::facts::Fact;
use crate::report::facts::number::{bytes, counted, thousands, three_digits};

/// Up to so many sources are listed.
const SOURCES_MAX: usize = 3;

/// What was measured.
pub(super) fn measured(report: &BenchReport) -> Vec<Fact> {
    let archive = &report.archive;
    let mut facts =
        vec![Fact::plain("hunt", format!("{}, {}", report.hunt, counted(report.findings, "finding", "findings")))];
    facts.extend(archive.sources.iter().take(SOURCES_MAX).map(|source| Fact::plain("events", source)));
    if archive.sources.len() > SOURCES_MAX {
        let rest = thousands(archive.sources.len() - SOURCES_MAX);
        facts.push(Fact::plain("events", format!("+{rest} more (the JSON names them all)")));
    }
    facts.push(Fact::plain("archive", format!("{}, {}", files(report), bytes(archive.bytes))));
    facts.push(Fact::plain("archive", rows(report)));
    facts.push(Fact::plain("lists", &report.lists));
    facts.push(Fact::plain("runs", format!("{}; {}", runs(report), threads(report))));
    facts.push(Fact::plain("program", &report.tool));
    facts
}

/// `90 files`.
pub(super) fn files(report: &BenchReport) -> String {
    counted(report.archive.files, "file", "files")
}

/// `22,500,000 rows in 180 row groups`.
pub(super) fn rows(report: &BenchReport) -> String {
    let rows = counted(report.archive.rows, "row", "rows");
    format!("{rows} in {}", counted(report.archive.row_groups, "row group", "row groups"))
}

/// `2 threads`.
pub(super) fn threads(report: &BenchReport) -> String {
    counted(report.threads, "thread", "threads")
}

fn runs(report: &BenchReport) -> String {
    match report.repeat {
        1 => "one whole process each, after one not counted".to_owned(),
        repeat => format!("median of {} whole processes each, after one not counted", thousands(repeat)),
    }
}

/// Why strategies did not run.
pub(super) fn not_run(report: &BenchReport) -> Vec<Fact> {
    report
        .strategies
        .iter()
        .filter_map(|row| row.not_run.as_ref().map(|why| Fact::plain("not run", format!("{}: {why}", row.strategy))))
        .collect()
}

/// Who was fastest and by how much, and whose result is another.
pub(super) fn verdict(report: &BenchReport) -> Vec<Fact> {
    let mut facts = vec![fastest_of(report)];
    facts.extend(different(report));
    facts
}

fn fastest_of(report: &BenchReport) -> Fact {
    let Some((best, seconds)) = fastest(report) else { return Fact::warning("fastest", "no strategy ran") };
    let others: Vec<_> = ran(report).filter(|(row, _)| row.strategy != best.strategy).collect();
    let is_join = |word: &str| Strategy::ALL.iter().any(|one| one.is_join() && one.as_str() == word);
    let mut against: Vec<_> = others.iter().filter(|(row, _)| is_join(&row.strategy)).collect();
    if against.is_empty() {
        against.extend(others.iter().reduce(|slowest, row| if row.1 > slowest.1 { row } else { slowest }));
    }
    let factors: Vec<String> = against
        .iter()
        .enumerate()
        .map(|(index, (row, other))| {
            let times = if index == 0 { " times as fast" } else { "" };
            format!("{}{times} as {}", three_digits(other / seconds), row.strategy)
        })
        .collect();
    let who = format!("{} with {} s", best.strategy, three_digits(seconds));
    Fact::plain("fastest", if factors.is_empty() { who } else { format!("{who}, {}", listed(&factors)) })
}

fn different(report: &BenchReport) -> Option<Fact> {
    if report.agrees() {
        return None;
    }
    let mut complete = report.strategies.iter().filter(|row| row.not_run.is_none());
    let first = complete.next()?;
    let others: Vec<String> = report
        .strategies
        .iter()
        .filter(|row| row.not_run.is_none() && !row.same_result)
        .map(|row| format!("{} ({})", row.strategy, counted(row.findings, "finding", "findings")))
        .collect();
    let text = format!(
        "not the result of {} ({}): {}; that is a bug of this program, not of your data; please report it with this table",
        first.strategy,
        counted(first.findings, "finding", "findings"),
        listed(&others),
    );
    Some(Fact::warning("differs", text))
}

/// `a, b and c`.
fn listed(items: &[String]) -> String {
    match items.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => items.concat(),
    }
}
