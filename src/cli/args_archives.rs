//! The arguments of `plan`, `convert` and `index`, as clap reads them.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser};

use super::args_shared::{PeriodArgs, ReadingArgs};
use super::args_stores::StoreArgs;
use super::config::ListFormat;
use super::moment::{Moment, moment};
use super::size::size;

/// Which archive.
#[derive(Args, Debug)]
#[command(next_help_heading = "Input")]
pub(super) struct ArchiveArgs {
    /// Telemetry: a file, directory, pattern or URL; repeatable
    #[arg(long, value_name = "SRC", value_parser = NonEmptyStringValueParser::new())]
    pub(super) events: Vec<String>,
    #[command(flatten)]
    pub(super) reading: ReadingArgs,
}

/// Arguments of `plan`.
#[derive(Args, Debug)]
pub(super) struct PlanArgs {
    /// The hunt that is meant; `coldtrail hunts list` shows them
    #[arg(value_name = "HUNT", default_value = "tor_exit")]
    pub(super) hunt: String,
    /// Add the hunts (.sql files) of a directory
    #[arg(long, value_name = "DIR")]
    pub(super) hunts: Option<PathBuf>,
    #[command(flatten)]
    pub(super) archive: ArchiveArgs,
    #[command(flatten)]
    pub(super) period: PeriodArgs,
    /// Read every footer too: rows, row groups and columns that differ between files
    #[arg(long, help_heading = "Output")]
    pub(super) footers: bool,
    /// With --footers: which files have a usable index in this directory or URL
    #[arg(long, value_name = "DIR", requires = "footers", value_parser = NonEmptyStringValueParser::new(), help_heading = "Input")]
    pub(super) index: Option<String>,
    /// Form of the answer [default: table on a terminal, ndjson in a pipe]
    #[arg(long, value_name = "FORMAT", value_parser = form_parser(), help_heading = "Output")]
    pub(super) format: Option<ListFormat>,
    #[command(flatten)]
    pub(super) stores: StoreArgs,
}

/// Arguments of `index`.
#[derive(Args, Debug)]
pub(super) struct IndexArgs {
    #[command(flatten)]
    pub(super) archive: ArchiveArgs,
    #[command(flatten)]
    pub(super) period: FilePeriodArgs,
    /// Where the indexes go: a directory or a URL; hunts name it with --index
    #[arg(long, value_name = "DIR", value_parser = NonEmptyStringValueParser::new(), help_heading = "Output")]
    pub(super) index: String,
    /// Threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Run")]
    pub(super) threads: Option<u16>,
    #[command(flatten)]
    pub(super) stores: StoreArgs,
}

/// Which files, by their path. A file is taken whole or not at all, so that a later run can go on.
#[derive(Args, Debug)]
#[command(next_help_heading = "Period")]
pub(super) struct FilePeriodArgs {
    /// Only files whose path lies from this time on; their rows are not cut
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(super) from: Option<Moment>,
    /// Only files whose path lies before this time; a bare date includes its day
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(super) to: Option<Moment>,
}

/// Arguments of `convert`.
#[derive(Args, Debug)]
pub(super) struct ConvertArgs {
    #[command(flatten)]
    pub(super) archive: ArchiveArgs,
    #[command(flatten)]
    pub(super) period: FilePeriodArgs,
    /// Where the Parquet files go: a directory or a URL
    #[arg(long, short, value_name = "DIR", value_parser = NonEmptyStringValueParser::new(), help_heading = "Output")]
    pub(super) output: String,
    /// Threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Run")]
    pub(super) threads: Option<u16>,
    /// Index the Parquet files that were written, in this directory or URL
    #[arg(long, value_name = "DIR", value_parser = NonEmptyStringValueParser::new(), help_heading = "Output")]
    pub(super) index: Option<String>,
    /// Most memory for events that wait to be sorted; more goes through the disk
    #[arg(long, value_name = "SIZE", default_value = "400M", value_parser = size, help_heading = "Run")]
    pub(super) memory_limit: u64,
    #[command(flatten)]
    pub(super) stores: StoreArgs,
}

pub(super) fn form_parser() -> impl TypedValueParser<Value = ListFormat> {
    let forms = [ListFormat::Table, ListFormat::Ndjson];
    PossibleValuesParser::new(forms.map(ListFormat::as_str))
        .try_map(move |word| forms.into_iter().find(|form| form.as_str() == word).ok_or("no format"))
}
