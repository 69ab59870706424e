//! What `bench` needs to know.

use std::ffi::OsString;
use std::path::PathBuf;

use super::config::{HuntConfig, ListFormat};
use crate::model::strategy::Strategy;

/// `coldtrail bench`.
#[derive(Clone, PartialEq, Debug)]
pub struct BenchConfig {
    /// The hunt, as it runs with each strategy. It names no events where they are generated.
    pub hunt: HuntConfig,
    /// At least one.
    pub strategies: Vec<Strategy>,
    /// Measured runs of each, at least 1.
    pub repeat: usize,
    /// Events to generate, where none are named.
    pub generated_rows: u64,
    /// Seconds after which a run is given up.
    pub give_up_seconds: u64,
    /// The form on stdout: a table or ndjson.
    pub format: ListFormat,
    /// The numbers.
    pub json: Option<PathBuf>,
    /// The drawing.
    pub chart: Option<PathBuf>,
    /// What this process is for, if another one started it.
    pub child: Option<Child>,
    /// The program's own file.
    pub program: PathBuf,
    /// What was typed behind its name.
    pub arguments: Vec<OsString>,
}

/// One run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Child {
    /// With this strategy.
    pub strategy: Strategy,
    /// Whether it counts pages, and so is not measured.
    pub counts_pages: bool,
}
