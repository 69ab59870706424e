//! What a hunt would read: the frozen wire form of `coldtrail plan`.
//!
//! Made from a listing and one file's own words, or all files' where their footers are read; no row is looked at.

use serde::Serialize;

use super::Micros;
use super::coverage::{Counted, Drift, ReadWay, Skipped};

/// The version of this wire form.
pub const PLAN_VERSION: u32 = 1;

/// The plan.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Plan {
    /// [`PLAN_VERSION`].
    pub plan_version: u32,
    /// The hunt that is meant.
    pub hunt: String,
    /// The tables that it reads.
    pub tables: Vec<String>,
    /// The sources as typed.
    pub sources: Vec<String>,
    /// Start of the period, inclusive; null when open.
    pub from: Option<Micros>,
    /// Its end, exclusive; null when open.
    pub to: Option<Micros>,
    /// Files that would be opened.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that were listed and whose path lies outside the period.
    pub outside_period: u64,
    /// Paths that are no data, and folders that were not listed, by rule.
    pub ignored: Vec<Counted>,
    /// Files to open by the ending of their name.
    pub endings: Vec<Counted>,
    /// By the UTC date that paths name, in order.
    pub days: Vec<PlannedDay>,
    /// Dates between the first and the last of them (inside the period) that no path names.
    pub days_missing: Vec<String>,
    /// Files whose path names no date.
    pub undated_files: u64,
    /// Their bytes.
    pub undated_bytes: u64,
    /// The first file, opened.
    pub first_file: Option<FirstFile>,
    /// What all footers say; absent unless they were read.
    pub footers: Option<PlannedFooters>,
    /// Requests to object stores until here.
    pub requests: u64,
    /// Bytes that they answered with, listings not included.
    pub remote_bytes: u64,
}

/// One UTC date.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PlannedDay {
    /// The date.
    pub date: String,
    /// Files whose path names it, or an hour of it; one that names a longer span counts on the span's first date.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// A file that was opened to see whether that works.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FirstFile {
    /// Its name.
    pub path: String,
    /// What it is, in words; empty when it could not be opened.
    pub kind: String,
    /// Columns of the events' table that it has.
    pub columns: u64,
    /// Why it could not be opened.
    pub error: Option<String>,
}

/// What all files say of themselves.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PlannedFooters {
    /// Rows of Parquet files; text exports do not tell theirs.
    pub rows: u64,
    /// Row groups.
    pub row_groups: u64,
    /// Of them, those that the period touches.
    pub row_groups_in_period: u64,
    /// Rows in those.
    pub rows_in_period: u64,
    /// How the listed rows of those would be found, as far as footers tell.
    pub ways: Vec<ReadWay>,
    /// Text exports, which are read whole.
    pub text_files: u64,
    /// The earliest time in statistics.
    pub first: Option<Micros>,
    /// The latest.
    pub last: Option<Micros>,
    /// Files that cannot be read.
    pub skipped: Vec<Skipped>,
    /// Columns that differ between files.
    pub drift: Vec<Drift>,
}
