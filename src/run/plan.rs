//! `coldtrail plan`: what a hunt would read, and what keeps it from reading.

use std::collections::{BTreeMap, BTreeSet};

use super::{Console, Outcome, RunError, access, hunts, progress};
use crate::cli::{ListFormat, PlanConfig, RunConfig};
use crate::engine::foreseen;
use crate::hunt;
use crate::model::bad_input::OnBadInput;
use crate::model::coverage::Counted;
use crate::model::plan::{PLAN_VERSION, Plan, PlannedDay, PlannedFooters};
use crate::model::time::date_of_day;
use crate::model::{Micros, Period};
use crate::report::{self, ReportError, Style};
use crate::sources::store::redact;
use crate::sources::telemetry::{self, Dataset, Listed, Place, RowGroup};
use crate::sources::{Shelf, SourceError};

/// A longer stretch of dates is not searched for holes.
const DAYS_MAX: i64 = 36_525;

/// Lists, opens the first file (or all footers), and tells.
pub(super) async fn run(config: RunConfig, plan: PlanConfig, console: Console) -> Result<Outcome, RunError> {
    let hunts = hunts::all(&config, plan.hunts_dir.as_ref())?;
    let hunt = hunt::find(&hunts, &plan.hunt)?;
    let stores = access::stores(&config.access);
    let opening = progress::Opening::watch(config.progress && !config.quiet);
    let tell = |stage| opening.tell(stage);
    let request = telemetry::Request {
        sources: &plan.archive.events,
        base: &config.cwd,
        period: plan.period,
        on_bad: OnBadInput::Skip,
        date_order: plan.archive.date_order,
        delta_version: plan.archive.delta_version,
        stores: &stores,
        has_index: plan.index.is_some(),
        progress: &tell,
    };
    let survey = telemetry::survey(request).await?;
    let mut told = Plan {
        plan_version: PLAN_VERSION,
        hunt: hunt.id.clone(),
        tables: hunt.tables.clone(),
        sources: plan.archive.events.iter().map(|source| redact(source)).collect(),
        from: plan.period.from,
        to: plan.period.to,
        files: survey.files.len() as u64,
        bytes: survey.files.iter().map(|file| file.size).sum(),
        outside_period: survey.outside_by_path,
        ignored: survey.ignored,
        endings: endings(&survey.files),
        first_file: survey.first,
        ..Plan::default()
    };
    days(&mut told, &survey.files, plan.period);
    let fault = told.first_file.as_ref().and_then(|first| first.error.clone());
    if plan.footers && fault.is_none() {
        let dataset = telemetry::open(request).await?;
        let index = match &plan.index {
            Some(index) => Some(Shelf::named(index, &config.cwd, &stores)?),
            None => None,
        };
        let ways = foreseen(&dataset, plan.period, index.as_ref()).await;
        told.footers = Some(PlannedFooters { ways, ..footers(&dataset, plan.period) });
    }
    (told.requests, told.remote_bytes) = (stores.traffic().requests(), stores.traffic().bytes());
    drop(opening);
    let style = Style { width: config.width, color: config.color.report };
    console
        .with_stdout(|out| match plan.format {
            ListFormat::Ndjson => report::plan_ndjson(&told, out),
            _ => report::plan_table(&told, style, out),
        })
        .map_err(|error: ReportError| RunError::Output { target: "stdout".to_owned(), error })?;
    match fault {
        Some(fault) => Err(RunError::Source(SourceError::Refused(fault))),
        None if told.footers.as_ref().is_some_and(|footers| !footers.skipped.is_empty()) => Ok(Outcome::Skipped),
        None => Ok(Outcome::Done),
    }
}

/// Files by what stands behind the first dot of their names, with the commonest first.
fn endings(files: &[Listed]) -> Vec<Counted> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for file in files {
        let name = file.display.rsplit('/').next().unwrap_or(&file.display).to_lowercase();
        let parts: Vec<&str> = name.split('.').skip(1).collect();
        let known = parts.iter().rposition(|part| part.len() > 7 || part.is_empty() || part.parse::<u64>().is_ok());
        let ending = parts.get(known.map_or(0, |at| at + 1)..).unwrap_or_default().join(".");
        *counts.entry(if ending.is_empty() { "no ending".to_owned() } else { format!(".{ending}") }).or_default() += 1;
    }
    let mut counts = Counted::list(&counts);
    counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    counts
}

fn days(plan: &mut Plan, files: &[Listed], period: Period) {
    let mut days: BTreeMap<i64, PlannedDay> = BTreeMap::new();
    let mut touched: BTreeSet<i64> = BTreeSet::new();
    for file in files {
        let Some(span) = file.span else {
            plan.undated_files += 1;
            plan.undated_bytes += file.size;
            continue;
        };
        let (first, last) = (span.first.day(), Micros(span.end.0 - 1).day());
        touched.extend(first..=last.min(first + DAYS_MAX));
        let day = days.entry(first).or_insert_with(|| PlannedDay { date: date_of_day(first), ..PlannedDay::default() });
        day.files += 1;
        day.bytes += file.size;
    }
    let from = period.from.map(Micros::day).or_else(|| touched.first().copied());
    let to = period.to.map(|to| Micros(to.0 - 1).day()).or_else(|| touched.last().copied());
    if let (Some(from), Some(to)) = (from, to)
        && plan.undated_files == 0
        && to - from <= DAYS_MAX
    {
        plan.days_missing = (from..=to).filter(|day| !touched.contains(day)).map(date_of_day).collect();
    }
    plan.days = days.into_values().collect();
}

fn footers(dataset: &Dataset, period: Period) -> PlannedFooters {
    let groups = || dataset.files.iter().flat_map(|file| &file.row_groups);
    let inside = |group: &&RowGroup| group.rows > 0 && group.place(period) != Place::Outside;
    PlannedFooters {
        rows: groups().map(|group| group.rows).sum(),
        row_groups: groups().count() as u64,
        row_groups_in_period: groups().filter(inside).count() as u64,
        rows_in_period: groups().filter(inside).map(|group| group.rows).sum(),
        ways: Vec::new(),
        text_files: dataset.files.iter().filter(|file| file.is_text()).count() as u64,
        first: groups().filter_map(|group| group.times).map(|times| times.first).min(),
        last: groups().filter_map(|group| group.times).map(|times| times.last).max(),
        skipped: dataset.skipped.clone(),
        drift: dataset.drift.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_what_names_end_in() {
        let file = |name: &str| Listed { display: format!("a.b/{name}"), size: 1, span: None };
        let files = ["x.parquet", "12ab34cd-1.gz.parquet", "y.parquet", "PT1H.json", "none", "v1.2.json.gz"];
        let told: Vec<String> =
            endings(&files.map(file)).into_iter().map(|c| format!("{} {}", c.name, c.count)).collect();
        assert_eq!(told, [".parquet 2", ".gz.parquet 1", ".json 1", ".json.gz 1", "no ending 1"]);
    }
}
