//! What a hunt would read, for `coldtrail plan`: labelled lines for people, one object for programs.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};

use super::facts::number::{by_reason, bytes, counted, second, thousands};
use super::facts::{Fact, days, drift};
use super::table::facts as blocks;
use super::table::lines::Lines;
use super::{ReportError, Style, json_text};
use crate::model::plan::{Plan, PlannedDay, PlannedFooters};

/// Up to so many dates are listed one by one; more of them by month.
const DAYS_MAX: usize = 31;

/// Writes the plan for people.
///
/// # Errors
/// When the output cannot be written.
pub fn plan_table(plan: &Plan, style: Style, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut out = BufWriter::new(out);
    blocks::write(&facts(plan), &mut Lines::new(style, &mut out))?;
    Ok(out.flush()?)
}

/// Writes the plan as one object on one line.
///
/// # Errors
/// When the output cannot be written.
pub fn plan_ndjson(plan: &Plan, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut out = BufWriter::new(out);
    json_text::compact(plan, &mut out)?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}

fn facts(plan: &Plan) -> Vec<Fact> {
    let mut facts = vec![Fact::plain("hunt", format!("{} (reads {})", plan.hunt, plan.tables.join(", ")))];
    facts.extend(plan.sources.iter().map(|source| Fact::plain("events", source)));
    let period = match (plan.from, plan.to) {
        (None, None) => "all times".to_owned(),
        (Some(from), None) => format!("from {} on", second(from)),
        (None, Some(to)) => format!("before {}", second(to)),
        (Some(from), Some(to)) => format!("from {} to before {}", second(from), second(to)),
    };
    facts.push(Fact::plain("period", period));
    facts.push(Fact::plain(
        "files",
        format!("{}, {}", counted(plan.files, "file to open", "files to open"), bytes(plan.bytes)),
    ));
    if !plan.endings.is_empty() {
        facts.push(Fact::plain("files", format!("by name: {}", by_reason(&plan.endings))));
    }
    if plan.outside_period > 0 {
        facts.push(Fact::plain(
            "files",
            format!("{} left out: their path lies outside the period", thousands(plan.outside_period)),
        ));
    }
    facts.extend(
        plan.ignored.iter().map(|one| Fact::plain("left out", format!("{}: {}", one.name, thousands(one.count)))),
    );
    facts.extend(days_facts(plan));
    if let Some(first) = &plan.first_file {
        facts.push(match &first.error {
            Some(error) => Fact::warning("first file", error),
            None => Fact::plain(
                "first file",
                format!(
                    "{} opens: {}, {}",
                    first.path,
                    first.kind,
                    counted(first.columns, "known column", "known columns")
                ),
            ),
        });
    }
    facts.extend(plan.footers.as_ref().map(footers).unwrap_or_default());
    if plan.requests > 0 {
        facts.push(Fact::plain(
            "so far",
            format!("{}, {} read", counted(plan.requests, "request", "requests"), bytes(plan.remote_bytes)),
        ));
    }
    facts
}

fn days_facts(plan: &Plan) -> Vec<Fact> {
    let mut facts: Vec<Fact> = grouped(&plan.days)
        .into_iter()
        .map(|day| {
            Fact::plain(
                "days by path",
                format!("{}  {}, {}", day.date, counted(day.files, "file", "files"), bytes(day.bytes)),
            )
        })
        .collect();
    if !plan.days_missing.is_empty() {
        facts.push(Fact::warning("days missing", days::ranges(&plan.days_missing).join(", ")));
    }
    if plan.undated_files > 0 {
        let files = counted(plan.undated_files, "file whose path names no date", "files whose paths name no date");
        facts.push(Fact::plain("undated", format!("{files}, {}", bytes(plan.undated_bytes))));
    }
    facts
}

/// The dates, or the months where there are many.
fn grouped(days: &[PlannedDay]) -> Vec<PlannedDay> {
    if days.len() <= DAYS_MAX {
        return days.to_vec();
    }
    let mut months: BTreeMap<&str, PlannedDay> = BTreeMap::new();
    for day in days {
        let name = day.date.get(..7).unwrap_or(&day.date);
        let month = months.entry(name).or_insert_with(|| PlannedDay { date: name.to_owned(), ..PlannedDay::default() });
        month.files += day.files;
        month.bytes += day.bytes;
    }
    months.into_values().collect()
}

fn footers(footers: &PlannedFooters) -> Vec<Fact> {
    let mut facts = vec![
        Fact::plain(
            "rows",
            format!("{} in {}", thousands(footers.rows), counted(footers.row_groups, "row group", "row groups")),
        ),
        Fact::plain(
            "rows",
            format!(
                "{} in {} that the period touches",
                thousands(footers.rows_in_period),
                counted(footers.row_groups_in_period, "row group", "row groups")
            ),
        ),
    ];
    facts.extend(footers.ways.iter().map(|way| {
        let groups = counted(way.row_groups, "row group", "row groups");
        Fact::plain("addresses", format!("looked up by {} in {groups}: {}", way.way, way.why))
    }));
    if footers.text_files > 0 {
        let files = counted(footers.text_files, "text export does", "text exports do");
        facts.push(Fact::plain("rows", format!("{files} not say how many rows there are")));
    }
    if let (Some(first), Some(last)) = (footers.first, footers.last) {
        facts.push(Fact::plain("archive", format!("holds {} to {}", second(first), second(last))));
    }
    facts.extend(drift::facts(&footers.drift));
    facts.extend(footers.skipped.iter().map(|one| Fact::warning("skipped", format!("{}: {}", one.path, one.reason))));
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(plan: &Plan) -> String {
        let mut out = Vec::new();
        plan_table(plan, Style { width: 80, color: false }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn many_days_are_told_by_month() {
        let day = |n: i64| PlannedDay { date: crate::model::time::date_of_day(20_000 + n), files: 2, bytes: 1024 };
        let few = Plan { days: (0..3).map(day).collect(), ..Plan::default() };
        assert_eq!(text(&few).matches("2 files, 1.0 KiB").count(), 3);
        let many = Plan { days: (0..90).map(day).collect(), ..Plan::default() };
        let months = text(&many);
        assert!(months.matches(" files, ").count() == 4 && months.contains("2024-11  60 files, 30.0 KiB"), "{months}");
    }

    #[test]
    fn a_program_gets_one_line_with_every_day() {
        let plan = Plan { days: vec![PlannedDay::default(); 40], ..Plan::default() };
        let mut out = Vec::new();
        plan_ndjson(&plan, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.lines().count(), 1);
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["days"].as_array().unwrap().len(), 40);
    }
}
