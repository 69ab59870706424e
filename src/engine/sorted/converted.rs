//! The Parquet files of an earlier conversion, read one after the other under the columns of this one.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions, new_null_array};
use arrow::datatypes::SchemaRef;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;

use super::error::SortError;

/// Rows that are decoded at a time.
const BATCH_ROWS: usize = 2_048;

/// A sequence of files.
pub(super) struct Converted {
    schema: SchemaRef,
    /// Last first.
    waiting: Vec<PathBuf>,
    path: PathBuf,
    reader: Option<ParquetRecordBatchReader>,
}

impl std::fmt::Debug for Converted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Converted").field("path", &self.path).field("waiting", &self.waiting).finish_non_exhaustive()
    }
}

impl Converted {
    pub(super) fn new(schema: SchemaRef, mut paths: Vec<PathBuf>) -> Self {
        paths.reverse();
        Self { schema, waiting: paths, path: PathBuf::new(), reader: None }
    }

    /// The file that the last batch came from.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The next batch that has rows, with the table's columns.
    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>, SortError> {
        loop {
            if let Some(reader) = &mut self.reader {
                match reader.next().transpose() {
                    Ok(Some(batch)) if batch.num_rows() == 0 => {}
                    Ok(Some(batch)) => return self.adapted(&batch).map(Some),
                    Ok(None) => self.reader = None,
                    Err(e) => return Err(SortError::parquet(&self.path, ParquetError::from(e))),
                }
            } else {
                let Some(path) = self.waiting.pop() else { return Ok(None) };
                self.path = path;
                self.reader = Some(self.open()?);
            }
        }
    }

    fn open(&self) -> Result<ParquetRecordBatchReader, SortError> {
        let file = File::open(&self.path).map_err(|e| SortError::io(&self.path, e))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| SortError::parquet(&self.path, e))?;
        for field in builder.schema().fields() {
            let expected = self.schema.field_with_name(field.name()).map(|field| field.data_type().to_string());
            let found = field.data_type().to_string();
            // A column that the table lacks would be lost without a word.
            if expected.as_deref().ok() != Some(found.as_str()) {
                let expected = expected.unwrap_or_else(|_| "missing".to_owned());
                return Err(SortError::Column {
                    path: self.path.clone(),
                    column: field.name().clone(),
                    found,
                    expected,
                });
            }
        }
        builder.with_batch_size(BATCH_ROWS).build().map_err(|e| SortError::parquet(&self.path, e))
    }

    /// Columns that came with later exports are null in earlier files.
    fn adapted(&self, batch: &RecordBatch) -> Result<RecordBatch, SortError> {
        let columns = self.schema.fields().iter().map(|field| match batch.column_by_name(field.name()) {
            Some(column) => Arc::clone(column),
            None => new_null_array(field.data_type(), batch.num_rows()),
        });
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns.collect(), &options)?)
    }
}
