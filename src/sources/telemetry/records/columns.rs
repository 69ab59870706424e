//! The text columns of a batch while they grow, row by row.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, StringBuilder};
use memchr::memchr;

use super::Wanted;
use super::row::Slot;

/// What a slot becomes.
enum Cell {
    Null,
    /// As written: a number, a boolean, an object or an array.
    Bare,
    /// Text without escapes: what lies between its quotes.
    Quoted,
    /// Text that was unescaped.
    Unescaped(Range<usize>),
}

pub(super) struct Columns {
    builders: Vec<StringBuilder>,
    rows: usize,
    cells: Vec<Cell>,
    scratch: String,
}

impl Columns {
    pub(super) fn new(wanted: &Wanted) -> Self {
        let builders = (0..wanted.len()).map(|_| StringBuilder::with_capacity(1024, 1 << 14)).collect();
        Self { builders, rows: 0, cells: Vec::new(), scratch: String::new() }
    }

    /// Adds a row of raw JSON values. A row that cannot be added leaves no trace.
    ///
    /// # Errors
    /// Text whose escapes name no characters.
    pub(super) fn push_json(&mut self, slots: &[Slot<'_>]) -> Result<(), String> {
        self.cells.clear();
        self.scratch.clear();
        for slot in slots {
            let cell = match slot.map(|(raw, _)| (raw, raw.as_bytes())) {
                None | Some((_, [b'n', ..])) => Cell::Null,
                Some((raw, bytes @ [b'"', ..])) if memchr(b'\\', bytes).is_some() => {
                    let start = self.scratch.len();
                    unescape(raw, &mut self.scratch)?;
                    Cell::Unescaped(start..self.scratch.len())
                }
                Some((_, [b'"', ..])) => Cell::Quoted,
                Some(_) => Cell::Bare,
            };
            self.cells.push(cell);
        }
        for ((builder, cell), slot) in self.builders.iter_mut().zip(&self.cells).zip(slots) {
            let raw = slot.map_or("", |(raw, _)| raw);
            match cell {
                Cell::Null => builder.append_null(),
                Cell::Bare => builder.append_value(raw),
                Cell::Quoted => builder.append_value(raw.get(1..raw.len() - 1).unwrap_or_default()),
                Cell::Unescaped(range) => builder.append_value(self.scratch.get(range.clone()).unwrap_or_default()),
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Adds a row of plain texts, of which the empty ones are null.
    pub(super) fn push_texts<'a>(&mut self, texts: impl Iterator<Item = Option<Cow<'a, str>>>) {
        for (builder, text) in self.builders.iter_mut().zip(texts) {
            builder.append_option(text.filter(|text| !text.is_empty()));
        }
        self.rows += 1;
    }

    pub(super) fn finish(mut self, wanted: &Wanted) -> RecordBatch {
        let arrays = self.builders.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        RecordBatch::try_new_with_options(Arc::clone(wanted.schema()), arrays, &options)
            .expect("every row adds one cell to every column of the schema")
    }
}

/// Adds the text of a JSON string, whose escapes are known to be well formed.
fn unescape(raw: &str, out: &mut String) -> Result<(), String> {
    let text: String = serde_json::from_str(raw).map_err(|error| error.to_string())?;
    out.push_str(&text);
    Ok(())
}
