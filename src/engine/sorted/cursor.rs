//! A place in a run: the row that comes next, whatever the run is kept in.

use std::sync::Arc;

use arrow::array::RecordBatch;

use super::converted::Converted;
use super::error::SortError;
use super::gather::{Gather, Slot};
use super::key::{Entry, Key, keys};
use super::row::{At, compare};
use super::spill::{Segment, SegmentReader, SpillFile};
use super::table::{Layout, Table};

/// A place in a run that is not at its end.
#[derive(Debug)]
pub(super) enum Cursor {
    Memory(MemoryCursor),
    Stream(StreamCursor),
}

#[derive(Debug)]
pub(super) struct MemoryCursor {
    tables: Arc<[Arc<Table>]>,
    slots: Vec<Slot>,
    entries: Vec<Entry>,
    at: usize,
}

#[derive(Debug)]
pub(super) struct StreamCursor {
    source: Source,
    table: Arc<Table>,
    keys: Vec<Key>,
    slot: Slot,
    row: usize,
}

/// Where batches come from.
#[derive(Debug)]
enum Source {
    Spilled { reader: Box<SegmentReader>, file: Arc<SpillFile> },
    Files(Box<Converted>),
}

impl Source {
    /// The next batch that has rows.
    fn next(&mut self) -> Result<Option<RecordBatch>, SortError> {
        match self {
            Self::Spilled { reader, file } => reader.next().transpose().map_err(|e| SortError::scratch(file.path(), e)),
            Self::Files(files) => files.next(),
        }
    }

    /// What this program wrote a moment ago is in order; a file that lay in a folder may be anything.
    fn check(
        &self,
        layout: &Layout,
        keys: &[Key],
        table: &Table,
        before: Option<(Key, At<'_>)>,
    ) -> Result<(), SortError> {
        let Self::Files(files) = self else { return Ok(()) };
        let is_ordered = |(a_key, a): (Key, At<'_>), (b_key, b): (Key, At<'_>)| {
            a_key.cmp(&b_key).then_with(|| compare(layout, a, b)).is_le()
        };
        let row = |row: usize| (keys[row], At { table, row });
        let inside = (1..keys.len()).all(|at| is_ordered(row(at - 1), row(at)));
        if inside && before.is_none_or(|before| is_ordered(before, row(0))) {
            return Ok(());
        }
        Err(SortError::Unsorted { path: files.path().to_owned() })
    }
}

impl Cursor {
    pub(super) fn memory(tables: Arc<[Arc<Table>]>, entries: Vec<Entry>) -> Option<Self> {
        let slots = vec![Slot::default(); tables.len()];
        (!entries.is_empty()).then(|| Self::Memory(MemoryCursor { tables, slots, entries, at: 0 }))
    }

    pub(super) fn spilled(layout: &Layout, file: Arc<SpillFile>, segment: Segment) -> Result<Option<Self>, SortError> {
        let reader = Box::new(file.read(segment)?);
        Self::stream(layout, Source::Spilled { reader, file })
    }

    pub(super) fn files(layout: &Layout, paths: Vec<std::path::PathBuf>) -> Result<Option<Self>, SortError> {
        Self::stream(layout, Source::Files(Box::new(Converted::new(Arc::clone(layout.schema()), paths))))
    }

    fn stream(layout: &Layout, mut source: Source) -> Result<Option<Self>, SortError> {
        let Some(batch) = source.next()? else { return Ok(None) };
        let table = Arc::new(Table::new(layout, batch)?);
        let keys = keys(layout, &table);
        source.check(layout, &keys, &table, None)?;
        Ok(Some(Self::Stream(StreamCursor { source, table, keys, slot: Slot::default(), row: 0 })))
    }

    pub(super) fn key(&self) -> &Key {
        match self {
            Self::Memory(cursor) => &cursor.entries[cursor.at].key,
            Self::Stream(cursor) => &cursor.keys[cursor.row],
        }
    }

    pub(super) fn at(&self) -> At<'_> {
        match self {
            Self::Memory(cursor) => {
                let entry = cursor.entries[cursor.at];
                At { table: &cursor.tables[entry.table as usize], row: entry.row as usize }
            }
            Self::Stream(cursor) => At { table: &cursor.table, row: cursor.row },
        }
    }

    /// Hands the row over.
    pub(super) fn pick(&mut self, gather: &mut Gather) {
        match self {
            Self::Memory(cursor) => {
                let entry = cursor.entries[cursor.at];
                let table = entry.table as usize;
                gather.pick(&cursor.tables[table], &mut cursor.slots[table], entry.row as usize, entry.key);
            }
            Self::Stream(cursor) => {
                gather.pick(&cursor.table, &mut cursor.slot, cursor.row, cursor.keys[cursor.row]);
            }
        }
    }

    /// Goes to the next row; false at the end.
    pub(super) fn advance(&mut self, layout: &Layout) -> Result<bool, SortError> {
        match self {
            Self::Memory(cursor) => {
                cursor.at += 1;
                Ok(cursor.at < cursor.entries.len())
            }
            Self::Stream(cursor) => {
                cursor.row += 1;
                if cursor.row < cursor.keys.len() { Ok(true) } else { cursor.load(layout) }
            }
        }
    }
}

impl StreamCursor {
    fn load(&mut self, layout: &Layout) -> Result<bool, SortError> {
        let Some(batch) = self.source.next()? else { return Ok(false) };
        let table = Arc::new(Table::new(layout, batch)?);
        let keys = keys(layout, &table);
        let last = self.keys.len() - 1;
        self.source.check(layout, &keys, &table, Some((self.keys[last], At { table: &self.table, row: last })))?;
        (self.table, self.keys, self.slot, self.row) = (table, keys, Slot::default(), 0);
        Ok(true)
    }
}
