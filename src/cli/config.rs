//! What a run needs to know: values that were checked once and are never looked up again.
//!
//! Paths stay as typed, so that messages say what the user said; relative ones start at [`RunConfig::cwd`], which is
//! the process's own directory.

use std::path::PathBuf;

use clap::ValueEnum;

use super::config_archives::{Access, ConvertConfig, IndexConfig, PlanConfig};
use super::config_bench::BenchConfig;
use super::tor_source::TorSource;
use crate::model::bad_input::OnBadInput;
use crate::model::format::{Format, RowsFormat};
use crate::model::relay::{RoleFilter, TorMatching};
use crate::model::strategy::Strategy;
use crate::model::synthesis::SynthConfig;
use crate::model::time::DateOrder;
use crate::model::{Micros, Period, Severity, Tlp};

/// One run.
#[derive(Clone, PartialEq, Debug)]
pub struct RunConfig {
    /// What to do.
    pub command: Command,
    /// How object stores are reached.
    pub access: Access,
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
    /// Merge or ask Tor lists.
    Tor(TorCommand),
    /// Merge or ask indicator feeds.
    Intel(IntelCommand),
    /// Make synthetic telemetry.
    Generate(GenerateConfig),
    /// Say what a hunt would read.
    Plan(PlanConfig),
    /// Compare strategies.
    Bench(Box<BenchConfig>),
    /// Index an archive.
    Index(IndexConfig),
    /// Write hunt-ready Parquet.
    Convert(ConvertConfig),
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
    /// How dates like 4/5/2026 are read, where a file does not tell.
    pub date_order: Option<DateOrder>,
    /// The version of Delta tables.
    pub delta_version: Option<u64>,
    /// What becomes of an input that cannot be read.
    pub on_bad_input: OnBadInput,
}

/// What counts as a match.
#[derive(Clone, PartialEq, Debug)]
pub struct Matching {
    /// The roles asked for; `None` leaves it to the hunt (every role in a query).
    pub tor_role: Option<RoleFilter>,
    /// How dates of Tor lists decide.
    pub tor_match: TorMatching,
    /// How far from a sighting an address still is a relay, in microseconds.
    pub tolerance: i64,
    /// When the Tor lists were taken.
    pub tor_as_of: Option<Micros>,
    /// Indicators and their dates.
    pub intel_match: IntelMatch,
    /// How far outside its dates an indicator still matches at the event, in microseconds.
    pub intel_grace: i64,
    /// Indicators that say only Tor.
    pub intel_tor: IntelTor,
    /// Text of stricter indicators is withheld.
    pub tlp_max: Option<Tlp>,
    /// What a feed's own marks mean.
    pub feeds: Feeds,
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

/// What a feed's own marks mean to the run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Feeds {
    /// Indicators on private and reserved addresses.
    pub private_addresses: PrivateAddresses,
    /// MISP attributes without the mark for detection.
    pub misp_to_ids: MispToIds,
    /// Which of OpenCTI's two numbers counts.
    pub opencti_confidence: OpenctiConfidence,
}

/// `--misp-to-ids`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum MispToIds {
    /// They match too, and say so.
    #[default]
    All,
    /// They are left out and counted.
    Only,
}

/// `--opencti-confidence`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum OpenctiConfidence {
    /// How sure the source is.
    #[default]
    Confidence,
    /// How bad the observable is.
    Score,
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
    /// Where indexes lie, as typed.
    pub index: Option<String>,
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

/// `coldtrail tor`.
#[derive(Clone, PartialEq, Debug)]
pub enum TorCommand {
    /// Merge.
    Build {
        /// The lists; at least one.
        lists: TorLists,
        /// The file that is written.
        output: PathBuf,
    },
    /// Ask.
    Show {
        /// The lists; at least one.
        lists: TorLists,
        /// What is asked.
        question: TorQuestion,
        /// When, where the question does not say.
        at: Option<Micros>,
        /// Relays that count.
        role: RoleFilter,
        /// How far from a sighting an address still is a relay, in microseconds.
        tolerance: i64,
        /// The form of the answer.
        format: ListFormat,
    },
}

/// Which Tor lists.
#[derive(Clone, PartialEq, Debug)]
pub struct TorLists {
    /// As typed.
    pub tor: Vec<TorSource>,
    /// When they were taken.
    pub as_of: Option<Micros>,
    /// What becomes of one that cannot be read.
    pub on_bad_input: OnBadInput,
}

/// What `tor show` asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TorQuestion {
    /// One address, as typed.
    Address(String),
    /// Every line of a file.
    File(PathBuf),
}

/// `coldtrail intel`.
#[derive(Clone, PartialEq, Debug)]
pub enum IntelCommand {
    /// Merge.
    Build {
        /// The feeds; at least one.
        lists: IntelLists,
        /// The file that is written.
        output: PathBuf,
    },
    /// Ask.
    Show {
        /// The feeds; at least one.
        lists: IntelLists,
        /// The value, as typed.
        value: String,
        /// Text of stricter indicators is withheld.
        tlp_max: Option<Tlp>,
        /// The form of the answer.
        format: ListFormat,
    },
}

/// Which feeds.
#[derive(Clone, PartialEq, Debug)]
pub struct IntelLists {
    /// As typed.
    pub intel: Vec<String>,
    /// What their own marks mean.
    pub feeds: Feeds,
    /// What becomes of one that cannot be read.
    pub on_bad_input: OnBadInput,
}

/// The form in which `tor show` and `intel show` answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ListFormat {
    /// For people at a terminal.
    Table,
    /// One object a line.
    Ndjson,
    /// One line an answer, lists as JSON text.
    Csv,
}

impl ListFormat {
    /// In the order of help texts.
    pub const ALL: [Self; 3] = [Self::Table, Self::Ndjson, Self::Csv];

    /// The name that `--format` takes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        }
    }
}

/// `coldtrail generate`.
#[derive(Clone, PartialEq, Debug)]
pub struct GenerateConfig {
    /// The directory that is made.
    pub output: PathBuf,
    /// What it will hold.
    pub synthesis: SynthConfig,
}
