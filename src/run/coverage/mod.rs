//! The coverage block of a run, put together from what the rooms counted.

mod age;
mod tor;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use arrow::array::{Array as _, AsArray, RecordBatch};

use super::days;
use crate::cli::Limits;
use crate::engine::{IntelBook, IntelCounts, QueryResult, ScanTally, TorBook};
use crate::model::coverage::{
    COVERAGE_VERSION, Counted, Coverage, ExclusionFacts, FileFacts, Funnel, HuntFacts, IndexUse, IntelFacts,
    IntelSource, Reads, Skipped, Unreadable,
};
use crate::model::{Micros, Period, Severity, Tlp};
use crate::sources::store::redact;
use crate::sources::telemetry::{Dataset, Place, RowGroup};
use crate::sources::tor::TorTable;

pub(super) use tor::require_dates;

/// What a run knows when its query is done.
pub(super) struct Known<'a> {
    pub(super) hunt: HuntFacts,
    pub(super) dataset: &'a Dataset,
    pub(super) period: Period,
    pub(super) tor: Option<(&'a TorTable, &'a TorBook)>,
    /// What the feeds held, with warnings.
    pub(super) intel: Option<(IntelFacts, Vec<String>)>,
    /// Feeds that were left out.
    pub(super) skipped: &'a [Skipped],
    pub(super) result: &'a QueryResult,
    /// What is reported, after exclusion.
    pub(super) reported: &'a [RecordBatch],
    pub(super) exclusions: Option<ExclusionFacts>,
    pub(super) limits: &'a Limits,
    /// Requests to object stores, and bytes that they answered with.
    pub(super) traffic: (u64, u64),
}

/// The block.
pub(super) fn assemble(known: Known<'_>) -> Coverage {
    let text = known.result.tally.text_groups();
    let period = days::facts(known.dataset, &text, known.period);
    let span = (
        known.period.from.or(period.archive_from),
        known.period.to.map(|to| Micros(to.0.saturating_sub(1))).or(period.archive_to),
    );
    let mut warnings = Vec::new();
    let tor = known.tor.map(|(table, book)| tor::facts(table, book, &known, &text, span, &mut warnings));
    let intel = known.intel.as_ref().map(|(facts, said)| {
        warnings.extend(said.iter().cloned());
        facts.clone()
    });
    let files = file_facts(&known);
    warnings.extend(text_warnings(&files));
    if files.pruned_by_path_only > 0 && !known.period.is_open() {
        warnings.push(format!(
            "{} files have times without usable statistics (INT96, or text that is no time): the period prunes them by their path only, and their rows are read",
            files.pruned_by_path_only
        ));
    }
    if files.found == 0
        && let Some(first) = files.ignored.first()
    {
        warnings.push(format!("no file was found in the period; left out: {} {}", first.count, first.name));
    }
    let mut tor = tor;
    let mut intel = intel;
    // A URL may carry a signature, which nobody who reads the report may see.
    tor.iter_mut().flat_map(|tor| &mut tor.sources).for_each(|source| source.source = redact(&source.source));
    intel.iter_mut().flat_map(|intel| &mut intel.sources).for_each(|source| source.source = redact(&source.source));
    warnings.iter_mut().for_each(|warning| *warning = redact(warning));
    let tally = &known.result.tally;
    Coverage {
        coverage_version: COVERAGE_VERSION,
        tool: concat!("coldtrail ", env!("CARGO_PKG_VERSION")).to_owned(),
        funnel: funnel(&known, tally, &text),
        reads: reads(&known, tally),
        hunt: known.hunt,
        period,
        files,
        drift: known.dataset.drift.clone(),
        unreadable: Unreadable {
            addresses: tally.unreadable_addresses.load(Ordering::Relaxed),
            times: tally.unreadable_times.load(Ordering::Relaxed),
            ports: tally.unreadable_ports.load(Ordering::Relaxed),
        },
        tor,
        intel,
        exclusions: known.exclusions,
        warnings,
    }
}

/// What the feeds held, with what must be said of it.
pub(super) fn intel_facts(
    sources: &[IntelSource],
    book: &IntelBook,
    tlp_max: Option<Tlp>,
) -> (IntelFacts, Vec<String>) {
    let mut warnings = Vec::new();
    for source in sources.iter().filter(|source| source.kept() == 0) {
        let what = "an address or prefix that is not refused, a domain or a URL";
        warnings.push(format!("{} holds no usable indicator ({what})", source.source));
    }
    for source in sources {
        let unreadable =
            source.ignored.iter().find(|counted| counted.name == "unreadable record").map_or(0, |c| c.count);
        if unreadable > 0 {
            let example =
                source.rejected_examples.first().map(|example| format!("; the first: {example}")).unwrap_or_default();
            warnings.push(format!(
                "{}: records that cannot be read and are left out: {unreadable}{example}",
                source.source
            ));
        }
    }
    let IntelCounts { retired, retired_without_end, not_to_ids, tor_only } = book.counts();
    let withheld = |max| book.indicators().iter().filter(|one| one.tlp_level() > max).count() as u64;
    let facts = IntelFacts {
        sources: sources.to_vec(),
        usable: book.indicators().len() as u64,
        retired,
        retired_without_end,
        tor_only,
        not_to_ids,
        withheld: tlp_max.map_or(0, withheld),
    };
    (facts, warnings)
}

fn file_facts(known: &Known<'_>) -> FileFacts {
    let dataset = known.dataset;
    let touched = |file: &crate::sources::telemetry::DataFile| {
        file.is_text()
            || file.row_groups.iter().any(|group| group.rows > 0 && group.place(known.period) != Place::Outside)
    };
    let outside = dataset.files.iter().filter(|file| file.rows() > 0 && !touched(file)).count() as u64;
    let left_out = known.result.tally.left_out();
    let mut skipped: Vec<Skipped> = dataset.skipped.clone();
    skipped.extend(known.tor.iter().flat_map(|(table, _)| table.skipped.clone()));
    skipped.extend_from_slice(known.skipped);
    skipped.sort();
    let mut sources = dataset.sources.clone();
    sources.sort();
    FileFacts {
        sources,
        found: dataset.found,
        found_bytes: dataset.found_bytes,
        read: dataset.files.len() as u64 - outside,
        outside_period: outside + dataset.outside_by_path,
        // The rows of a text export are looked at anyhow.
        pruned_by_path_only: dataset.files.iter().filter(|f| !f.is_text() && f.has_no_time_statistics()).count() as u64,
        skipped,
        ignored: dataset.ignored.clone(),
        records_rejected: left_out.rejected,
        rejected_examples: left_out.examples,
        not_times: left_out.not_times,
        not_time_examples: left_out.not_time_examples,
        other_tables: left_out.other_tables,
        unfinished: left_out.unfinished,
    }
}

/// What must be said of text exports: records that are missing from the answer.
fn text_warnings(files: &FileFacts) -> Vec<String> {
    let mut warnings = Vec::new();
    if files.records_rejected > 0 {
        let example = files.rejected_examples.first().map(|first| format!("; the first: {first}")).unwrap_or_default();
        warnings.push(format!("records that cannot be read and are left out: {}{example}", files.records_rejected));
    }
    if files.not_times > 0 {
        let example = files.not_time_examples.first().map(String::as_str).unwrap_or_default();
        warnings.push(format!(
            "events whose time cannot be read, or lies outside the years 1 to 9999 in the unit that the file's other times \
             have: {}; the first: {example}",
            files.not_times
        ));
    }
    if let Some(first) = files.unfinished.first() {
        warnings.push(format!(
            "files whose last record is not finished and is left out, as in a blob that is still written to: {} (such as {first})",
            files.unfinished.len()
        ));
    }
    warnings
}

fn funnel(known: &Known<'_>, tally: &ScanTally, text: &[RowGroup]) -> Funnel {
    let groups = || known.dataset.files.iter().flat_map(|file| &file.row_groups);
    let inside: u64 = groups().filter(|group| group.place(known.period) == Place::Inside).map(|group| group.rows).sum();
    let findings = |batches: &[RecordBatch]| batches.iter().map(|batch| batch.num_rows() as u64).sum::<u64>();
    let (matched, copies) = known.result.matched.unzip();
    Funnel {
        events_in_files: groups().chain(text).map(|group| group.rows).sum(),
        events_in_period: inside + tally.in_period.load(Ordering::Relaxed),
        events_matched: matched,
        matched_label: known.result.matched_label.to_owned(),
        events_after_dedup: matched.zip(copies).map(|(matched, copies)| matched - copies),
        duplicates_removed: copies,
        findings: findings(&known.result.batches),
        findings_by_level: by_level(known.reported),
        findings_excluded: findings(&known.result.batches) - findings(known.reported),
    }
}

/// Findings by level, CRITICAL first; empty when the result has no levels.
pub(super) fn by_level(batches: &[RecordBatch]) -> Vec<Counted> {
    let mut counts: BTreeMap<std::cmp::Reverse<Severity>, u64> = BTreeMap::new();
    let mut any = false;
    for batch in batches {
        let Some(levels) = batch.column_by_name("RiskLevel").and_then(|column| column.as_string_opt::<i32>()) else {
            continue;
        };
        any = true;
        for level in
            (0..levels.len()).filter(|row| levels.is_valid(*row)).filter_map(|row| levels.value(row).parse().ok())
        {
            *counts.entry(std::cmp::Reverse(level)).or_default() += 1;
        }
    }
    if !any {
        return Vec::new();
    }
    Severity::DESCENDING
        .into_iter()
        .map(|level| Counted {
            name: level.to_string(),
            count: counts.get(&std::cmp::Reverse(level)).copied().unwrap_or(0),
        })
        .collect()
}

fn index_use(index: &str, tally: &ScanTally) -> IndexUse {
    let (ignored, ignored_examples) = tally.indexes_ignored();
    let used = tally.indexes_used.load(Ordering::Relaxed);
    IndexUse { index: redact(index), used, ignored, ignored_examples }
}

fn reads(known: &Known<'_>, tally: &ScanTally) -> Reads {
    let count = |place: Place| {
        let groups = known.dataset.files.iter().flat_map(|file| &file.row_groups);
        groups.filter(|group| group.place(known.period) == place).count() as u64
    };
    Reads {
        row_groups: count(Place::Inside) + count(Place::Cut) + count(Place::Outside),
        row_groups_outside_period: count(Place::Outside),
        row_groups_cut: count(Place::Cut),
        row_groups_without_match: tally.row_groups_without_match.load(Ordering::Relaxed),
        bytes: tally.bytes.load(Ordering::Relaxed),
        requests: known.traffic.0,
        remote_bytes: known.traffic.1,
        ways: tally.read_ways(),
        index: known.limits.index.as_ref().map(|index| index_use(index, tally)),
        pages: (tally.pages.load(Ordering::Relaxed) > 0 && tally.pages_unknown.load(Ordering::Relaxed) == 0)
            .then(|| tally.pages.load(Ordering::Relaxed)),
        rows_decoded: tally.rows_decoded.load(Ordering::Relaxed),
        strategy: known.limits.strategy.to_string(),
        threads: known.limits.threads as u64,
    }
}
