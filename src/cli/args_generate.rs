//! The arguments of `generate`, as clap reads them.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::moment::day;
use super::span::span;
use crate::model::Micros;
use crate::model::synthesis::{Layout, Spread, TOR_HISTORY_HOURS_MAX};
use crate::model::time::DAY_MICROS;

/// Most of the rows that may touch Tor.
const HIT_RATE_MAX: f64 = 0.1;

/// What to make. What is not typed keeps the default of the synthesis.
#[derive(Args, Debug)]
pub(super) struct GenerateArgs {
    /// New or empty directory for events, Tor list and indicators
    #[arg(long, short, value_name = "DIR")]
    pub(super) output: PathBuf,
    /// Events in all files together [default: 100000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) rows: Option<u64>,
    /// Days, one after the other [default: 7]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(super) days: Option<u32>,
    /// Devices that report [default: 500]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) devices: Option<u32>,
    /// Another seed, another archive; the same seed, the same bytes [default: 1]
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Share of events that touch Tor, 0 to 0.1 [default: 0.0001]
    #[arg(long, value_name = "SHARE", value_parser = hit_rate)]
    pub(super) hit_rate: Option<f64>,
    /// Those events on few devices and hours, or anywhere [default: clustered]
    #[arg(long, value_name = "HOW", value_parser = spread_parser())]
    pub(super) hit_spread: Option<Spread>,
    /// Also dated exit lists this far apart (1h to 30d) and the truth behind them
    ///
    /// Writes tor-history/, a list per SPACING over the days, and tor-truth.csv, when each address was an exit. Half of
    /// the events that touch Tor then go to an exit, half to an address that is none at the time, any day unless
    /// --hit-spread says otherwise; tor.csv is the list of the last day.
    #[arg(long, value_name = "SPACING", value_parser = spacing)]
    pub(super) tor_history: Option<u32>,
    /// Paths: date=2026-03-02/, year=2026/month=03/day=02/, or none [default: date]
    #[arg(long, value_name = "NAME", value_parser = layout_parser())]
    pub(super) layout: Option<Layout>,
    /// The first day [default: 2026-03-02]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(super) start: Option<Micros>,
    /// Threads [default: one per core, at most 8]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) threads: Option<u16>,
}

fn hit_rate(text: &str) -> Result<f64, String> {
    let rate = text.trim().parse::<f64>().ok().filter(|rate| (0.0..=HIT_RATE_MAX).contains(rate));
    rate.ok_or_else(|| format!("give a share from 0 to {HIT_RATE_MAX}, such as 0.0001 or 1e-6"))
}

/// Whole hours.
fn spacing(text: &str) -> Result<u32, String> {
    let micros = span(text).map_or(0, |span| span.0);
    let hours = u32::try_from(micros / (DAY_MICROS / 24)).unwrap_or(0);
    let whole = i64::from(hours) * (DAY_MICROS / 24) == micros;
    let hours = Some(hours).filter(|hours| whole && (1..=TOR_HISTORY_HOURS_MAX).contains(hours));
    hours.ok_or_else(|| "give whole hours or days from 1h to 30d, such as 24h or 7d".to_owned())
}

fn spread_parser() -> impl TypedValueParser<Value = Spread> {
    PossibleValuesParser::new(Spread::ALL.map(Spread::as_str))
        .try_map(|word| Spread::ALL.into_iter().find(|spread| spread.as_str() == word).ok_or("no spread"))
}

fn layout_parser() -> impl TypedValueParser<Value = Layout> {
    PossibleValuesParser::new(Layout::ALL.map(Layout::as_str))
        .try_map(|word| Layout::ALL.into_iter().find(|layout| layout.as_str() == word).ok_or("no layout"))
}
