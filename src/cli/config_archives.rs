//! What `plan`, `convert` and `index` need to know, and how object stores are reached.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::config::ListFormat;
use crate::model::Period;
use crate::model::bad_input::OnBadInput;
use crate::model::time::DateOrder;

/// How object stores are reached.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Access {
    /// The providers' variables that are set.
    pub environment: Secrets,
    /// The user's home directory.
    pub home: Option<PathBuf>,
    /// Attempts after the first, per request.
    pub retries: usize,
    /// Longest wait for one request.
    pub timeout_seconds: u64,
    /// Ask without credentials.
    pub anonymous: bool,
    /// A store's address in place of the provider's own.
    pub endpoint: Option<String>,
}

/// Variables whose values nobody may see.
#[derive(Clone, PartialEq, Default)]
pub struct Secrets(pub BTreeMap<String, String>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Which archive.
#[derive(Clone, PartialEq, Debug)]
pub struct Archive {
    /// As typed; at least one.
    pub events: Vec<String>,
    /// How dates like 4/5/2026 are read, where a file does not tell.
    pub date_order: Option<DateOrder>,
    /// The version of Delta tables.
    pub delta_version: Option<u64>,
    /// What becomes of an input that cannot be read.
    pub on_bad_input: OnBadInput,
}

/// `coldtrail plan`.
#[derive(Clone, PartialEq, Debug)]
pub struct PlanConfig {
    /// The hunt's id.
    pub hunt: String,
    /// A directory with more hunts.
    pub hunts_dir: Option<PathBuf>,
    /// What to look at.
    pub archive: Archive,
    /// The resolved period.
    pub period: Period,
    /// Whether every footer is read.
    pub footers: bool,
    /// Where indexes lie, as typed.
    pub index: Option<String>,
    /// The form of the answer: a table or ndjson.
    pub format: ListFormat,
}

/// `coldtrail index`.
#[derive(Clone, PartialEq, Debug)]
pub struct IndexConfig {
    /// What to index.
    pub archive: Archive,
    /// The resolved period: files whose path lies outside it are left out.
    pub period: Period,
    /// A directory or a URL.
    pub index: String,
    /// At least 1.
    pub threads: usize,
}

/// `coldtrail convert`.
#[derive(Clone, PartialEq, Debug)]
pub struct ConvertConfig {
    /// What to read.
    pub archive: Archive,
    /// The resolved period: files whose path lies outside it are not read.
    pub period: Period,
    /// A directory or a URL.
    pub output: String,
    /// At least 1.
    pub threads: usize,
    /// Where the output is indexed, as typed.
    pub index: Option<String>,
    /// Bytes of events that wait to be sorted.
    pub memory_bytes_max: u64,
}
