//! The arguments of `bench`, as clap reads them.

use std::path::PathBuf;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::args_archives::form_parser;
use super::args_shared::{InputArgs, MatchingArgs, PeriodArgs, WhichHuntArgs, strategy_parser};
use super::args_stores::StoreArgs;
use super::config::ListFormat;
use super::size::size;
use crate::model::strategy::Strategy;

/// Arguments of `bench`.
#[derive(Args, Debug)]
pub(super) struct BenchArgs {
    #[command(flatten)]
    pub(super) which: WhichHuntArgs,
    #[command(flatten)]
    pub(super) input: InputArgs,
    #[command(flatten)]
    pub(super) period: PeriodArgs,
    #[command(flatten)]
    pub(super) matching: MatchingArgs,
    /// Strategies, comma-separated, the first one is what the others must agree with [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = strategy_parser(), help_heading = "Comparison")]
    pub(super) strategies: Vec<Strategy>,
    /// Measured runs of each strategy
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..), help_heading = "Comparison")]
    pub(super) repeat: u8,
    /// Events to generate, where no --events are named
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..), help_heading = "Comparison")]
    pub(super) rows: u64,
    /// Seconds after which a strategy is given up
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..), help_heading = "Comparison")]
    pub(super) give_up: u32,
    /// Form of the answer [default: table on a terminal, ndjson in a pipe]
    #[arg(long, value_name = "FORMAT", value_parser = form_parser(), help_heading = "Output")]
    pub(super) format: Option<ListFormat>,
    /// Write the numbers as JSON
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) json: Option<PathBuf>,
    /// Draw the times as SVG
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) chart: Option<PathBuf>,
    /// Threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Run")]
    pub(super) threads: Option<u16>,
    /// Most memory of one strategy, such as 512M or 2G; what joins sort beyond it goes through the disk
    #[arg(long, value_name = "SIZE", default_value = "2G", value_parser = size, help_heading = "Run")]
    pub(super) memory_limit: u64,
    /// The indexes of this directory or URL; without it an index is built for the comparison
    #[arg(long, value_name = "DIR", value_parser = NonEmptyStringValueParser::new(), help_heading = "Run")]
    pub(super) index: Option<String>,
    /// One run, for the comparison that started this process
    #[arg(long, hide = true, value_name = "NAME", value_parser = strategy_parser())]
    pub(super) child: Option<Strategy>,
    /// Whether that run counts pages
    #[arg(long, hide = true)]
    pub(super) child_counts: bool,
    #[command(flatten)]
    pub(super) stores: StoreArgs,
}
