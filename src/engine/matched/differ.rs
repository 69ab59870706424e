//! Copies of an event that differ in what the query goes on with: which of them counts only all columns can tell.

use std::error::Error;
use std::fmt;

use arrow::array::{Array as _, RecordBatch};
use arrow::row::{RowConverter, Rows, SortField};
use datafusion::common::{DataFusionError, Result};

/// Ends a query that reads only the needed columns; the same query over all columns answers.
#[derive(Debug)]
pub(crate) struct CopiesDiffer;

impl CopiesDiffer {
    /// Whether an error is this one.
    pub(crate) fn is(error: &DataFusionError) -> bool {
        matches!(error.find_root(), DataFusionError::External(inner) if inner.is::<Self>())
    }
}

impl fmt::Display for CopiesDiffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("copies of an event differ")
    }
}

impl Error for CopiesDiffer {}

/// Compares each copy with the row before it.
#[derive(Debug, Default)]
pub(super) struct Neighbours {
    /// The last row of the batch before.
    last: Option<RecordBatch>,
}

impl Neighbours {
    /// Whether a row that is not kept differs from the row before it in anything. `keep` is what becomes of the rows of the batch,
    /// which is sorted.
    pub(super) fn differ(&mut self, batch: &RecordBatch, keep: &[bool]) -> Result<bool> {
        let differ = keep.contains(&false) && self.any_differs(batch, keep)?;
        if let Some(at) = batch.num_rows().checked_sub(1) {
            self.last = Some(batch.slice(at, 1));
        }
        Ok(differ)
    }

    fn any_differs(&self, batch: &RecordBatch, keep: &[bool]) -> Result<bool> {
        let fields = batch.columns().iter().map(|column| SortField::new(column.data_type().clone())).collect();
        let converter = RowConverter::new(fields)?;
        let rows = converter.convert_columns(batch.columns())?;
        let before: Option<Rows> = match &self.last {
            Some(last) => Some(converter.convert_columns(last.columns())?),
            None => None,
        };
        let of = |at: usize| match at.checked_sub(1) {
            Some(at) => Some(rows.row(at)),
            None => before.as_ref().map(|before| before.row(0)),
        };
        Ok(keep.iter().enumerate().any(|(at, keep)| !keep && of(at).is_some_and(|before| before != rows.row(at))))
    }
}
