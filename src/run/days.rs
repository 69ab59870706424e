//! Which days of the period the archive has data for: from statistics and paths without reading a row, and from the rows of
//! text exports, which say nothing before they are read.

use std::collections::BTreeSet;

use crate::model::coverage::PeriodFacts;
use crate::model::time::{DAY_MICROS, date_of_day};
use crate::model::{Micros, Period};
use crate::sources::telemetry::{Dataset, RowGroup};

/// Longest period whose days are listed, so that a bound of the year 1 costs nothing.
const DAYS_MAX: i64 = 36_525;

/// The period, the archive's span and the days that no data touches.
pub(super) fn facts(dataset: &Dataset, text: &[RowGroup], period: Period) -> PeriodFacts {
    let mut seen = Seen::default();
    for times in text.iter().filter_map(|group| group.times) {
        seen.span(times.first, times.last);
        seen.by_rows = true;
    }
    for file in dataset.files.iter().filter(|file| !file.is_text()) {
        let mut by_statistics = false;
        for group in file.row_groups.iter().filter(|group| group.rows > 0) {
            if let Some(times) = group.times {
                seen.span(times.first, times.last);
                by_statistics = true;
            }
        }
        seen.by_statistics |= by_statistics;
        if file.has_no_time_statistics() {
            match file.span {
                Some(span) => {
                    seen.span(span.first, Micros(span.end.0.saturating_sub(1)));
                    seen.by_path = true;
                }
                None => seen.blind = true,
            }
        }
    }
    seen.facts(period)
}

#[derive(Default)]
struct Seen {
    days: BTreeSet<i64>,
    first: Option<Micros>,
    last: Option<Micros>,
    by_statistics: bool,
    by_path: bool,
    by_rows: bool,
    /// A file says nothing of its days.
    blind: bool,
}

impl Seen {
    fn span(&mut self, first: Micros, last: Micros) {
        self.first = self.first.into_iter().chain([first]).min();
        self.last = self.last.into_iter().chain([last]).max();
        if last.day() - first.day() <= DAYS_MAX {
            self.days.extend(first.day()..=last.day());
        }
    }

    fn facts(self, period: Period) -> PeriodFacts {
        let from = period.from.or(self.first);
        let to = period.to.or(self.last.map(|last| Micros(last.0.saturating_add(1))));
        let days_missing = match (from, to) {
            (Some(from), Some(to)) if !self.blind && to.0.saturating_sub(from.0) / DAY_MICROS <= DAYS_MAX => {
                (from.day()..=Micros(to.0.saturating_sub(1)).day())
                    .filter(|day| !self.days.contains(day))
                    .map(date_of_day)
                    .collect()
            }
            _ => Vec::new(),
        };
        let told = [(self.by_statistics, "statistics"), (self.by_path, "paths"), (self.by_rows, "rows")];
        let known_from: Vec<&str> =
            told.into_iter().filter(|(told, _)| *told && !self.blind).map(|(_, word)| word).collect();
        let known_from = if known_from.is_empty() { "nothing".to_owned() } else { known_from.join(" and ") };
        PeriodFacts {
            from: period.from,
            to: period.to,
            archive_from: self.first,
            archive_to: self.last,
            days_missing,
            days_known_from: known_from,
        }
    }
}
