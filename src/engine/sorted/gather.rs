//! Rows picked out of many tables, collected until they fill a batch.
//!
//! Where a batch ends depends on the rows alone, never on the tables that they come from: the pages of a Parquet file
//! end where batches do.

use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use arrow::compute::interleave;
use arrow::error::ArrowError;

use super::key::Key;
use super::row::At;
use super::table::{Layout, Table};

/// When a batch is full.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) rows: usize,
    pub(super) text_bytes: u64,
}

/// The last row that was taken.
#[derive(Debug)]
struct Last {
    table: Arc<Table>,
    row: usize,
    key: Key,
}

/// Picked rows, and the tables that they are in.
#[derive(Debug)]
pub(super) struct Gather {
    limits: Limits,
    tables: Vec<Arc<Table>>,
    picked: Vec<(usize, usize)>,
    text_bytes: u64,
    last_key: Option<Key>,
    /// The last row of the batch before.
    before: Option<Last>,
    /// Counts batches, so that a cursor knows whether its table is still among ours.
    generation: u64,
}

/// Where a cursor's table stands among those of a gather.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Slot {
    generation: u64,
    at: usize,
}

impl Gather {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            tables: Vec::new(),
            picked: Vec::with_capacity(limits.rows),
            text_bytes: 0,
            last_key: None,
            before: None,
            generation: 1,
        }
    }

    /// Picks a row. `slot` belongs to the table.
    pub(super) fn pick(&mut self, table: &Arc<Table>, slot: &mut Slot, row: usize, key: Key) {
        if slot.generation != self.generation {
            *slot = Slot { generation: self.generation, at: self.tables.len() };
            self.tables.push(Arc::clone(table));
        }
        self.picked.push((slot.at, row));
        self.text_bytes += u64::from(table.size(row));
        self.last_key = Some(key);
    }

    /// The row picked last, if its key is this one.
    pub(super) fn last_with(&self, key: &Key) -> Option<At<'_>> {
        match (self.picked.last(), &self.before) {
            (Some((table, row)), _) => {
                (self.last_key.as_ref() == Some(key)).then(|| At { table: &self.tables[*table], row: *row })
            }
            (None, Some(last)) => (last.key == *key).then(|| At { table: &last.table, row: last.row }),
            (None, None) => None,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.picked.len() >= self.limits.rows || self.text_bytes >= self.limits.text_bytes
    }

    /// The picked rows as a batch, if there are any; the tables are let go.
    pub(super) fn take(&mut self, layout: &Layout) -> Result<Option<RecordBatch>, ArrowError> {
        let Some((table, row)) = self.picked.last().copied() else { return Ok(None) };
        let columns = (0..layout.schema().fields().len())
            .map(|column| {
                let arrays: Vec<&dyn Array> =
                    self.tables.iter().map(|table| table.batch().column(column).as_ref()).collect();
                interleave(&arrays, &self.picked)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let batch = RecordBatch::try_new(Arc::clone(layout.schema()), columns)?;
        self.before = self.last_key.map(|key| Last { table: Arc::clone(&self.tables[table]), row, key });
        self.tables.clear();
        self.picked.clear();
        self.text_bytes = 0;
        self.generation += 1;
        Ok(Some(batch))
    }
}
