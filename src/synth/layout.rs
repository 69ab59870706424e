//! Which files an archive has: their names, their share of the rows, their part of the day.

use std::path::PathBuf;

use super::clock::day_weight;
use crate::model::synthesis::{Layout, SynthConfig};
use crate::model::time::date_of_day;

/// One file to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct FilePlan {
    /// Its number in the archive; decides its random numbers.
    pub(super) index: u64,
    /// Below the folder of the events.
    pub(super) path: PathBuf,
    /// Days since 1970-01-01.
    pub(super) day: i64,
    /// Which part of the day's rows, and of how many.
    pub(super) part: (u32, u32),
    /// Rows in the files before it.
    pub(super) first_row: u64,
    /// Never 0.
    pub(super) rows: u64,
}

/// All files in the order of their days. A file that would hold no row is left out.
pub(super) fn plan(config: &SynthConfig) -> Vec<FilePlan> {
    let first_day = config.start.day();
    let weights: Vec<u64> = (0..i64::from(config.days)).map(|d| day_weight(first_day + d)).collect();
    let total = u128::from(weights.iter().sum::<u64>()) * u128::from(config.files_per_day);
    let rows_below = |weight: u128| (u128::from(config.rows) * weight / total.max(1)) as u64;
    let mut files = Vec::with_capacity(weights.len() * config.files_per_day as usize);
    let mut weight_before = 0;
    for (day, weight) in (first_day..).zip(weights) {
        for part in 0..config.files_per_day {
            let first_row = rows_below(weight_before);
            weight_before += u128::from(weight);
            let rows = rows_below(weight_before) - first_row;
            let index = (day - first_day) as u64 * u64::from(config.files_per_day) + u64::from(part);
            let path = path(config.layout, day, part);
            files.push(FilePlan { index, path, day, part: (part, config.files_per_day), first_row, rows });
        }
    }
    files.retain(|file| file.rows > 0);
    files
}

fn path(layout: Layout, day: i64, part: u32) -> PathBuf {
    let date = date_of_day(day);
    let file = format!("part-{part}.parquet");
    match layout {
        Layout::Date => PathBuf::from(format!("date={date}")).join(file),
        Layout::Ymd => {
            let mut folder = PathBuf::new();
            for (key, value) in ["year", "month", "day"].iter().zip(date.split('-')) {
                folder.push(format!("{key}={value}"));
            }
            folder.join(file)
        }
        Layout::Flat => PathBuf::from(format!("{date}-{file}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_holds_every_row_once() {
        for layout in Layout::ALL {
            let config = SynthConfig { rows: 100_003, days: 9, files_per_day: 4, layout, ..SynthConfig::default() };
            let files = plan(&config);
            assert_eq!(files.len(), 36);
            let mut next = 0;
            for file in &files {
                assert_eq!(file.first_row, next);
                next += file.rows;
            }
            assert_eq!(next, 100_003);
        }
    }

    #[test]
    fn names_say_the_day() {
        let name = |layout| {
            plan(&SynthConfig { days: 1, layout, ..SynthConfig::default() }).remove(0).path.display().to_string()
        };
        assert_eq!(name(Layout::Date), "date=2026-03-02/part-0.parquet");
        assert_eq!(name(Layout::Ymd), "year=2026/month=03/day=02/part-0.parquet");
        assert_eq!(name(Layout::Flat), "2026-03-02-part-0.parquet");
    }

    #[test]
    fn more_files_than_rows_make_no_empty_file() {
        let files = plan(&SynthConfig { rows: 3, days: 30, ..SynthConfig::default() });
        assert_eq!(files.len(), 3);
    }
}
