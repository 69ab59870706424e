//! The matched events on their way to `--rows`: kept on disk until the findings, and with them the ids, are known.

use std::fs::File;
use std::io::{BufReader, BufWriter, Seek as _};
use std::sync::{Mutex, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::ipc::reader::FileReader;
use arrow::ipc::writer::FileWriter;

/// A temporary file of record batches; it is gone when the spool is.
pub struct Spool {
    schema: SchemaRef,
    writer: Mutex<FileWriter<BufWriter<File>>>,
}

impl std::fmt::Debug for Spool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spool").finish_non_exhaustive()
    }
}

impl Spool {
    /// Begins a spool in the system's temporary folder.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(schema: &SchemaRef) -> Result<Self, ArrowError> {
        let file = tempfile::tempfile()?;
        let writer = FileWriter::try_new_buffered(file, schema)?;
        Ok(Self { schema: SchemaRef::clone(schema), writer: Mutex::new(writer) })
    }

    /// The columns.
    #[must_use]
    pub const fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Adds a batch.
    ///
    /// # Errors
    /// When it cannot be written, for example because the disk is full.
    pub fn write(&self, batch: &RecordBatch) -> Result<(), ArrowError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).write(batch)
    }

    /// Ends the spool and reads it back from its start.
    ///
    /// # Errors
    /// When the rest cannot be written, or nothing can be read back.
    pub fn read_back(&self) -> Result<FileReader<BufReader<File>>, ArrowError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.finish()?;
        let mut file = writer.get_ref().get_ref().try_clone()?;
        file.rewind()?;
        FileReader::try_new_buffered(file, None)
    }
}
