//! The arguments that `hunt` and `sql` share, as clap reads them, grouped as help shows them.

use std::path::PathBuf;

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::config::{IntelMatch, IntelTor, MispToIds, OpenctiConfidence};
use super::moment::{Moment, moment};
use super::size::size;
use super::span::{Span, span};
use super::tor_source::{TorSource, tor_source};
use crate::model::format::Format;
use crate::model::relay::{RoleFilter, TorMatching};
use crate::model::strategy::Strategy;
use crate::model::time::DateOrder;
use crate::model::{Severity, Tlp};

/// Which hunt.
#[derive(Args, Debug)]
pub(super) struct WhichHuntArgs {
    /// The hunt's id; `coldtrail hunts list` shows them
    #[arg(value_name = "HUNT", default_value = "tor_exit")]
    pub(super) hunt: String,
    /// Set a parameter of the hunt; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment, help_heading = "Hunt")]
    pub(super) param: Vec<(String, String)>,
    /// Add the hunts (.sql files) of a directory
    #[arg(long, value_name = "DIR", help_heading = "Hunt")]
    pub(super) hunts: Option<PathBuf>,
}

/// What to read.
#[derive(Args, Debug)]
#[command(next_help_heading = "Input")]
pub(super) struct InputArgs {
    /// Telemetry: a file, directory, pattern or URL; repeatable
    #[arg(long, value_name = "SRC", value_parser = NonEmptyStringValueParser::new())]
    pub(super) events: Vec<String>,
    /// Tor list; exit=SRC, guard=SRC, any=SRC state its role; repeatable
    #[arg(long, value_name = "SRC", value_parser = tor_source)]
    pub(super) tor: Vec<TorSource>,
    /// Threat indicators; optional, repeatable
    #[arg(long, value_name = "SRC", value_parser = NonEmptyStringValueParser::new())]
    pub(super) intel: Vec<String>,
    #[command(flatten)]
    pub(super) reading: ReadingArgs,
}

/// How it is read.
#[derive(Args, Debug)]
#[command(next_help_heading = "Input")]
pub(super) struct ReadingArgs {
    /// How dates like 4/5/2026 in CSV exports are read, where a file does not tell
    #[arg(long, value_name = "ORDER", value_parser = date_order_parser())]
    pub(super) date_order: Option<DateOrder>,
    /// Read Delta tables at this version
    #[arg(long, value_name = "N", hide = cfg!(not(feature = "delta")))]
    pub(super) delta_version: Option<u64>,
    /// An input that cannot be read: fail, or skip it and exit 4
    #[arg(long, value_name = "WHAT", default_value = "fail")]
    pub(super) on_bad_input: BadInput,
}

/// When.
#[derive(Args, Debug)]
#[command(next_help_heading = "Period")]
pub(super) struct PeriodArgs {
    /// From this time on: RFC 3339, a date, or an age (36h, 90d, 2w); UTC where no zone is written
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(super) from: Option<Moment>,
    /// Before this time; a bare date includes its day
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(super) to: Option<Moment>,
}

/// What counts as a match.
#[derive(Args, Debug)]
#[command(next_help_heading = "Matching")]
pub(super) struct MatchingArgs {
    /// Relays that count [default: what the hunt declares]
    #[arg(long, value_name = "ROLE", value_parser = role_parser())]
    pub(super) tor_role: Option<RoleFilter>,
    /// Judge Tor by dated lists where they cover the event, by any listing elsewhere; or only at the event; or by any listing
    #[arg(long, value_name = "HOW", default_value = "auto", value_parser = matching_parser())]
    pub(super) tor_match: TorMatching,
    /// How long before or after a sighting an address still counts as a relay (90m, 24h, 7d)
    #[arg(long, value_name = "SPAN", default_value = "24h", value_parser = span)]
    pub(super) tolerance: Span,
    /// When the Tor lists were taken, where they do not say
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(super) tor_as_of: Option<Moment>,
    /// Indicators match at any time, or only inside their dates
    #[arg(long, value_name = "HOW", default_value = "loose")]
    pub(super) intel_match: IntelMatch,
    /// With --intel-match at-event: how far outside its dates an indicator still matches
    #[arg(long, value_name = "SPAN", default_value = "0h", value_parser = span)]
    pub(super) intel_grace: Span,
    /// Indicators that say only Tor: ignore, or keep as threat hits
    #[arg(long, value_name = "WHAT", default_value = "ignore")]
    pub(super) intel_tor: IntelTor,
    /// Withhold the text of indicators stricter than this level; unmarked ones count as amber
    #[arg(long, value_name = "LEVEL", value_parser = tlp_parser())]
    pub(super) tlp_max: Option<Tlp>,
    #[command(flatten)]
    pub(super) feeds: FeedArgs,
    /// Count copies of an event as events
    #[arg(long)]
    pub(super) keep_duplicates: bool,
}

/// What a feed's own marks mean.
#[derive(Args, Debug)]
pub(super) struct FeedArgs {
    /// Admit indicators on private and reserved addresses
    #[arg(long)]
    pub(super) allow_private: bool,
    /// MISP attributes: all, or only those that their publisher marks for detection
    #[arg(long, value_name = "WHICH", default_value = "all")]
    pub(super) misp_to_ids: MispToIds,
    /// What counts as an OpenCTI indicator's confidence: how sure the source is, or how bad the observable is
    #[arg(long, value_name = "WHAT", default_value = "confidence")]
    pub(super) opencti_confidence: OpenctiConfidence,
}

/// Where the answer goes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Form of the report [default: table on a terminal, ndjson in a pipe, else by --output's ending]
    #[arg(long, value_name = "FORMAT", value_parser = format_parser())]
    pub(super) format: Option<Format>,
    /// Write the report to a file
    #[arg(long, short, value_name = "PATH")]
    pub(super) output: Option<PathBuf>,
    /// Write what was read, skipped and missing as JSON
    #[arg(long, value_name = "FILE")]
    pub(super) coverage: Option<PathBuf>,
    /// Remove known findings: CSV of DeviceName, RemoteIP, process, reason, until
    #[arg(long, value_name = "FILE")]
    pub(super) exclude: Option<PathBuf>,
    /// Most values in one set of a finding
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) set_limit: u32,
    /// Exit 1 if a finding has this level or a higher one
    #[arg(long, value_name = "LEVEL", value_parser = severity_parser())]
    pub(super) fail_on: Option<Severity>,
}

/// How to run.
#[derive(Args, Debug)]
#[command(next_help_heading = "Run")]
pub(super) struct RunArgs {
    /// Threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) threads: Option<u16>,
    /// Most memory, such as 512M or 2G
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(super) memory_limit: Option<u64>,
    /// How addresses are looked up; findings never depend on it
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = strategy_parser())]
    pub(super) strategy: Strategy,
    /// Look addresses and names up in the indexes of this directory or URL; `coldtrail index` makes them
    #[arg(long, value_name = "DIR", value_parser = NonEmptyStringValueParser::new())]
    pub(super) index: Option<String>,
}

/// `--on-bad-input`, as typed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum BadInput {
    Fail,
    Skip,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}

pub(super) fn strategy_parser() -> impl TypedValueParser<Value = Strategy> {
    PossibleValuesParser::new(Strategy::ALL.map(Strategy::as_str))
        .try_map(|word| Strategy::ALL.into_iter().find(|one| one.as_str() == word).ok_or("no strategy"))
}

pub(super) fn date_order_parser() -> impl TypedValueParser<Value = DateOrder> {
    PossibleValuesParser::new(DateOrder::ALL.map(DateOrder::as_str))
        .try_map(|word| DateOrder::ALL.into_iter().find(|order| order.as_str() == word).ok_or("no order"))
}

pub(super) fn role_parser() -> impl TypedValueParser<Value = RoleFilter> {
    PossibleValuesParser::new(RoleFilter::ALL.map(RoleFilter::as_str))
        .try_map(|word| word.parse().map_err(|()| "no role"))
}

pub(super) fn tlp_parser() -> impl TypedValueParser<Value = Tlp> {
    PossibleValuesParser::new(Tlp::ALL.map(Tlp::as_str)).try_map(|word| word.parse().map_err(|()| "no level"))
}

fn matching_parser() -> impl TypedValueParser<Value = TorMatching> {
    let all = [TorMatching::Auto, TorMatching::AtEvent, TorMatching::Loose];
    PossibleValuesParser::new(all.map(TorMatching::as_str))
        .try_map(move |word| all.into_iter().find(|matching| matching.as_str() == word).ok_or("no way of matching"))
}

fn format_parser() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::NAMES).try_map(|word| word.parse().map_err(|()| "no format"))
}

fn severity_parser() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(["low", "medium", "high", "critical"])
        .try_map(|word| word.parse().map_err(|()| "no level"))
}
