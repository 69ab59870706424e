//! What a run knows of the Tor network over its period: which stretches dated lists cover, and what lies outside of them.

use std::sync::atomic::Ordering;

use super::{Known, age};
use crate::cli::CliError;
use crate::engine::TorBook;
use crate::model::coverage::{TorCovered, TorFacts, TorSource};
use crate::model::relay::TorMatching;
use crate::model::time::DAY_MICROS;
use crate::model::{Micros, Period};
use crate::run::RunError;
use crate::sources::telemetry::{Dataset, Place, RowGroup};
use crate::sources::tor::TorTable;

const MINUTE_MICROS: i64 = DAY_MICROS / (24 * 60);

/// `--tor-match at-event` asks what a list without a date cannot answer (exit 2).
pub(in crate::run) fn require_dates(table: &TorTable) -> Result<(), RunError> {
    match table.facts.iter().find(|source| source.seen_from.is_none()) {
        None => Ok(()),
        Some(source) => Err(CliError::usage(format!(
            "--tor-match at-event needs dated Tor lists, and {} has no date: state it with --tor-as-of TIME, or use --tor-match auto",
            source.source
        ))
        .into()),
    }
}

/// The block, and what must be said of it.
pub(super) fn facts(
    table: &TorTable,
    book: &TorBook,
    known: &Known<'_>,
    text: &[RowGroup],
    span: (Option<Micros>, Option<Micros>),
    warnings: &mut Vec<String>,
) -> TorFacts {
    let rules = book.rules();
    let mut sources = table.facts.clone();
    warnings.extend(age::judge(&mut sources, span.0, span.1));
    warnings.extend(sources.iter().filter_map(|source| too_narrow(source, rules.tolerance)));
    let mut prefixes: Vec<_> = table.intervals.iter().map(|interval| interval.prefix).collect();
    prefixes.sort_unstable();
    prefixes.dedup();
    let events = share_not_covered(known.dataset, text, known.period, &book.covered_times());
    let is_dated = !table.spans.is_empty();
    let all = known.dataset.files.iter().flat_map(|file| &file.row_groups).chain(text).map(|group| group.rows).sum();
    if let (true, Some(warning)) = (is_dated, not_covered(events, all, rules.matching)) {
        warnings.push(warning);
    }
    TorFacts {
        sources,
        entries: prefixes.len() as u64,
        matching: rules.matching.as_str().to_owned(),
        tolerance_minutes: u64::try_from(rules.tolerance / MINUTE_MICROS).unwrap_or(0),
        roles: rules.roles.as_str().to_owned(),
        covered: covered(table, book, span),
        events_not_covered: is_dated.then_some(events.0),
        events_left_out: known.result.tally.left_out_by_time.load(Ordering::Relaxed),
    }
}

/// A tolerance that leaves holes between snapshots silently loses most matches.
fn too_narrow(source: &TorSource, tolerance: i64) -> Option<String> {
    let spacing = i64::try_from(source.spacing_minutes?).ok()?.saturating_mul(MINUTE_MICROS);
    (tolerance.saturating_mul(2) < spacing).then(|| {
        format!(
            "the snapshots of {} are about {} hours apart, and --tolerance is less than half of that: addresses that stand \
             in one snapshot only are found near it only; widen it to {} hours or more",
            source.source,
            spacing / MINUTE_MICROS / 60,
            (spacing / 2 + 60 * MINUTE_MICROS - 1) / (60 * MINUTE_MICROS),
        )
    })
}

/// (events at times that nothing covers, events whose times statistics tell).
type Events = (u64, u64);

fn not_covered((not_covered, known): Events, all: u64, matching: TorMatching) -> Option<String> {
    if not_covered == 0 {
        return None;
    }
    let tenths = u128::from(not_covered) * 1000 / u128::from(known.max(1));
    let whose = if known < all { "the events whose times statistics tell" } else { "the events" };
    let then = match matching {
        TorMatching::Auto => "there any listed address matches and says so in TorEvidence",
        TorMatching::AtEvent => "there nothing matches, which is no data and not a no",
        TorMatching::Loose => "any listed address matches",
    };
    let share = format!("{}.{} %", tenths / 10, tenths % 10);
    Some(format!("no Tor snapshot covers the time of {share} of {whose} ({not_covered} of {known}): {then}"))
}

/// Events by row groups; of one that a stretch cuts, those in proportion to its time.
fn share_not_covered(dataset: &Dataset, text: &[RowGroup], period: Period, covered: &[(i64, i64)]) -> Events {
    let mut events = (0, 0);
    let groups = dataset.files.iter().flat_map(|file| &file.row_groups).chain(text);
    for group in groups.filter(|group| group.rows > 0 && group.place(period) != Place::Outside) {
        let Some(times) = group.times else { continue };
        let first = period.from.map_or(times.first, |from| from.max(times.first)).0;
        let last = period.to.map_or(times.last, |to| Micros(to.0.saturating_sub(1)).min(times.last)).0;
        let length = |from: i64, to: i64| u128::from(to.abs_diff(from)) + 1;
        let known: u128 = covered
            .iter()
            .map(|(from, to)| (first.max(*from), last.min(*to)))
            .filter(|(from, to)| from <= to)
            .map(|(from, to)| length(from, to))
            .sum();
        let whole = length(first.min(last), last);
        let rows = u128::from(group.rows) * whole.saturating_sub(known) / whole;
        events = (events.0 + u64::try_from(rows).unwrap_or(u64::MAX), events.1 + group.rows);
    }
    events
}

/// The stretches that touch the events' period, without the tolerance.
fn covered(table: &TorTable, book: &TorBook, (first, last): (Option<Micros>, Option<Micros>)) -> Vec<TorCovered> {
    let touches =
        |from: Micros, to: Micros| first.is_none_or(|first| first <= to) && last.is_none_or(|last| from <= last);
    let mut covered: Vec<TorCovered> = table
        .spans
        .iter()
        .filter(|span| book.rules().roles.accepts(span.role) && touches(span.from, span.to))
        .map(|span| TorCovered {
            role: span.role.as_str().to_owned(),
            family: span.family.as_str().to_owned(),
            from: span.from,
            to: span.to,
        })
        .collect();
    covered.sort_unstable();
    covered.dedup();
    covered
}
