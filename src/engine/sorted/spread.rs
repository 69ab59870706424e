//! Batches in any order become sorted runs by UTC date.
//!
//! Rows stay in the batches that they came in; what is sorted is their keys. When the memory is full everything goes to
//! disk at once, one segment of a file for each date: a date's share alone would not free the batches that it shares
//! with others, and copying rows apart by date first would cost more than it saves.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::RecordBatch;

use super::cursor::Cursor;
use super::error::SortError;
use super::key::{Entry, keys};
use super::merge::join;
use super::row::{At, compare};
use super::run::Run;
use super::spill::{self, SpillWriter};
use super::table::{Layout, Table};
use crate::model::Micros;

/// A row's entry, and as much again, since a vector doubles.
const ENTRY_BYTES: usize = 2 * size_of::<Entry>();

/// By day, rows in memory.
type Days = BTreeMap<i64, Vec<Entry>>;

/// What a spreader may use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpreadConfig {
    /// An existing folder for temporary files.
    pub scratch: PathBuf,
    /// This spreader's share of the memory; it may be exceeded by one batch.
    pub memory_bytes: usize,
}

/// The runs of one UTC date.
#[derive(Debug)]
pub struct DayRuns {
    /// Days since 1970-01-01.
    pub day: i64,
    /// Each sorted.
    pub runs: Vec<Run>,
    /// Rows that were pushed.
    pub rows: u64,
}

impl DayRuns {
    /// The runs of several spreaders, dates ascending.
    #[must_use]
    pub fn union(spread: impl IntoIterator<Item = Vec<Self>>) -> Vec<Self> {
        let mut days: BTreeMap<i64, Self> = BTreeMap::new();
        for more in spread.into_iter().flatten() {
            let day = days.entry(more.day).or_insert_with(|| Self { day: more.day, runs: Vec::new(), rows: 0 });
            day.rows += more.rows;
            day.runs.extend(more.runs);
        }
        days.into_values().collect()
    }
}

/// Takes batches; one for each thread.
#[derive(Debug)]
pub struct Spreader {
    layout: Arc<Layout>,
    config: SpreadConfig,
    tables: Vec<Arc<Table>>,
    /// By day, the rows in `tables`.
    entries: Days,
    memory_bytes: usize,
    days: BTreeMap<i64, DayRuns>,
}

impl Spreader {
    /// An empty spreader.
    #[must_use]
    pub const fn new(layout: Arc<Layout>, config: SpreadConfig) -> Self {
        Self { layout, config, tables: Vec::new(), entries: BTreeMap::new(), memory_bytes: 0, days: BTreeMap::new() }
    }

    /// Takes a batch of the layout's schema, with a time in every row.
    ///
    /// # Errors
    /// A batch that is not so, or no room in the folder for temporary files.
    pub fn push(&mut self, batch: RecordBatch) -> Result<(), SortError> {
        let table = Table::new(&self.layout, batch)?;
        let too_many = |_| SortError::Batch("too many rows".to_owned());
        let position = u32::try_from(self.tables.len()).map_err(too_many)?;
        let keys = keys(&self.layout, &table);
        let day_of = |row: usize| Micros(table.micros(&self.layout, row)).day();
        let mut row = 0;
        while row < keys.len() {
            // Neighbours are mostly of one date.
            let day = day_of(row);
            let entries = self.entries.entry(day).or_default();
            while row < keys.len() && day_of(row) == day {
                entries.push(Entry { key: keys[row], table: position, row: u32::try_from(row).map_err(too_many)? });
                row += 1;
            }
        }
        self.memory_bytes += table.memory_bytes() + keys.len() * ENTRY_BYTES;
        self.tables.push(Arc::new(table));
        if self.memory_bytes > self.config.memory_bytes {
            self.spill()?;
        }
        Ok(())
    }

    /// The runs, dates ascending. What is still in memory stays there until its dates are merged.
    #[must_use]
    pub fn finish(mut self) -> Vec<DayRuns> {
        let (tables, days) = self.sorted();
        for (day, entries) in days {
            let rows = entries.len() as u64;
            self.keep(day, rows, Run::memory(Arc::clone(&tables), entries));
        }
        self.days.into_values().collect()
    }

    fn spill(&mut self) -> Result<(), SortError> {
        let (tables, days) = self.sorted();
        let mut writer = SpillWriter::create(&self.config.scratch)?;
        let mut segments = Vec::with_capacity(days.len());
        for (day, entries) in days {
            let rows = entries.len() as u64;
            let cursors = Cursor::memory(Arc::clone(&tables), entries).into_iter().collect();
            let mut copies = 0;
            let segment = writer.segment(self.layout.schema(), |sink| {
                copies = join(&self.layout, cursors, spill::BATCH, sink)?.copies;
                Ok(())
            })?;
            segments.push((day, rows, segment, copies));
        }
        let file = Arc::new(writer.finish()?);
        for (day, rows, segment, copies) in segments {
            self.keep(day, rows, Run::spilled(Arc::clone(&file), segment, copies));
        }
        Ok(())
    }

    fn keep(&mut self, day: i64, rows: u64, run: Run) {
        let runs = self.days.entry(day).or_insert_with(|| DayRuns { day, runs: Vec::new(), rows: 0 });
        runs.rows += rows;
        runs.runs.push(run);
    }

    /// All that is in memory, the rows of each date in order; nothing is left.
    fn sorted(&mut self) -> (Arc<[Arc<Table>]>, Days) {
        self.memory_bytes = 0;
        let tables: Arc<[Arc<Table>]> = std::mem::take(&mut self.tables).into();
        let mut days = std::mem::take(&mut self.entries);
        for entries in days.values_mut() {
            let at = |entry: &Entry| At { table: &tables[entry.table as usize], row: entry.row as usize };
            entries.sort_unstable_by(|a, b| a.key.cmp(&b.key).then_with(|| compare(&self.layout, at(a), at(b))));
        }
        (tables, days)
    }
}
