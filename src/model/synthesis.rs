//! What synthetic telemetry should look like: the words of `coldtrail generate`.
//!
//! Only the wish stands here, so that `cli` can build it without importing the room that fulfils it.

use super::Micros;

/// How the events that touch Tor lie in the archive.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Spread {
    /// On few devices and within few hours, as real hits do: most row groups hold none.
    #[default]
    Clustered,
    /// Evenly over all files, the worst case for pruning.
    Uniform,
}

impl Spread {
    /// In the order of the help text.
    pub const ALL: [Self; 2] = [Self::Clustered, Self::Uniform];

    /// The word of `--hit-spread`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clustered => "clustered",
            Self::Uniform => "uniform",
        }
    }
}

/// How the event files are named.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Layout {
    /// `date=2026-03-02/part-0.parquet`.
    #[default]
    Date,
    /// `year=2026/month=03/day=02/part-0.parquet`.
    Ymd,
    /// `2026-03-02-part-0.parquet`, nothing to prune by.
    Flat,
}

impl Layout {
    /// In the order of the help text.
    pub const ALL: [Self; 3] = [Self::Date, Self::Ymd, Self::Flat];

    /// The word of `--layout`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Ymd => "ymd",
            Self::Flat => "flat",
        }
    }
}

/// The widest spacing of the lists of a Tor history, 30 days.
pub const TOR_HISTORY_HOURS_MAX: u32 = 720;

/// The wish. Everything but `threads` decides what is written, byte for byte.
#[derive(Clone, PartialEq, Debug)]
pub struct SynthConfig {
    /// Events in all files together.
    pub rows: u64,
    /// Days, one after the other.
    pub days: u32,
    /// Devices that report.
    pub devices: u32,
    /// Another seed, another archive of the same kind.
    pub seed: u64,
    /// The share of rows whose RemoteIP is a Tor relay, 0 to 0.1. Above 0 there is at least one such row.
    pub hit_rate: f64,
    /// Where those rows lie.
    pub hit_spread: Spread,
    /// Hours between the dated lists of a Tor history, 1 to [`TOR_HISTORY_HOURS_MAX`]. With one, the Tor rows go to
    /// addresses that were exits at some time, at times when they were and at times when they were not.
    pub tor_history_hours: Option<u32>,
    /// How the files are named.
    pub layout: Layout,
    /// The first day, at midnight UTC.
    pub start: Micros,
    /// Files per day.
    pub files_per_day: u32,
    /// Most rows in one row group.
    pub row_group_rows: usize,
    /// Files that are written at the same time; memory grows with it.
    pub threads: usize,
}

impl Default for SynthConfig {
    fn default() -> Self {
        Self {
            rows: 100_000,
            days: 7,
            devices: 500,
            seed: 1,
            hit_rate: 1e-4,
            hit_spread: Spread::default(),
            tor_history_hours: None,
            layout: Layout::default(),
            // 2026-03-02, a Monday.
            start: Micros(20_514 * super::time::DAY_MICROS),
            files_per_day: 1,
            row_group_rows: 131_072,
            threads: 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_begins_on_a_monday() {
        assert_eq!(SynthConfig::default().start.to_string(), "2026-03-02T00:00:00.000000Z");
    }
}
