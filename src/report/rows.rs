//! The matching events themselves (`--rows FILE`), streamed: a batch comes, its bytes go.

use std::io::{BufWriter, Write};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::csv::CsvSink;
use super::parquet::ParquetSink;
use super::{ReportError, ndjson};
use crate::model::RowsFormat;

type Out = Box<dyn Write + Send>;

/// Writes events batch by batch; holds at most one Parquet row group.
pub struct RowsWriter {
    schema: SchemaRef,
    sink: Sink,
}

enum Sink {
    Parquet(Box<ParquetSink<Out>>),
    Csv(Box<CsvSink<Out>>),
    Ndjson(BufWriter<Out>),
}

impl RowsWriter {
    /// Begins the file: every column of the schema, in its order.
    ///
    /// # Errors
    /// When the output refuses the header, or Parquet a column.
    pub fn create(format: RowsFormat, schema: SchemaRef, out: Box<dyn Write + Send>) -> Result<Self, ReportError> {
        let sink = match format {
            RowsFormat::Parquet => Sink::Parquet(Box::new(ParquetSink::new(SchemaRef::clone(&schema), out)?)),
            RowsFormat::Csv => Sink::Csv(Box::new(CsvSink::new(&schema, out)?)),
            RowsFormat::Ndjson => Sink::Ndjson(BufWriter::with_capacity(1 << 16, out)),
        };
        Ok(Self { schema, sink })
    }

    /// Writes the rows of a batch that has the schema's columns.
    ///
    /// # Errors
    /// When the output refuses, or the batch does not have the schema.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), ReportError> {
        let batches = std::slice::from_ref(batch);
        match &mut self.sink {
            Sink::Parquet(sink) => sink.write(batch),
            Sink::Csv(sink) => sink.write(&self.schema, batches),
            Sink::Ndjson(out) => ndjson::write(&self.schema, batches, out),
        }
    }

    /// Ends the file; without this it is not complete.
    ///
    /// # Errors
    /// When the output refuses the last bytes.
    pub fn finish(self) -> Result<(), ReportError> {
        match self.sink {
            Sink::Parquet(sink) => Ok(sink.finish()?.flush()?),
            Sink::Csv(sink) => sink.finish(),
            Sink::Ndjson(mut out) => Ok(out.flush()?),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::*;
    use crate::report::samples;

    /// An output that can be looked at afterwards.
    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(format: RowsFormat) -> Vec<u8> {
        let (schema, batches, _) = samples::report();
        let out = Shared::default();
        let mut writer = RowsWriter::create(format, Arc::new(schema), Box::new(out.clone())).unwrap();
        for batch in batches.iter().chain(&batches) {
            writer.write(batch).unwrap();
        }
        writer.finish().unwrap();
        out.0.lock().unwrap().clone()
    }

    #[test]
    fn rows_come_out_in_every_format_as_they_went_in() {
        let twice = samples::FINDINGS * 2;
        assert_eq!(String::from_utf8(written(RowsFormat::Ndjson)).unwrap().lines().count(), twice);
        assert_eq!(csv::Reader::from_reader(written(RowsFormat::Csv).as_slice()).records().count(), twice);
        let file = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(written(RowsFormat::Parquet))).unwrap();
        assert_eq!(file.metadata().file_metadata().num_rows(), i64::try_from(twice).unwrap());
    }
}
