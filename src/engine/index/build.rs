//! Builds the index of one file from what its caller decodes: row group after row group, each column in any order of rows.
//!
//! Memory is bounded, whatever the file: pairs of a key and a row are sorted and written as a segment whenever they take
//! more than a budget, so a file of very many rows has several segments and each is asked.

use std::io::{self, Write};
use std::sync::Arc;

use super::key::{Key, Names};
use super::layout::{Description, SEGMENT_ROWS_MAX, Segment, close, head};
use super::segment::Pending;
use crate::model::Address;

/// What the pairs of a segment may take, in bytes. Vectors that grow and sorting take up to three times as much.
const BUDGET_BYTES: usize = 32 << 20;
/// Rows between two looks at the budget.
const STRIDE_ROWS: usize = 1 << 16;

/// What a text of RemoteIP is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// An address.
    Address(Address),
    /// Text that is none.
    Unreadable,
    /// Null or blank.
    Nothing,
}

impl Class {
    /// What a text is.
    #[must_use]
    pub fn of(text: &str) -> Self {
        match Address::parse(text) {
            Some(address) => Self::Address(address),
            None if text.trim().is_empty() => Self::Nothing,
            None => Self::Unreadable,
        }
    }
}

/// The names of a dictionary's entries, each of which has any number of them.
#[derive(Debug, Default)]
pub struct NameTable {
    names: Vec<String>,
    /// Where the names of each entry end.
    ends: Vec<usize>,
    /// The number of each name in the segment at hand, once it has one.
    numbers: Vec<Option<u32>>,
    /// That segment. Held, so that no later one can be taken for it.
    segment: Option<Arc<()>>,
}

impl NameTable {
    /// Appends an entry with its names, in the spelling in which they are compared.
    pub fn push(&mut self, names: impl IntoIterator<Item = String>) {
        self.names.extend(names);
        self.ends.push(self.names.len());
        self.numbers.resize(self.names.len(), None);
    }
}

/// Builds an index into a writer. What it wrote is whole only after [`finish`](Self::finish).
pub struct Builder<W> {
    out: W,
    /// Bytes written.
    at: u64,
    key: Key,
    names: Names,
    row_groups: Vec<u64>,
    segments: Vec<Segment>,
    pending: Pending,
    /// The row group whose first row the segment numbers 0.
    base: usize,
    /// The number of the current row group's first row.
    group_start: u64,
    budget_bytes: usize,
}

impl<W: Write> Builder<W> {
    /// An index of this file; `names` says which columns' names will be pushed. A column that the file does not have
    /// counts as pushed.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn new(key: Key, names: Names, mut out: W) -> io::Result<Self> {
        let head = head();
        out.write_all(&head)?;
        Ok(Self {
            out,
            at: head.len() as u64,
            key,
            names,
            row_groups: Vec::new(),
            segments: Vec::new(),
            pending: Pending::default(),
            base: 0,
            group_start: 0,
            budget_bytes: BUDGET_BYTES,
        })
    }

    /// Sorts and writes sooner or later than it would by itself.
    #[must_use]
    pub const fn with_budget(mut self, bytes: usize) -> Self {
        self.budget_bytes = bytes;
        self
    }

    /// Begins the file's next row group, which has so many rows. Every row group is begun, also one of which nothing is
    /// pushed.
    ///
    /// # Errors
    /// When the writer fails, or the row group has more than 2^32 rows.
    pub fn row_group(&mut self, rows: u64) -> io::Result<()> {
        if rows > SEGMENT_ROWS_MAX {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "a row group of more than 4,294,967,296 rows"));
        }
        self.group_start += self.row_groups.last().copied().unwrap_or(0);
        if self.group_start + rows > SEGMENT_ROWS_MAX {
            self.flush()?;
            self.group_start = 0;
        }
        self.row_groups.push(rows);
        if self.pending.is_empty() {
            (self.base, self.group_start) = (self.row_groups.len() - 1, 0);
        }
        Ok(())
    }

    /// The addresses of so many rows, from `first_row` of the current row group, by a dictionary: `ids` are positions in
    /// `table`, and an id outside of it (such as `u32::MAX`) is no value.
    ///
    /// # Errors
    /// When the writer fails, or rows lie outside of the row group.
    pub fn addresses_by_id(&mut self, first_row: u64, table: &[Class], ids: &[u32]) -> io::Result<()> {
        self.each(first_row, ids, |pending, row, id| match table.get(*id as usize) {
            Some(Class::Address(address)) => pending.address(*address, row),
            Some(Class::Unreadable) => pending.unreadable(row),
            Some(Class::Nothing) | None => {}
        })
    }

    /// The addresses of so many rows, where there is no dictionary.
    ///
    /// # Errors
    /// When the writer fails, or rows lie outside of the row group.
    pub fn addresses(&mut self, first_row: u64, classes: &[Class]) -> io::Result<()> {
        self.each(first_row, classes, |pending, row, class| match class {
            Class::Address(address) => pending.address(*address, row),
            Class::Unreadable => pending.unreadable(row),
            Class::Nothing => {}
        })
    }

    /// The names of so many rows, by a dictionary. A row may be pushed again with the names of another column.
    ///
    /// # Errors
    /// When the writer fails, or rows lie outside of the row group.
    pub fn names_by_id(&mut self, first_row: u64, table: &mut NameTable, ids: &[u32]) -> io::Result<()> {
        for (stride, ids) in (0..).zip(ids.chunks(STRIDE_ROWS)) {
            if !table.segment.as_ref().is_some_and(|of| Arc::ptr_eq(of, self.pending.identity())) {
                table.segment = Some(Arc::clone(self.pending.identity()));
                table.numbers.fill(None);
            }
            let NameTable { names, ends, numbers, .. } = &mut *table;
            self.each(first_row + stride * STRIDE_ROWS as u64, ids, |pending, row, id| {
                let entry = *id as usize;
                let Some(end) = ends.get(entry) else { return };
                let start = entry.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
                for at in start..*end {
                    let (Some(name), Some(number)) = (names.get(at), numbers.get_mut(at)) else { continue };
                    let number = *number.get_or_insert_with(|| pending.number(name));
                    pending.name(number, row);
                }
            })?;
        }
        Ok(())
    }

    /// One name of one row of the current row group, in the spelling in which names are compared.
    ///
    /// # Errors
    /// When the writer fails, or the row lies outside of the row group.
    pub fn name(&mut self, row: u64, name: &str) -> io::Result<()> {
        self.each(row, &[()], |pending, row, ()| {
            let number = pending.number(name);
            pending.name(number, row);
        })
    }

    /// Hands on values with the numbers of their rows, and looks at the budget after each stride.
    fn each<T>(&mut self, first_row: u64, values: &[T], mut push: impl FnMut(&mut Pending, u32, &T)) -> io::Result<()> {
        let rows = self.row_groups.last().copied().unwrap_or(0);
        if first_row.checked_add(values.len() as u64).is_none_or(|end| end > rows) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "rows outside of the row group"));
        }
        let mut done = 0;
        for values in values.chunks(STRIDE_ROWS) {
            let start = self.group_start + first_row + done;
            for (row, value) in (start..).zip(values) {
                push(&mut self.pending, row as u32, value);
            }
            done += values.len() as u64;
            if self.pending.bytes() > self.budget_bytes {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Writes what is held as a segment. The next one numbers its rows from the current row group on, since another
    /// column's rows of it may follow.
    fn flush(&mut self) -> io::Result<()> {
        let last = self.row_groups.len().saturating_sub(1);
        if !self.pending.is_empty() {
            let span = self.row_groups.iter().skip(self.base).sum();
            let pending = std::mem::take(&mut self.pending);
            self.segments.push(pending.write(&mut self.out, &mut self.at, self.base as u64, span)?);
        }
        (self.base, self.group_start) = (last, 0);
        Ok(())
    }

    /// Writes the rest and hands the writer back.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        let Self { mut out, at, key, names, row_groups, segments, .. } = self;
        out.write_all(&close(&Description { key, names, row_groups, segments }, at))?;
        out.flush()?;
        Ok(out)
    }
}
