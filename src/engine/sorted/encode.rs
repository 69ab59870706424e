//! How columns are encoded: the properties of every file, and a row group whose columns are encoded side by side.
//!
//! A column chunk is a function of the column's values alone, so the number of threads changes no byte.

use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use arrow::array::{Array as _, ArrayRef, RecordBatch, make_array};
use arrow::datatypes::SchemaRef;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, compute_leaves};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::table::Layout;

/// How files are made. The rows and bytes are where row groups, pages and files end; they are part of the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WriterConfig {
    /// zstd's level.
    pub zstd_level: i32,
    /// Rows of a row group.
    pub row_group_rows: NonZero<usize>,
    /// Rows of a data page, at most.
    pub page_rows: usize,
    /// A file ends with the first row group that reaches this size.
    pub file_bytes: u64,
    /// Threads that encode columns; not part of the output.
    pub threads: usize,
}

impl Default for WriterConfig {
    fn default() -> Self {
        Self {
            zstd_level: 1,
            row_group_rows: NonZero::<usize>::MIN.saturating_add(131_071),
            page_rows: 8_192,
            file_bytes: 128 << 20,
            threads: 1,
        }
    }
}

/// A dictionary of addresses never overflows a row group of usual size, so that a hunt can judge the dictionary instead
/// of the rows. Sorted by address it is small anyway.
const ADDRESS_DICTIONARY_BYTES: usize = 16 << 20;

/// Longest text in statistics. An address has at most 45 bytes and is never cut.
const STATISTICS_BYTES: usize = 64;

pub(super) fn properties(layout: &Layout, config: &WriterConfig) -> Result<WriterProperties, ParquetError> {
    let mut builder = WriterProperties::builder()
        .set_created_by(concat!("coldtrail ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(config.zstd_level)?))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_statistics_truncate_length(Some(STATISTICS_BYTES))
        .set_column_index_truncate_length(Some(STATISTICS_BYTES))
        .set_data_page_row_count_limit(config.page_rows)
        // Row groups end where `Group` ends them.
        .set_max_row_group_row_count(None)
        .set_column_dictionary_page_size_limit(ColumnPath::from("RemoteIP"), ADDRESS_DICTIONARY_BYTES);
    // Values that hardly ever repeat: a dictionary of them is work for nothing, their differences are short.
    for name in ["Timestamp", "ReportId"] {
        let path = ColumnPath::from(name);
        builder = builder
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
    }
    let by_device = layout.device().filter(|_| layout.order().is_by_device()).and_then(|at| i32::try_from(at).ok());
    let sorting = by_device.map(|column_idx| vec![SortingColumn { column_idx, descending: false, nulls_first: false }]);
    Ok(builder.set_sorting_columns(sorting).build())
}

/// A row group that is being encoded.
#[derive(Debug)]
pub(super) struct Group {
    schema: SchemaRef,
    writers: Vec<ArrowColumnWriter>,
    threads: usize,
    pub(super) rows: usize,
}

impl Group {
    pub(super) const fn new(schema: SchemaRef, writers: Vec<ArrowColumnWriter>, threads: usize) -> Self {
        Self { schema, writers, threads, rows: 0 }
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        let columns = self.writers.iter_mut().zip(self.schema.fields().iter().zip(batch.columns()));
        side_by_side(self.threads, columns, |(writer, (field, column))| {
            // A column of a simple type has one leaf.
            compute_leaves(field, &plain(column)?)?.iter().try_for_each(|leaf| writer.write(leaf))
        })?;
        self.rows += batch.num_rows();
        Ok(())
    }

    /// The finished columns, in the order of the schema.
    pub(super) fn close(self) -> Result<Vec<ArrowColumnChunk>, ParquetError> {
        let mut chunks: Vec<Option<ArrowColumnChunk>> = self.writers.iter().map(|_| None).collect();
        side_by_side(self.threads, self.writers.into_iter().zip(&mut chunks), |(writer, chunk)| {
            *chunk = Some(writer.close()?);
            Ok(())
        })?;
        Ok(chunks.into_iter().flatten().collect())
    }
}

/// The column without a null buffer that marks nothing: where a page ends depends on whether there is one, and that
/// depends on the batches that the rows came from.
fn plain(column: &ArrayRef) -> Result<ArrayRef, ParquetError> {
    if column.nulls().is_none_or(|nulls| nulls.null_count() > 0) {
        return Ok(Arc::clone(column));
    }
    Ok(make_array(column.to_data().into_builder().nulls(None).build()?))
}

/// Does the work on every item; each thread takes the next one when it is done with one.
fn side_by_side<T: Send>(
    threads: usize,
    mut items: impl Iterator<Item = T> + Send,
    work: impl Fn(T) -> Result<(), ParquetError> + Sync,
) -> Result<(), ParquetError> {
    if threads <= 1 {
        return items.try_for_each(work);
    }
    let items = Mutex::new(items);
    let take_all = || {
        loop {
            let next = items.lock().unwrap_or_else(PoisonError::into_inner).next();
            match next {
                Some(item) => work(item)?,
                None => return Ok(()),
            }
        }
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(take_all)).collect();
        let mine = take_all();
        let all = others.into_iter().map(|other| other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        all.fold(mine, Result::and)
    })
}
