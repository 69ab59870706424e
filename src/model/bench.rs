//! What `coldtrail bench` measured: the strategies side by side, as JSON writes it.

use serde::{Deserialize, Serialize};

/// The version of this wire form.
pub const BENCH_VERSION: u32 = 1;

/// One comparison.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct BenchReport {
    /// [`BENCH_VERSION`].
    pub bench_version: u32,
    /// Program and version.
    pub tool: String,
    /// Processors that the runs could use.
    pub threads: u64,
    /// The hunt's id.
    pub hunt: String,
    /// The archive.
    pub archive: BenchArchive,
    /// The lists, in words: `5,403 addresses and 12 prefixes of Tor lists`.
    pub lists: String,
    /// Findings of the first strategy.
    pub findings: u64,
    /// Measured runs of each strategy; one before them is not measured.
    pub repeat: u64,
    /// A row for each strategy, in the order asked for.
    pub strategies: Vec<BenchRow>,
}

/// What was hunted in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BenchArchive {
    /// The sources as typed, or `generated`.
    pub sources: Vec<String>,
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Rows in the period.
    pub rows: u64,
    /// Row groups.
    pub row_groups: u64,
}

/// What one strategy took.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct BenchRow {
    /// Its word.
    pub strategy: String,
    /// Why it did not run, or did not run to its end; null when it did.
    pub not_run: Option<String>,
    /// Wall seconds of each run, whole processes.
    pub seconds: Vec<f64>,
    /// Median of them.
    pub median_seconds: Option<f64>,
    /// Median time against that of the fastest strategy; 1 for that one.
    pub against_fastest: Option<f64>,
    /// Processor seconds of all threads, median; null where the system does not tell.
    pub median_cpu_seconds: Option<f64>,
    /// Bytes of telemetry read.
    pub bytes: u64,
    /// Row groups of which anything was read.
    pub row_groups: u64,
    /// Pages decompressed; null where it is not known.
    pub pages: Option<u64>,
    /// Values of RemoteIP and rows that were decoded, also those that a join's own filter drops.
    pub rows_decoded: u64,
    /// Largest peak of resident memory over the runs, in MiB; null where the system does not tell.
    pub peak_mib: Option<f64>,
    /// Findings.
    pub findings: u64,
    /// Whether its result is byte for byte that of the first strategy.
    pub same_result: bool,
}

impl BenchReport {
    /// Whether every strategy that ran gave the same result.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.strategies.iter().all(|row| row.not_run.is_some() || row.same_result)
    }
}
