//! One block read: its rows as text, and an account of everything that became no row.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;

use super::block::Framing;
use super::columns::Columns;
use super::keys::Keys;
use super::{Block, Reject, Wanted, count, read_csv, read_json};

/// What a block holds.
#[derive(Debug)]
pub struct ReadBlock {
    /// The rows; one nullable text column per wanted name, in the order wanted.
    pub batch: RecordBatch,
    /// The file's line of every row.
    pub lines: Vec<u64>,
    /// Records that could not be read.
    pub rejects: Vec<Reject>,
    /// Records met: rows, rejects, and rows of other tables.
    pub records: u64,
    /// Rows of other tables, by the table's name.
    pub other_tables: BTreeMap<String, u64>,
    /// Columns that rows had and nobody wanted, with the number of those rows; empty unless asked for.
    pub unknown: BTreeMap<String, u64>,
    /// CSV header lines met again.
    pub repeated_headers: u64,
}

/// Reads a block.
///
/// JSON null and CSV's empty field are null; text is unescaped; numbers, booleans, objects and arrays are their own
/// text, character by character. Of a repeated key the last value counts. A record whose keys hold nothing of this
/// table, or that is damaged in any way, is one reject; the next one is read.
#[must_use]
pub fn read(block: &Block, wanted: &Wanted) -> ReadBlock {
    let mut reading = Reading::new(wanted);
    for reject in &block.rejects {
        reading.tally.reject(reject.clone());
    }
    match &block.framing {
        Framing::Lines => read_json::lines(block, &mut reading),
        Framing::Values(values) => read_json::values(block, values, &mut reading),
        Framing::Csv(header) => read_csv::records(block, header, &mut reading),
    }
    let Reading { columns, keys, tally } = reading;
    ReadBlock {
        batch: columns.finish(wanted),
        records: count(tally.lines.len() + tally.rejects.len()) + tally.other_tables.values().sum::<u64>(),
        lines: tally.lines,
        rejects: tally.rejects,
        other_tables: tally.other_tables,
        unknown: keys.into_unknown(),
        repeated_headers: block.repeated_headers,
    }
}

/// A block while it is read.
pub(super) struct Reading<'w> {
    pub(super) columns: Columns,
    pub(super) keys: Keys<'w>,
    pub(super) tally: Tally,
}

impl<'w> Reading<'w> {
    fn new(wanted: &'w Wanted) -> Self {
        Self { columns: Columns::new(wanted), keys: Keys::new(wanted), tally: Tally::default() }
    }
}

/// What became of the records.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) lines: Vec<u64>,
    rejects: Vec<Reject>,
    other_tables: BTreeMap<String, u64>,
}

impl Tally {
    pub(super) fn row(&mut self, line: u64) {
        self.lines.push(line);
    }

    pub(super) fn reject(&mut self, reject: Reject) {
        self.rejects.push(reject);
    }

    pub(super) fn other_table(&mut self, name: &str) {
        match self.other_tables.get_mut(name) {
            Some(count) => *count += 1,
            None => {
                self.other_tables.insert(name.to_owned(), 1);
            }
        }
    }
}
