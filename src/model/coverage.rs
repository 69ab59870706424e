//! What a run read, what it skipped and what it could not judge: the frozen wire form of the coverage block.
//!
//! Zero findings is an answer only together with this. Everything here is the same whatever the number of threads, the
//! strategy, the index and the order of inputs, except [`Reads`]. Nothing here is a duration or the wall clock.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Micros;

/// The version of this wire form; it grows when a member changes its meaning or goes.
pub const COVERAGE_VERSION: u32 = 1;

/// The whole block, as `--coverage FILE` and the `coverage` member of JSON write it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Coverage {
    /// [`COVERAGE_VERSION`].
    pub coverage_version: u32,
    /// Program and version.
    pub tool: String,
    /// What ran.
    pub hunt: HuntFacts,
    /// The resolved period and what the archive holds of it.
    pub period: PeriodFacts,
    /// From all events to findings.
    pub funnel: Funnel,
    /// What was found, read and skipped.
    pub files: FileFacts,
    /// Columns that differ between files.
    pub drift: Vec<Drift>,
    /// Values of matched events that could not be read.
    pub unreadable: Unreadable,
    /// The Tor lists; absent when the run had none.
    pub tor: Option<TorFacts>,
    /// The indicators; absent when the run had none.
    pub intel: Option<IntelFacts>,
    /// What `--exclude` did; absent without it.
    pub exclusions: Option<ExclusionFacts>,
    /// Sentences that a reader of the findings must know; never change the exit code.
    pub warnings: Vec<String>,
    /// How the bytes were read. The only member that may differ between equal runs.
    pub reads: Reads,
}

/// What ran.
#[derive(Clone, Debug, Default, Serialize)]
pub struct HuntFacts {
    /// The hunt's id, or `sql` for a query.
    pub id: String,
    /// One line.
    pub title: String,
    /// What the hunt cannot see.
    pub blind_spots: Vec<String>,
    /// Parameters with the values used.
    pub params: BTreeMap<String, String>,
}

/// The period and the days in it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PeriodFacts {
    /// Start, inclusive; null when open.
    pub from: Option<Micros>,
    /// End, exclusive; null when open.
    pub to: Option<Micros>,
    /// The earliest time that statistics or paths show.
    pub archive_from: Option<Micros>,
    /// The latest.
    pub archive_to: Option<Micros>,
    /// UTC dates of the period (of the archive's span where a bound is open) that no data touches.
    pub days_missing: Vec<String>,
    /// How days were told: `statistics`, `paths`, `rows` (of text exports), several joined by ` and `, or `nothing` when none
    /// shows a time.
    pub days_known_from: String,
}

/// From all events to findings. Each number is null where the run did not learn it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Funnel {
    /// Rows in the files that the period does not leave out by their path, from their footers.
    pub events_in_files: u64,
    /// Rows in the period: from statistics, counted one by one only where a bound cuts a row group.
    pub events_in_period: u64,
    /// Rows that the hunt matched; null when the query is not of that kind.
    pub events_matched: Option<u64>,
    /// What they were matched against, in words: `on the Tor list`.
    pub matched_label: String,
    /// Rows left after de-duplication.
    pub events_after_dedup: Option<u64>,
    /// Copies removed.
    pub duplicates_removed: Option<u64>,
    /// Findings counted, before `--exclude`.
    pub findings: u64,
    /// Findings reported, by level, CRITICAL first; empty when the result has no RiskLevel.
    pub findings_by_level: Vec<Counted>,
    /// Findings that `--exclude` removed.
    pub findings_excluded: u64,
}

/// A name and a number.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Counted {
    /// What was counted.
    pub name: String,
    /// How many.
    pub count: u64,
}

impl Counted {
    /// Pairs a map's entries, in the map's order.
    #[must_use]
    pub fn list<K: ToString>(counts: &BTreeMap<K, u64>) -> Vec<Self> {
        counts.iter().map(|(name, count)| Self { name: name.to_string(), count: *count }).collect()
    }
}

/// The archive's files.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FileFacts {
    /// The sources as typed.
    pub sources: Vec<String>,
    /// Files found.
    pub found: u64,
    /// Their bytes.
    pub found_bytes: u64,
    /// Files whose rows were looked at.
    pub read: u64,
    /// Files left out because their path or statistics lie outside the period.
    pub outside_period: u64,
    /// Files with times that only a path could prune (INT96, text that is not UTC ISO).
    pub pruned_by_path_only: u64,
    /// Inputs that could not be read and were skipped by `--on-bad-input skip`.
    pub skipped: Vec<Skipped>,
    /// Paths that are no data by their name (hidden, `_`), by rule.
    pub ignored: Vec<Counted>,
    /// Records of text exports that could not be read.
    pub records_rejected: u64,
    /// The first of them, as `file:line: reason`.
    pub rejected_examples: Vec<String>,
    /// Events of text exports whose time holds something that is none, or lies outside the years 1 to 9999 as an epoch
    /// number.
    pub not_times: u64,
    /// The first of them, as `file: text`.
    pub not_time_examples: Vec<String>,
    /// Rows of other tables in text exports, by table: they are no events of this one.
    pub other_tables: Vec<Counted>,
    /// Text exports whose last record was not finished when they were read, as in a blob that is still written to.
    pub unfinished: Vec<String>,
}

/// An input that was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Skipped {
    /// The file.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// A column that is not the same in all files.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Drift {
    /// The column.
    pub column: String,
    /// What these files have: a type, or `missing`.
    pub form: String,
    /// How many files.
    pub files: u64,
    /// One of them, the first by path.
    pub first_file: String,
    /// The earliest time in these files, where known.
    pub since: Option<Micros>,
}

/// Values that could not be read; each is counted, none is bad input.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Unreadable {
    /// Events read whose RemoteIP is text that is no address.
    pub addresses: u64,
    /// Events on a matched address whose time could not be read: they cannot be judged and do not match.
    pub times: u64,
    /// Matched events whose RemotePort or LocalPort is no whole number 0–65535.
    pub ports: u64,
}

/// The Tor lists of the run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TorFacts {
    /// One per source.
    pub sources: Vec<TorSource>,
    /// Distinct addresses and prefixes over all sources.
    pub entries: u64,
    /// How they were matched: `auto`, `at-event` or `loose`.
    pub matching: String,
    /// How far outside an interval an event may lie, in minutes.
    pub tolerance_minutes: u64,
    /// The roles asked for.
    pub roles: String,
    /// What dated sources know, by role and family: every stretch that touches the events' period, whole.
    pub covered: Vec<TorCovered>,
    /// Events of the period whose time lies in no stretch covered for the roles asked for, IPv4 first; absent when no
    /// source is dated. Counted by row groups' times, so a row group cut by a stretch's end counts in proportion.
    pub events_not_covered: Option<u64>,
    /// Events on a listed address that did not match because of their time; only where dates decided.
    pub events_left_out: u64,
}

/// A stretch of time that dated sources know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TorCovered {
    /// The role.
    pub role: String,
    /// `IPv4` or `IPv6`.
    pub family: String,
    /// First snapshot.
    pub from: Micros,
    /// Last snapshot.
    pub to: Micros,
}

/// One Tor list or series of lists.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TorSource {
    /// As the user named it.
    pub source: String,
    /// The recognised format; several are joined by `, `.
    pub format: String,
    /// Files read, members of archives included.
    pub files: u64,
    /// Dated snapshots that were used; 0 for an undated list.
    pub snapshots: u64,
    /// Snapshots that are gaps and no knowledge (empty, too small, stale), by reason.
    pub snapshots_left_out: Vec<Counted>,
    /// Median distance of consecutive snapshots in minutes.
    pub spacing_minutes: Option<u64>,
    /// First observation.
    pub seen_from: Option<Micros>,
    /// Last observation.
    pub seen_to: Option<Micros>,
    /// Intervals made of the observations.
    pub intervals: u64,
    /// Lines or records read.
    pub records: u64,
    /// Distinct single addresses kept.
    pub addresses: u64,
    /// Distinct wider prefixes kept.
    pub prefixes: u64,
    /// Repetitions of an entry.
    pub duplicates: u64,
    /// Entries refused, by reason.
    pub refused: Vec<Counted>,
    /// The first few refused entries, with their lines.
    pub refused_examples: Vec<String>,
    /// The date of a source with one list only; of an undated one it says how old it is and no more.
    pub as_of: Option<Micros>,
    /// Where the dates come from: `--tor-as-of`, `file name`, `content`, `records`, `history`, or `file time`, which dates
    /// nothing. Several are joined by `, `.
    pub as_of_from: String,
    /// Whole days between the list's date and the nearest end of the events' period; 0 when inside.
    pub days_from_events: Option<u64>,
}

/// The indicators of the run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct IntelFacts {
    /// One per source.
    pub sources: Vec<IntelSource>,
    /// Usable indicators over all sources.
    pub usable: u64,
    /// Of them, retired ones: they match only inside their dates.
    pub retired: u64,
    /// Of them, retired ones without an end date: they never match.
    pub retired_without_end: u64,
    /// Of them, ones that say only tor, anonymization or benign: listed, but no TI hit.
    pub tor_only: u64,
    /// Of them, ones that their publisher does not hold fit for detection (MISP `to_ids=false`): they match and earn no points.
    pub not_to_ids: u64,
    /// Of them, ones whose text `--tlp-max` withholds.
    pub withheld: u64,
}

/// One indicator source.
#[derive(Clone, Debug, Default, Serialize)]
pub struct IntelSource {
    /// As the user named it.
    pub source: String,
    /// The recognised format.
    pub format: String,
    /// Rows or records read.
    pub records: u64,
    /// Indicators kept: addresses.
    pub addresses: u64,
    /// Indicators kept: prefixes.
    pub prefixes: u64,
    /// Indicators kept: domains.
    pub domains: u64,
    /// Indicators kept: URLs.
    pub urls: u64,
    /// Records not used, by reason (superseded, deleted, other kinds, refused, …).
    pub ignored: Vec<Counted>,
    /// The first few records that could not be read, with their lines.
    pub rejected_examples: Vec<String>,
}

impl IntelSource {
    /// Indicators kept, of every kind.
    #[must_use]
    pub const fn kept(&self) -> u64 {
        self.addresses + self.prefixes + self.domains + self.urls
    }
}

/// What `--exclude` did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ExclusionFacts {
    /// The file.
    pub file: String,
    /// Findings removed, in the order of the report.
    pub removed: Vec<Removed>,
    /// Lines that matched no finding.
    pub unmatched_lines: Vec<u64>,
}

/// A finding that an exclusion removed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Removed {
    /// FindingId.
    pub finding_id: String,
    /// DeviceName.
    pub device_name: Option<String>,
    /// RemoteIP.
    pub remote_ip: Option<String>,
    /// The line that did it (the first of several).
    pub line: u64,
    /// Its reason.
    pub reason: String,
}

/// A way of finding the listed rows of row groups.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ReadWay {
    /// `index`, `id-scan`, `dictionary` or `rows`.
    pub way: String,
    /// Why this one.
    pub why: String,
    /// How many row groups went it.
    pub row_groups: u64,
}

/// What became of the indexes of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct IndexUse {
    /// Where they lie, as typed.
    pub index: String,
    /// Files whose index answered.
    pub used: u64,
    /// Files that were scanned, by why their index was not used.
    pub ignored: Vec<Counted>,
    /// The first of them, as `file: why`.
    pub ignored_examples: Vec<String>,
}

/// How the bytes were read.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Reads {
    /// Row groups in all files.
    pub row_groups: u64,
    /// How the listed rows of row groups were found, and why so: `auto` picks for each row group.
    pub ways: Vec<ReadWay>,
    /// The indexes of `--index`; absent without it.
    pub index: Option<IndexUse>,
    /// Pages decompressed; absent where it was not counted.
    pub pages: Option<u64>,
    /// Addresses and rows that were decoded, also those that a filter inside the scan drops.
    pub rows_decoded: u64,
    /// Left out by the period.
    pub row_groups_outside_period: u64,
    /// Cut by a bound, so that their rows were counted one by one.
    pub row_groups_cut: u64,
    /// Read for membership only: no row matched.
    pub row_groups_without_match: u64,
    /// Bytes fetched from the store.
    pub bytes: u64,
    /// Requests to object stores, listings and footers included; 0 for local files.
    pub requests: u64,
    /// Bytes that object stores answered with, listings not included.
    pub remote_bytes: u64,
    /// `--strategy`.
    pub strategy: String,
    /// Threads.
    pub threads: u64,
}
