//! The one small Parquet file of `coldtrail tor build`: a Tor table that loads at once.
//!
//! Rows are the intervals; what the history covers and where it comes from is JSON in the file's own key-value metadata,
//! so that the file is whole in itself. Writing is deterministic. Reading trusts nothing: the file may come from anyone.

mod columns;
mod wire;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, ParquetMetaData, RowGroupMetaData};
use parquet::file::properties::WriterProperties;

use super::TorTable;
use crate::model::coverage::{Counted, TorSource};
use crate::sources::SourceError;
use crate::sources::text::{excerpt, unreadable};

/// Where the provenance is.
const KEY: &str = "coldtrail.tor";

/// Rows that are written and read at a time.
const BATCH_ROWS: usize = 8192;

/// More than any history has: two decades of hourly lists make about 300,000.
const ROWS_MAX: i64 = 10_000_000;

/// The provenance of a decade takes some hundred kilobytes.
const PROVENANCE_BYTES_MAX: usize = 64 << 20;

/// Text of all rows together, so that a small file cannot fill the memory.
const TEXT_BYTES_MAX: usize = 1 << 30;

/// Writes a table as one Parquet file; equal tables give equal bytes. What was skipped is the build's own to report and is
/// not part of it.
///
/// # Errors
/// The destination refuses.
pub fn write(table: &TorTable, out: impl Write + Send) -> Result<(), ParquetError> {
    let provenance = wire::print(table).map_err(|error| ParquetError::General(error.to_string()))?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(9)?))
        .set_created_by(format!("coldtrail {}", env!("CARGO_PKG_VERSION")))
        .set_key_value_metadata(Some(vec![KeyValue::new(KEY.into(), provenance)]))
        .build();
    let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(out, columns::written(), options)?;
    for intervals in table.intervals.chunks(BATCH_ROWS) {
        writer.write(&columns::batch(intervals)?)?;
    }
    writer.close()?;
    Ok(())
}

/// Reads what [`write()`] wrote. Rows that make no sense are refused and counted in the first source's facts.
pub(super) fn read(path: &Path, display: &str) -> Result<TorTable, SourceError> {
    let io = |source| SourceError::Io { path: display.into(), source };
    let input = File::open(path).map_err(io)?;
    // A damaged file can make the decoder panic; that is this file's fault and must not end the run.
    let table = catch_unwind(AssertUnwindSafe(|| decode(input, display)));
    table.unwrap_or_else(|_| Err(damaged(display, "the decoder gave up")))
}

fn decode(input: File, display: &str) -> Result<TorTable, SourceError> {
    let broken = |error: &dyn std::error::Error| damaged(display, &error.to_string());
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let metadata = ArrowReaderMetadata::load(&input, options).map_err(|error| broken(&error))?;
    let footer = metadata.metadata();
    let provenance = provenance(footer).ok_or_else(|| not_built(display, metadata.schema()))?;
    let mut table = wire::parse(provenance).map_err(|reason| unreadable(display, &reason))?;
    if !is_bounded(footer) {
        return Err(unreadable(
            display,
            "damaged footer in a built Tor history, or one with too many rows; build it again",
        ));
    }
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let options = options.with_schema(columns::read_as(metadata.schema()).map_err(|column| {
        unreadable(display, &format!("a built Tor history without a readable column {column}; build it again"))
    })?);
    let metadata = ArrowReaderMetadata::try_new(footer.clone(), options).map_err(|error| broken(&error))?;
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(input, metadata).with_batch_size(BATCH_ROWS);
    let mut refused = BTreeMap::new();
    let mut text_bytes = 0;
    for batch in reader.build().map_err(|error| broken(&error))? {
        let batch = batch.map_err(|error: ArrowError| broken(&error))?;
        columns::intervals(&batch, &mut table.intervals, &mut refused).map_err(|error| broken(&error))?;
        let new = table.intervals.iter().rev().take(batch.num_rows());
        text_bytes += new.map(|interval| interval.source.len() + interval.observed_by.len()).sum::<usize>();
        if text_bytes > TEXT_BYTES_MAX {
            return Err(unreadable(display, "a built Tor history whose texts are too large; build it again"));
        }
    }
    note(&mut table, &refused, display);
    Ok(table)
}

fn provenance(footer: &ParquetMetaData) -> Option<&str> {
    let pairs = footer.file_metadata().key_value_metadata()?;
    let value = pairs.iter().find(|pair| pair.key == KEY)?.value.as_deref()?;
    (value.len() <= PROVENANCE_BYTES_MAX).then_some(value)
}

/// The reader takes offsets and sizes as they come and panics on negative ones.
fn is_bounded(footer: &ParquetMetaData) -> bool {
    let is_damaged = |group: &RowGroupMetaData| {
        let smallest = |chunk: &parquet::file::metadata::ColumnChunkMetaData| {
            chunk.dictionary_page_offset().unwrap_or(0).min(chunk.data_page_offset()).min(chunk.compressed_size())
        };
        group.num_rows() < 0 || group.columns().iter().any(|chunk| smallest(chunk) < 0)
    };
    let rows = footer.row_groups().iter().try_fold(0i64, |sum, group| sum.checked_add(group.num_rows()));
    !footer.row_groups().iter().any(is_damaged) && rows.is_some_and(|rows| rows <= ROWS_MAX)
}

/// Rows that were refused belong to no source any more; the first one shows them.
fn note(table: &mut TorTable, refused: &BTreeMap<&'static str, u64>, display: &str) {
    if refused.is_empty() {
        return;
    }
    if table.facts.is_empty() {
        table.facts.push(TorSource { source: display.into(), ..TorSource::default() });
    }
    if let Some(facts) = table.facts.first_mut() {
        facts.refused.extend(Counted::list(refused));
    }
}

fn damaged(display: &str, what: &str) -> SourceError {
    unreadable(display, &format!("damaged Parquet file ({}); build or fetch it again", excerpt(what)))
}

fn not_built(display: &str, schema: &SchemaRef) -> SourceError {
    let names: Vec<&str> = schema.fields().iter().take(5).map(|field| field.name().as_str()).collect();
    let reason = format!(
        "a Parquet file (columns {}) that is no Tor history; name one that `coldtrail tor build` wrote, or a text list",
        excerpt(&names.join(", "))
    );
    unreadable(display, &reason)
}
