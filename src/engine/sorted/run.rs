//! Events of one date in order: in memory, in a temporary file, or in the Parquet files of an earlier conversion.

use std::path::PathBuf;
use std::sync::Arc;

use super::cursor::Cursor;
use super::error::SortError;
use super::key::Entry;
use super::spill::{Segment, SpillFile};
use super::table::{Layout, Table};

/// Sorted events of one date.
#[derive(Debug)]
pub struct Run {
    kind: Kind,
    /// Copies that were dropped on the way here.
    copies: u64,
}

#[derive(Debug)]
enum Kind {
    Memory(Arc<[Arc<Table>]>, Vec<Entry>),
    Spilled(Arc<SpillFile>, Segment),
    Files(Vec<PathBuf>),
}

impl Run {
    /// Files of an earlier conversion of this date in the same order: one sequence, as one [`super::DayWriter`] made it
    /// and in the order of the names. Rows that are out of order are found when they are read.
    #[must_use]
    pub fn files(paths: Vec<PathBuf>) -> Self {
        Self { kind: Kind::Files(paths), copies: 0 }
    }

    pub(super) fn memory(tables: Arc<[Arc<Table>]>, entries: Vec<Entry>) -> Self {
        Self { kind: Kind::Memory(tables, entries), copies: 0 }
    }

    pub(super) fn spilled(file: Arc<SpillFile>, segment: Segment, copies: u64) -> Self {
        Self { kind: Kind::Spilled(file, segment), copies }
    }

    pub(super) const fn copies(&self) -> u64 {
        self.copies
    }

    /// Which runs are merged first where not all can be merged at once: those that cost least to write again.
    pub(super) const fn rank(&self) -> u8 {
        match self.kind {
            Kind::Spilled(..) => 0,
            Kind::Memory(..) => 1,
            Kind::Files(_) => 2,
        }
    }

    /// A cursor on the first row; none if there is no row.
    pub(super) fn open(self, layout: &Layout) -> Result<Option<Cursor>, SortError> {
        match self.kind {
            Kind::Memory(tables, entries) => Ok(Cursor::memory(tables, entries)),
            Kind::Spilled(file, segment) => Cursor::spilled(layout, file, segment),
            Kind::Files(paths) => Cursor::files(layout, paths),
        }
    }
}
