//! What a scan counts while it reads: for coverage, the funnel, the progress bar and bad input.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ways::Way;
use crate::model::Micros;
use crate::model::coverage::Counted;
use crate::sources::telemetry::{End, Reject, RowGroup, TimeBounds};

/// Rejected records that are named.
const EXAMPLES: usize = 3;
/// An hour, the grain of what is remembered of the times in text exports.
const HOUR_MICROS: i64 = 3_600_000_000;

/// What text exports turned out to hold: nobody knows before they are read.
#[derive(Debug, Default)]
struct Text {
    /// By the hour: rows, first and last time.
    hours: BTreeMap<i64, (u64, Micros, Micros)>,
    /// Rows without a readable time.
    timeless: u64,
    /// Of them, those that hold something else: how many, and by file the first.
    not_times: (u64, BTreeMap<String, String>),
    /// By file: rejected records, and the first of them.
    rejects: BTreeMap<String, (u64, Vec<Reject>)>,
    /// Rows of other tables, by table.
    other_tables: BTreeMap<String, u64>,
    /// Files whose last record is not finished.
    unfinished: Vec<String>,
}

/// Records of text exports that are no events.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Records that could not be read.
    pub rejected: u64,
    /// The first of them, as `file:line: reason`.
    pub examples: Vec<String>,
    /// Events whose time holds something that is none, or lies outside the years 1 to 9999 as an epoch number.
    pub not_times: u64,
    /// The first of them, as `file: text`.
    pub not_time_examples: Vec<String>,
    /// Rows of other tables, by table.
    pub other_tables: Vec<Counted>,
    /// Files whose last record was not finished when they were read.
    pub unfinished: Vec<String>,
}

/// Counters of one scan, shared by its readers.
#[derive(Debug, Default)]
pub struct ScanTally {
    /// Bytes fetched.
    pub bytes: Arc<AtomicU64>,
    /// Row groups looked at.
    pub row_groups_done: AtomicU64,
    /// Files' worth of work done, in bytes of file size, for the progress bar.
    pub size_done: AtomicU64,
    /// Pieces of files done, for the progress bar.
    pub pieces_done: AtomicU64,
    /// Rows inside the period, in row groups that a bound cuts.
    pub in_period: AtomicU64,
    /// Rows whose RemoteIP is text that is no address.
    pub unreadable_addresses: AtomicU64,
    /// Rows on a listed address without a readable time.
    pub unreadable_times: AtomicU64,
    /// Rows on a listed address with a port that is none.
    pub unreadable_ports: AtomicU64,
    /// Rows on a listed address that their time alone keeps from matching.
    pub left_out_by_time: AtomicU64,
    /// Row groups without a listed address.
    pub row_groups_without_match: AtomicU64,
    /// Addresses and rows that were decoded.
    pub rows_decoded: AtomicU64,
    /// Pages that were decompressed, where they are counted.
    pub pages: AtomicU64,
    /// Chunks of which nobody knows how many pages were.
    pub pages_unknown: AtomicU64,
    /// Files whose index answered.
    pub indexes_used: AtomicU64,
    ways: Mutex<BTreeMap<(Way, String), u64>>,
    /// Files whose index was not used: how many by reason, and the first by name.
    indexes_ignored: Mutex<(BTreeMap<String, u64>, BTreeMap<String, String>)>,
    /// Files that could not be read to the end, with the reason.
    faults: Mutex<BTreeMap<String, String>>,
    text: Mutex<Text>,
}

impl ScanTally {
    /// Adds to a counter.
    pub(super) fn add(counter: &AtomicU64, rows: usize) {
        counter.fetch_add(u64::try_from(rows).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Remembers a file that could not be read to the end.
    pub(super) fn fault(&self, file: &str, reason: String) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).entry(file.to_owned()).or_insert(reason);
    }

    /// The files that could not be read to the end.
    #[must_use]
    pub fn faults(&self) -> BTreeMap<String, String> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn ways(&self) -> MutexGuard<'_, BTreeMap<(Way, String), u64>> {
        self.ways.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over how bytes were read from another scan, and keeps what was counted in the events.
    pub fn read_like(&self, other: &Self) {
        let take = |mine: &AtomicU64, theirs: &AtomicU64| {
            mine.store(theirs.load(Ordering::Relaxed), Ordering::Relaxed);
        };
        take(&self.bytes, &other.bytes);
        take(&self.row_groups_without_match, &other.row_groups_without_match);
        take(&self.rows_decoded, &other.rows_decoded);
        take(&self.pages, &other.pages);
        take(&self.pages_unknown, &other.pages_unknown);
        *self.ways() = other.ways().clone();
    }

    /// Remembers a file whose index is not used.
    pub(super) fn index_ignored(&self, file: &str, why: &str) {
        let mut ignored = self.indexes_ignored.lock().unwrap_or_else(PoisonError::into_inner);
        *ignored.0.entry(why.to_owned()).or_default() += 1;
        ignored.1.insert(file.to_owned(), why.to_owned());
        if ignored.1.len() > EXAMPLES {
            ignored.1.pop_last();
        }
    }

    /// Files whose index was not used, by reason, and the first of them.
    #[must_use]
    pub fn indexes_ignored(&self) -> (Vec<Counted>, Vec<String>) {
        let ignored = self.indexes_ignored.lock().unwrap_or_else(PoisonError::into_inner);
        (Counted::list(&ignored.0), ignored.1.iter().map(|(file, why)| format!("{file}: {why}")).collect())
    }

    fn text(&self) -> MutexGuard<'_, Text> {
        self.text.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers when the events of a block were.
    pub(super) fn text_times(&self, times: impl Iterator<Item = Option<Micros>>) {
        let mut text = self.text();
        for time in times {
            let Some(time) = time else {
                text.timeless += 1;
                continue;
            };
            let hour = text.hours.entry(time.0.div_euclid(HOUR_MICROS)).or_insert((0, time, time));
            *hour = (hour.0 + 1, hour.1.min(time), hour.2.max(time));
        }
    }

    /// Remembers events whose time holds something that is none.
    pub(super) fn text_not_times(&self, file: &str, count: u64, first: &str) {
        let mut text = self.text();
        text.not_times.0 += count;
        text.not_times.1.entry(file.to_owned()).or_insert_with(|| first.to_owned());
    }

    /// Remembers what else a block held.
    pub(super) fn text_read(&self, file: &str, rejects: Vec<Reject>, other_tables: BTreeMap<String, u64>) {
        if rejects.is_empty() && other_tables.is_empty() {
            return;
        }
        let mut text = self.text();
        for (table, rows) in other_tables {
            *text.other_tables.entry(table).or_default() += rows;
        }
        if !rejects.is_empty() {
            let (count, first) = text.rejects.entry(file.to_owned()).or_default();
            *count += rejects.len() as u64;
            first.extend(rejects);
            first.sort_by_key(|reject| reject.line);
            first.truncate(EXAMPLES);
        }
    }

    /// Remembers how a file ended.
    pub(super) fn text_ends(&self, file: &str, end: &End) {
        if end.partial.is_some() {
            self.text().unfinished.push(file.to_owned());
        }
    }

    /// The rows of text exports as if each hour were a row group; rows without a time are one of their own.
    #[must_use]
    pub fn text_groups(&self) -> Vec<RowGroup> {
        let text = self.text();
        let of_hour = |(rows, first, last): &(u64, Micros, Micros)| RowGroup {
            rows: *rows,
            times: Some(TimeBounds { first: *first, last: *last, surely_from: *first, surely_to: *last, exact: true }),
        };
        let timeless = (text.timeless > 0).then_some(RowGroup { rows: text.timeless, times: None });
        text.hours.values().map(of_hour).chain(timeless).collect()
    }

    /// Rows of text exports without a readable time.
    #[must_use]
    pub fn text_timeless(&self) -> u64 {
        self.text().timeless
    }

    /// Records of text exports that are no events.
    #[must_use]
    pub fn left_out(&self) -> LeftOut {
        let text = self.text();
        let examples = text.rejects.iter().flat_map(|(file, (_, first))| {
            first.iter().map(move |reject| format!("{file}:{}: {}", reject.line, reject.reason))
        });
        let mut unfinished = text.unfinished.clone();
        unfinished.sort();
        LeftOut {
            rejected: text.rejects.values().map(|(count, _)| count).sum(),
            examples: examples.take(EXAMPLES).collect(),
            not_times: text.not_times.0,
            not_time_examples: text.not_times.1.iter().map(|(f, t)| format!("{f}: {t}")).take(EXAMPLES).collect(),
            other_tables: Counted::list(&text.other_tables),
            unfinished,
        }
    }
}
