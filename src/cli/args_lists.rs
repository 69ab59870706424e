//! The arguments of `tor` and `intel`, as clap reads them.

use std::path::PathBuf;

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};

use super::args_shared::{BadInput, FeedArgs, role_parser, tlp_parser};
use super::args_stores::StoreArgs;
use super::config::ListFormat;
use super::moment::{Moment, moment};
use super::span::{Span, span};
use super::tor_source::{TorSource, tor_source};
use crate::model::Tlp;
use crate::model::relay::RoleFilter;

/// What to do with Tor lists.
#[derive(Subcommand, Debug)]
pub(super) enum TorArgs {
    /// Merge lists and histories into one dated file that later runs read in a moment
    #[command(
        after_help = "Example:\n  coldtrail tor build --tor exit=snapshots/ --tor relays.json --output tor-history.parquet"
    )]
    Build {
        #[command(flatten)]
        lists: TorListArgs,
        /// The file that is written (Parquet)
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
    },
    /// Was this address a Tor relay, and when? yes, no, or no data
    #[command(
        after_help = "Examples:\n  coldtrail tor show 192.0.2.7 --at 2026-03-14T15:09Z --tor tor-history.parquet\n  coldtrail tor show --file addresses.csv --tor tor-history.parquet --format csv"
    )]
    Show(ShowTorArgs),
}

/// Which Tor lists.
#[derive(Args, Debug)]
pub(super) struct TorListArgs {
    /// Tor list; exit=SRC, guard=SRC, any=SRC state its role; repeatable
    #[arg(long, value_name = "SRC", value_parser = tor_source)]
    pub(super) tor: Vec<TorSource>,
    /// When the lists were taken, where they do not say
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(super) tor_as_of: Option<Moment>,
    /// An input that cannot be read: fail, or skip it and exit 4
    #[arg(long, value_name = "WHAT", default_value = "fail")]
    pub(super) on_bad_input: BadInput,
    #[command(flatten)]
    pub(super) stores: StoreArgs,
}

/// Arguments of `tor show`.
#[derive(Args, Debug)]
pub(super) struct ShowTorArgs {
    /// An IPv4 or IPv6 address
    #[arg(value_name = "ADDRESS", required_unless_present = "file", conflicts_with = "file")]
    pub(super) address: Option<String>,
    /// Ask for every line of a file: ADDRESS, or ADDRESS,TIME
    #[arg(long, value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// At this time; without it, all times that the lists know
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(super) at: Option<Moment>,
    #[command(flatten)]
    pub(super) lists: TorListArgs,
    /// Relays that count
    #[arg(long, value_name = "ROLE", default_value = "any", value_parser = role_parser())]
    pub(super) tor_role: RoleFilter,
    /// How long before or after a sighting an address still counts as a relay (90m, 24h, 7d)
    #[arg(long, value_name = "SPAN", default_value = "24h", value_parser = span)]
    pub(super) tolerance: Span,
    /// Form of the answer [default: table on a terminal, ndjson in a pipe]
    #[arg(long, value_name = "FORMAT", value_parser = format_parser())]
    pub(super) format: Option<ListFormat>,
}

/// What to do with indicators.
#[derive(Subcommand, Debug)]
pub(super) enum IntelArgs {
    /// Merge feeds into one file and show what was read, kept and skipped
    #[command(
        after_help = "Example:\n  coldtrail intel build --intel misp-feed/ --intel bundle.json --output intel.parquet"
    )]
    Build {
        #[command(flatten)]
        lists: IntelListArgs,
        /// The file that is written (Parquet)
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
    },
    /// Which indicators stand for an address, prefix, domain or URL
    #[command(after_help = "Example:\n  coldtrail intel show login.example.org --intel intel.parquet")]
    Show {
        /// The address, prefix, domain or URL
        #[arg(value_name = "VALUE", value_parser = NonEmptyStringValueParser::new())]
        value: String,
        #[command(flatten)]
        lists: IntelListArgs,
        /// Withhold the text of indicators stricter than this level; unmarked ones count as amber
        #[arg(long, value_name = "LEVEL", value_parser = tlp_parser())]
        tlp_max: Option<Tlp>,
        /// Form of the answer [default: table on a terminal, ndjson in a pipe]
        #[arg(long, value_name = "FORMAT", value_parser = format_parser())]
        format: Option<ListFormat>,
    },
}

impl TorArgs {
    /// How stores are reached.
    pub(super) const fn stores(&self) -> &StoreArgs {
        match self {
            Self::Build { lists, .. } => &lists.stores,
            Self::Show(show) => &show.lists.stores,
        }
    }
}

impl IntelArgs {
    /// How stores are reached.
    pub(super) const fn stores(&self) -> &StoreArgs {
        match self {
            Self::Build { lists, .. } | Self::Show { lists, .. } => &lists.stores,
        }
    }
}

/// Which feeds.
#[derive(Args, Debug)]
pub(super) struct IntelListArgs {
    /// Threat indicators; repeatable
    #[arg(long, value_name = "SRC", value_parser = NonEmptyStringValueParser::new())]
    pub(super) intel: Vec<String>,
    #[command(flatten)]
    pub(super) feeds: FeedArgs,
    /// An input that cannot be read: fail, or skip it and exit 4
    #[arg(long, value_name = "WHAT", default_value = "fail")]
    pub(super) on_bad_input: BadInput,
    #[command(flatten)]
    pub(super) stores: StoreArgs,
}

fn format_parser() -> impl TypedValueParser<Value = ListFormat> {
    PossibleValuesParser::new(ListFormat::ALL.map(ListFormat::as_str))
        .try_map(|word| ListFormat::ALL.into_iter().find(|format| format.as_str() == word).ok_or("no format"))
}
