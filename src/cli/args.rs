//! The command line as clap reads it: the commands and what each of them takes.
//!
//! Types only; nothing here decides. The doc comments are the help texts.

use std::path::PathBuf;

use clap::{ArgAction, Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

use super::args_archives::{ConvertArgs, IndexArgs, PlanArgs};
use super::args_bench::BenchArgs;
use super::args_generate::GenerateArgs;
use super::args_hunts::HuntsArgs;
use super::args_lists::{IntelArgs, TorArgs};
use super::args_shared::{InputArgs, MatchingArgs, OutputArgs, PeriodArgs, RunArgs, WhichHuntArgs};
use super::args_stores::StoreArgs;

/// Everything that can be typed.
#[derive(Parser, Debug)]
#[command(
    name = "coldtrail",
    bin_name = "coldtrail",
    version,
    about = "Hunt in archived Microsoft Defender network telemetry, offline: which devices talked to the Tor network, when, through which process and account, and what does threat intelligence know of it? A hunt is a .sql file; nothing leaves this machine.",
    after_help = "Example:\n  coldtrail hunt --events archive/ --tor tor.csv --intel indicators.csv\n\nExit codes:\n    0  done\n    1  findings at or above --fail-on\n    2  usage or configuration\n    3  an input or a credential\n    4  done, but some input was skipped\n    5  out of memory or disk\n  130  interrupted",
    disable_help_subcommand = true,
    disable_help_flag = true,
    disable_version_flag = true
)]
pub(super) struct Typed {
    /// Only errors on stderr: no progress, no summary
    #[arg(long, short, global = true, help_heading = GENERAL, display_order = 100)]
    pub(super) quiet: bool,
    /// When to use colour; NO_COLOR is respected in auto
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = GENERAL, display_order = 101)]
    pub(super) color: ColorChoice,
    /// Print help
    #[arg(long, short, global = true, action = ArgAction::HelpShort, help_heading = GENERAL, display_order = 102)]
    help: Option<bool>,
    /// Print version
    #[arg(long, short = 'V', action = ArgAction::Version, help_heading = GENERAL, display_order = 103)]
    version: Option<bool>,
    #[command(subcommand)]
    pub(super) command: CommandArgs,
}

/// The heading of what every command takes.
const GENERAL: &str = "General";

/// `--color`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum ColorChoice {
    Auto,
    Always,
    Never,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub(super) enum CommandArgs {
    /// Run a hunt
    #[command(
        after_help = "Examples:\n  coldtrail hunt --events archive/ --tor tor.csv\n  coldtrail hunt --events 'archive/**/*.parquet' --tor exit=tor.csv \\\n    --intel indicators.csv --from 90d --output findings.json --coverage run.json\n  coldtrail hunt intel_ip --events archive/ --intel indicators.csv"
    )]
    Hunt(HuntArgs),
    /// Run one query over the same tables and functions
    #[command(
        after_help = "Tables: DeviceNetworkEvents, TorRelays, ThreatIndicators (names are case-sensitive).\n\nExample:\n  coldtrail sql --events archive/ \\\n    \"SELECT RemoteIP, count(*) FROM DeviceNetworkEvents GROUP BY RemoteIP\""
    )]
    Sql(SqlArgs),
    /// List, show and check hunts
    #[command(subcommand, after_help = "Example:\n  coldtrail hunts show tor_exit")]
    Hunts(HuntsArgs),
    /// Say what a hunt would read, and what keeps it from reading, without hunting
    #[command(
        after_help = "Examples:\n  coldtrail plan --events s3://telemetry/defender/ --from 90d\n  coldtrail plan --events archive/ --footers"
    )]
    Plan(PlanArgs),
    /// Write hunt-ready Parquet from any export: sorted, by date, without copies
    #[command(
        after_help = "Examples:\n  coldtrail convert --events exports/ --output archive/\n  coldtrail convert --events az://insights-logs-advancedhunting-devicenetworkevents/ \\\n    --output s3://telemetry/network/\n\nRun it again to add what is new. Records that cannot be read go to rejects/."
    )]
    Convert(ConvertArgs),
    /// Index the addresses and names of an archive, so that hunts read only rows with hits
    #[command(
        after_help = "Examples:\n  coldtrail index --events archive/ --index archive-index/\n  coldtrail hunt --events archive/ --tor tor.csv --index archive-index/\n\nRun it again to add what is new or changed. A file whose index is missing, stale or damaged is scanned."
    )]
    Index(IndexArgs),
    /// Merge Tor lists into one dated file, or ask them about an address
    #[command(subcommand)]
    Tor(TorArgs),
    /// Merge indicator feeds into one file, or ask them about a value
    #[command(subcommand)]
    Intel(IntelArgs),
    /// Compare join strategies on your own data, with their results checked against each other
    #[command(
        after_help = "Examples:\n  coldtrail bench\n  coldtrail bench --events archive/ --tor tor.csv --chart strategies.svg\n  coldtrail bench intel_ip --events archive/ --intel feed.csv --strategies auto,semi-join\n\nEach run is a process of its own; docs/strategies.md says what the strategies do."
    )]
    Bench(Box<BenchArgs>),
    /// Make synthetic telemetry, deterministic by seed
    #[command(
        after_help = "Example:\n  coldtrail generate --output demo/ --rows 1000000 --days 30\n\nIt writes the events as Parquet and a Tor list and indicators that match them."
    )]
    Generate(GenerateArgs),
}

/// Arguments of `hunt`.
#[derive(Args, Debug)]
pub(super) struct HuntArgs {
    #[command(flatten)]
    pub(super) which: WhichHuntArgs,
    #[command(flatten)]
    pub(super) input: InputArgs,
    #[command(flatten)]
    pub(super) period: PeriodArgs,
    #[command(flatten)]
    pub(super) matching: MatchingArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    /// Write the matching events themselves (.parquet, .csv, .ndjson)
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) rows: Option<PathBuf>,
    #[command(flatten)]
    pub(super) run: RunArgs,
    #[command(flatten)]
    pub(super) stores: StoreArgs,
}

/// Arguments of `sql`.
#[derive(Args, Debug)]
pub(super) struct SqlArgs {
    /// The query
    #[arg(value_name = "QUERY", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(super) query: String,
    #[command(flatten)]
    pub(super) input: InputArgs,
    #[command(flatten)]
    pub(super) period: PeriodArgs,
    #[command(flatten)]
    pub(super) matching: MatchingArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    #[command(flatten)]
    pub(super) run: RunArgs,
    #[command(flatten)]
    pub(super) stores: StoreArgs,
}

/// The whole command, for generated documentation and its tests.
#[must_use]
pub fn command() -> clap::Command {
    Typed::command()
}
