//! Parquet: the result's own columns and types, compressed with zstd.
//!
//! The bytes depend on the rows and the program's version only.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::ReportError;

/// Rows after which a row group ends, which bounds what is held back.
const ROW_GROUP_ROWS: usize = 122_880;

/// Bytes held back after which a row group ends, for rows with long command lines.
const ROW_GROUP_BYTES: usize = 64 << 20;

/// Rows that are written as they come, a row group at a time.
pub(super) struct ParquetSink<W: Write + Send> {
    writer: ArrowWriter<W>,
    schema: SchemaRef,
}

impl<W: Write + Send> ParquetSink<W> {
    /// Begins a file.
    pub(super) fn new(schema: SchemaRef, out: W) -> Result<Self, ReportError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(concat!("coldtrail ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .build();
        let writer = ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties))?;
        Ok(Self { writer, schema })
    }

    /// Writes the rows of a batch, whose columns must have the types of the schema.
    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), ReportError> {
        self.writer.write(&as_schema(&self.schema, batch)?)?;
        if self.writer.memory_size() > ROW_GROUP_BYTES {
            self.writer.flush()?;
        }
        Ok(())
    }

    /// Writes the footer and hands the output back.
    pub(super) fn finish(self) -> Result<W, ReportError> {
        Ok(self.writer.into_inner()?)
    }
}

/// The same columns under the result's schema: batches of one result may differ in nullability and metadata.
fn as_schema(schema: &SchemaRef, batch: &RecordBatch) -> Result<RecordBatch, ReportError> {
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), batch.columns().to_vec(), &options)?)
}

/// Writes a whole file. It is built in memory first, as the result itself is: `out` may not be `Send`.
pub(super) fn write(schema: &Schema, batches: &[RecordBatch], out: &mut impl Write) -> Result<(), ReportError> {
    let mut sink = ParquetSink::new(Arc::new(schema.clone()), Vec::new())?;
    for batch in batches {
        sink.write(batch)?;
    }
    Ok(out.write_all(&sink.finish()?)?)
}

#[cfg(test)]
mod tests {
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::*;
    use crate::report::samples;

    #[test]
    fn the_file_reads_back_as_it_was_and_is_the_same_twice() {
        let (schema, batches, _) = samples::report();
        let (mut file, mut again) = (Vec::new(), Vec::new());
        write(&schema, &batches, &mut file).unwrap();
        write(&schema, &batches, &mut again).unwrap();
        assert_eq!(file, again);
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(file)).unwrap();
        assert_eq!(reader.schema().fields(), schema.fields());
        let metadata = reader.metadata().clone();
        assert_eq!(metadata.file_metadata().created_by(), Some(concat!("coldtrail ", env!("CARGO_PKG_VERSION"))));
        assert!(matches!(metadata.row_group(0).column(0).compression(), Compression::ZSTD(_)));
        let read: Vec<RecordBatch> = reader.build().unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(read, batches);
    }
}
