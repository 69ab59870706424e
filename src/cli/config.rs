//! What a run needs to know: values that were checked once and are never looked up again.
//!
//! Paths stay as typed, so that messages say what the user said; relative ones start at [`RunConfig::cwd`], which is
//! the process's own directory.

use std::path::PathBuf;

use clap::ValueEnum;

use super::args_shared::Strategy;
use super::tor_source::TorSource;
use crate::model::bad_input::OnBadInput;
use crate::model::format::{Format, RowsFormat};
use crate::model::relay::RoleFilter;
use crate::model::synthesis::SynthConfig;
use crate::model::{Micros, Period, Severity};

/// One run.
#[derive(Clone, PartialEq, Debug)]
pub struct RunConfig {
    /// What to do.
    pub command: Command,
    /// The working directory.
    pub cwd: PathBuf,
    /// When the run started: for ages, never for results.
    pub now: Micros,
    /// Only errors on stderr.
    pub quiet: bool,
    /// Where colour may be used.
    pub color: Colors,
    /// Whether a progress bar on stderr is seen by somebody.
    pub progress: bool,
    /// Columns of the report, and of what `hunts` prints.
    pub width: usize,
    /// Columns of the summary on stderr.
    pub message_width: usize,
}

/// Where colour may be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Colors {
    /// In the report, wherever it goes.
    pub report: bool,
    /// On stderr.
    pub messages: bool,
}

/// What to do.
#[derive(Clone, PartialEq, Debug)]
pub enum Command {
    /// Run a hunt.
    Hunt(Box<HuntConfig>),
    /// Run one query.
    Sql(Box<SqlConfig>),
    /// List, show or check hunts.
    Hunts(HuntsCommand),
    /// Make synthetic telemetry.
    Generate(GenerateConfig),
}

/// `coldtrail hunt`.
#[derive(Clone, PartialEq, Debug)]
pub struct HuntConfig {
    /// The hunt's id.
    pub hunt: String,
    /// A directory with more hunts.
    pub hunts_dir: Option<PathBuf>,
    /// Parameters as typed, names and values; the hunt knows their types.
    pub params: Vec<(String, String)>,
    /// The matching events themselves.
    pub rows: Option<RowsOutput>,
    /// What it shares with `sql`.
    pub query: QueryConfig,
}

/// `coldtrail sql`.
#[derive(Clone, PartialEq, Debug)]
pub struct SqlConfig {
    /// The query's text.
    pub sql: String,
    /// What it shares with `hunt`.
    pub query: QueryConfig,
}

/// What a hunt and a query share.
#[derive(Clone, PartialEq, Debug)]
pub struct QueryConfig {
    /// What to read; `events` holds at least one source.
    pub inputs: Inputs,
    /// The resolved period.
    pub period: Period,
    /// What counts as a match.
    pub matching: Matching,
    /// Where the answer goes.
    pub output: Output,
    /// How to run.
    pub limits: Limits,
}

/// What to read, as typed.
#[derive(Clone, PartialEq, Debug)]
pub struct Inputs {
    /// Telemetry.
    pub events: Vec<String>,
    /// Tor lists.
    pub tor: Vec<TorSource>,
    /// Indicators.
    pub intel: Vec<String>,
    /// What becomes of an input that cannot be read.
    pub on_bad_input: OnBadInput,
}

/// What counts as a match.
#[derive(Clone, PartialEq, Debug)]
pub struct Matching {
    /// The roles asked for; `None` leaves it to the hunt (every role in a query).
    pub tor_role: Option<RoleFilter>,
    /// When the Tor lists were taken.
    pub tor_as_of: Option<Micros>,
    /// Indicators and their dates.
    pub intel_match: IntelMatch,
    /// Indicators that say only Tor.
    pub intel_tor: IntelTor,
    /// Indicators on private and reserved addresses.
    pub private_addresses: PrivateAddresses,
    /// Copies of an event.
    pub duplicates: Duplicates,
}

/// `--intel-match`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum IntelMatch {
    /// An indicator matches at any time, and the finding says how its dates agree.
    #[default]
    Loose,
    /// Only inside its dates.
    AtEvent,
}

/// `--intel-tor`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum IntelTor {
    /// Listed, but no hit.
    #[default]
    Ignore,
    /// A hit like any other.
    Keep,
}

/// `--allow-private`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PrivateAddresses {
    /// Indicators on them are refused and counted.
    #[default]
    Refuse,
    /// Indicators on them are used.
    Admit,
}

/// `--keep-duplicates`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Duplicates {
    /// One event of several copies counts.
    #[default]
    Remove,
    /// Every row counts.
    Keep,
}

/// Where the answer goes.
#[derive(Clone, PartialEq, Debug)]
pub struct Output {
    /// The form of the report.
    pub format: Format,
    /// Where it goes.
    pub destination: Destination,
    /// A file for the coverage block.
    pub coverage: Option<PathBuf>,
    /// Findings to remove.
    pub exclude: Option<PathBuf>,
    /// Exit 1 from this level on.
    pub fail_on: Option<Severity>,
}

/// Where the report goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Destination {
    /// To stdout.
    Stdout,
    /// To a file, which appears whole or not at all.
    File(PathBuf),
}

/// `--rows FILE`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowsOutput {
    /// The file.
    pub path: PathBuf,
    /// What its ending asks for.
    pub format: RowsFormat,
}

/// How to run.
#[derive(Clone, PartialEq, Debug)]
pub struct Limits {
    /// At least 1.
    pub threads: usize,
    /// Bytes.
    pub memory_bytes_max: Option<u64>,
    /// Most values in one set of a finding, at least 1.
    pub set_limit: usize,
    /// How addresses are looked up.
    pub strategy: Strategy,
}

/// `coldtrail hunts`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HuntsCommand {
    /// Every hunt.
    List {
        /// A directory with more hunts.
        hunts_dir: Option<PathBuf>,
    },
    /// One hunt.
    Show {
        /// Its id.
        id: String,
        /// A directory with more hunts.
        hunts_dir: Option<PathBuf>,
    },
    /// Plan hunts without data.
    Check {
        /// A file or directory; without one, every hunt.
        path: Option<PathBuf>,
        /// A directory with more hunts; only without `path`.
        hunts_dir: Option<PathBuf>,
    },
}

/// `coldtrail generate`.
#[derive(Clone, PartialEq, Debug)]
pub struct GenerateConfig {
    /// The directory that is made.
    pub output: PathBuf,
    /// What it will hold.
    pub synthesis: SynthConfig,
}
