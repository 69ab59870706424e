//! Runs of one date become one sequence of batches without copies of events.
//!
//! The cursors stand in a heap. Of equal rows any may come first; of copies the first is kept, and since the order is
//! total below the rule of copies, it is the same one however the runs were cut, and dropping copies early changes
//! nothing.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;

use super::cursor::Cursor;
use super::error::SortError;
use super::gather::{Gather, Limits};
use super::row::{are_copies, compare};
use super::run::Run;
use super::spill::{self, SpillWriter};
use super::table::Layout;

/// What a merge may use, and how it cuts what comes out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    /// Most runs that are open at once.
    pub(super) fan_in: usize,
    /// Batches that come out: full ones but for the last, unless their text is very long.
    pub(super) output: Limits,
}

const CUT: Cut = Cut { fan_in: 64, output: Limits { rows: 8_192, text_bytes: 64 << 20 } };

/// Takes what comes out of a merge.
pub type Sink<'a> = dyn FnMut(RecordBatch) -> Result<(), SortError> + 'a;

/// What went into a merge, and what did not come out: `rows_in - copies` rows did.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct MergeCounts {
    /// Rows of all runs, those of earlier files included.
    pub rows_in: u64,
    /// Copies that were dropped, here or when a run was written.
    pub copies: u64,
}

/// Merges the runs of one date. `scratch` takes temporary files if the runs are too many to be open at once.
///
/// # Errors
/// A run that cannot be read, an earlier file that is out of order or has other columns, no room in `scratch`, or what
/// the sink reports.
pub fn merge(layout: &Layout, runs: Vec<Run>, scratch: &Path, sink: &mut Sink<'_>) -> Result<MergeCounts, SortError> {
    merge_by(CUT, layout, runs, scratch, sink)
}

pub(super) fn merge_by(
    cut: Cut,
    layout: &Layout,
    mut runs: Vec<Run>,
    scratch: &Path,
    sink: &mut Sink<'_>,
) -> Result<MergeCounts, SortError> {
    runs.sort_by_key(Run::rank);
    let mut runs = VecDeque::from(runs);
    while runs.len() > cut.fan_in {
        // No more than needed, so that as few rows as possible are written twice.
        let some = runs.drain(..cut.fan_in.min(runs.len() - cut.fan_in + 1)).collect();
        runs.push_back(rewrite(layout, some, scratch)?);
    }
    let (cursors, dropped) = open(layout, runs.into())?;
    let joined = join(layout, cursors, cut.output, sink)?;
    let copies = dropped + joined.copies;
    Ok(MergeCounts { rows_in: joined.rows + copies, copies })
}

fn open(layout: &Layout, runs: Vec<Run>) -> Result<(Vec<Cursor>, u64), SortError> {
    let dropped = runs.iter().map(Run::copies).sum();
    let cursors = runs.into_iter().filter_map(|run| run.open(layout).transpose()).collect::<Result<_, _>>()?;
    Ok((cursors, dropped))
}

fn rewrite(layout: &Layout, runs: Vec<Run>, scratch: &Path) -> Result<Run, SortError> {
    let (cursors, mut copies) = open(layout, runs)?;
    let mut writer = SpillWriter::create(scratch)?;
    let segment = writer.segment(layout.schema(), |sink| {
        copies += join(layout, cursors, spill::BATCH, sink)?.copies;
        Ok(())
    })?;
    Ok(Run::spilled(Arc::new(writer.finish()?), segment, copies))
}

/// Rows that came out, and copies that did not.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Joined {
    pub(super) rows: u64,
    pub(super) copies: u64,
}

/// Merges cursors into batches of at most `limits`.
pub(super) fn join(
    layout: &Layout,
    cursors: Vec<Cursor>,
    limits: Limits,
    sink: &mut Sink<'_>,
) -> Result<Joined, SortError> {
    let mut gather = Gather::new(limits);
    let mut joined = Joined::default();
    let mut heap = Heap::new(layout, cursors);
    while let Some(cursor) = heap.first_mut() {
        let at = cursor.at();
        if gather.last_with(cursor.key()).is_some_and(|last| are_copies(layout, last, at)) {
            joined.copies += 1;
        } else {
            cursor.pick(&mut gather);
            joined.rows += 1;
        }
        if cursor.advance(layout)? {
            heap.settle(layout);
        } else {
            heap.remove_first(layout);
        }
        if gather.is_full()
            && let Some(batch) = gather.take(layout)?
        {
            sink(batch)?;
        }
    }
    if let Some(batch) = gather.take(layout)? {
        sink(batch)?;
    }
    Ok(joined)
}

/// Cursors, the one on the smallest row first.
struct Heap {
    cursors: Vec<Cursor>,
}

impl Heap {
    fn new(layout: &Layout, cursors: Vec<Cursor>) -> Self {
        let mut heap = Self { cursors };
        for at in (0..heap.cursors.len() / 2).rev() {
            heap.sift(layout, at);
        }
        heap
    }

    fn first_mut(&mut self) -> Option<&mut Cursor> {
        self.cursors.first_mut()
    }

    /// Restores the order after the first cursor went on.
    fn settle(&mut self, layout: &Layout) {
        self.sift(layout, 0);
    }

    fn remove_first(&mut self, layout: &Layout) {
        self.cursors.swap_remove(0);
        self.sift(layout, 0);
    }

    fn sift(&mut self, layout: &Layout, mut at: usize) {
        loop {
            let left = 2 * at + 1;
            let Some(child) = self.cursors.get(left) else { return };
            let least = match self.cursors.get(left + 1) {
                Some(right) if order(layout, right, child).is_lt() => left + 1,
                _ => left,
            };
            if order(layout, &self.cursors[least], &self.cursors[at]).is_ge() {
                return;
            }
            self.cursors.swap(at, least);
            at = least;
        }
    }
}

fn order(layout: &Layout, a: &Cursor, b: &Cursor) -> Ordering {
    a.key().cmp(b.key()).then_with(|| compare(layout, a.at(), b.at()))
}
