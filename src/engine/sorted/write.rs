//! Sorted batches become Parquet files that are named by what is in them.
//!
//! A file is complete under its name or not there at all; the same content has the same name, so a conversion that is
//! broken off and begun anew never puts other content under a name that was seen before.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowRowGroupWriterFactory, ArrowWriterOptions};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use sha2::{Digest as _, Sha256};

use super::encode::{Group, properties};
use super::error::SortError;
use super::table::Layout;

pub use super::encode::WriterConfig;

const BUFFER_BYTES: usize = 1 << 18;
/// Hexadecimal digits of the hash that a name has.
const NAME_DIGITS: usize = 12;

/// A finished file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// Where it is: `events-0000-<12 digits>.parquet` in the staging folder.
    pub path: PathBuf,
    /// Its rows.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// Writes the events of one date.
#[derive(Debug)]
pub struct DayWriter {
    layout: Arc<Layout>,
    folder: PathBuf,
    config: WriterConfig,
    properties: WriterProperties,
    current: Option<Current>,
    written: Vec<Written>,
}

impl DayWriter {
    /// Begins in an existing folder that no other writer uses.
    ///
    /// # Errors
    /// A zstd level that there is not.
    pub fn new(layout: Arc<Layout>, folder: &Path, config: WriterConfig) -> Result<Self, SortError> {
        let properties = properties(&layout, &config).map_err(|e| SortError::parquet(folder, e))?;
        Ok(Self { layout, folder: folder.to_owned(), config, properties, current: None, written: Vec::new() })
    }

    /// Adds rows, which follow the ones before in the layout's order. For the same bytes on every run they must come in
    /// the same batches, as [`super::merge`] gives them.
    ///
    /// # Errors
    /// The file cannot be made, encoded or written.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), SortError> {
        let mut done = 0;
        while done < batch.num_rows() {
            let current = self.current()?;
            let room = current.room();
            let part = batch.slice(done, room.min(batch.num_rows() - done));
            done += part.num_rows();
            current.write(&part)?;
            if current.is_full() {
                self.end_file()?;
            }
        }
        Ok(())
    }

    /// Ends the last file; the files in order, none if there were no rows.
    ///
    /// # Errors
    /// The rest cannot be written, or the file cannot be renamed.
    pub fn finish(mut self) -> Result<Vec<Written>, SortError> {
        self.end_file()?;
        Ok(self.written)
    }

    fn current(&mut self) -> Result<&mut Current, SortError> {
        let current = match self.current.take() {
            Some(current) => current,
            None => {
                let path = self.folder.join(format!(".events-{:04}.parquet.tmp", self.written.len()));
                Current::create(&self.layout, path, self.config, self.properties.clone())?
            }
        };
        Ok(self.current.insert(current))
    }

    fn end_file(&mut self) -> Result<(), SortError> {
        let Some(current) = self.current.take() else { return Ok(()) };
        let (number, folder) = (self.written.len(), &self.folder);
        self.written.push(
            current.finish(|sha256| folder.join(format!("events-{number:04}-{}.parquet", &sha256[..NAME_DIGITS])))?,
        );
        Ok(())
    }
}

/// The file that is being written.
#[derive(Debug)]
struct Current {
    path: Unfinished,
    layout: Arc<Layout>,
    config: WriterConfig,
    writer: SerializedFileWriter<Hashed>,
    factory: ArrowRowGroupWriterFactory,
    group: Option<Group>,
    groups: usize,
    rows: u64,
}

impl Current {
    fn create(
        layout: &Arc<Layout>,
        path: PathBuf,
        config: WriterConfig,
        properties: WriterProperties,
    ) -> Result<Self, SortError> {
        let file = File::create(&path).map_err(|e| SortError::io(&path, e))?;
        let path = Unfinished(path);
        let out = Hashed { out: BufWriter::with_capacity(BUFFER_BYTES, file), sha256: Sha256::new(), bytes: 0 };
        let options = ArrowWriterOptions::new().with_properties(properties);
        let (writer, factory) = ArrowWriter::try_new_with_options(out, Arc::clone(layout.schema()), options)
            .and_then(ArrowWriter::into_serialized_writer)
            .map_err(|e| SortError::parquet(&path.0, e))?;
        let layout = Arc::clone(layout);
        Ok(Self { path, layout, config, writer, factory, group: None, groups: 0, rows: 0 })
    }

    /// Rows that the row group still takes.
    fn room(&self) -> usize {
        self.config.row_group_rows.get() - self.group.as_ref().map_or(0, |group| group.rows)
    }

    fn write(&mut self, part: &RecordBatch) -> Result<(), SortError> {
        self.encode(part).map_err(|e| SortError::parquet(&self.path.0, e))
    }

    fn encode(&mut self, part: &RecordBatch) -> Result<(), ParquetError> {
        let mut group = match self.group.take() {
            Some(group) => group,
            None => {
                let writers = self.factory.create_column_writers(self.groups)?;
                Group::new(Arc::clone(self.layout.schema()), writers, self.config.threads)
            }
        };
        group.write(part)?;
        self.rows += part.num_rows() as u64;
        let is_full = group.rows >= self.config.row_group_rows.get();
        self.group = Some(group);
        if is_full { self.end_group() } else { Ok(()) }
    }

    fn end_group(&mut self) -> Result<(), ParquetError> {
        let Some(group) = self.group.take() else { return Ok(()) };
        let chunks = group.close()?;
        let mut writer = self.writer.next_row_group()?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut writer)?;
        }
        writer.close()?;
        self.groups += 1;
        Ok(())
    }

    /// Looked at where a row group ends and nowhere else, so that it depends on the rows alone.
    fn is_full(&self) -> bool {
        self.group.is_none() && self.writer.bytes_written() as u64 >= self.config.file_bytes
    }

    fn finish(mut self, name: impl FnOnce(&str) -> PathBuf) -> Result<Written, SortError> {
        let path = &self.path.0.clone();
        self.end_group().and_then(|()| self.writer.finish().map(drop)).map_err(|e| SortError::parquet(path, e))?;
        // Not `into_inner`, which makes a text of what the system says of a full disk.
        let out = self.writer.inner_mut();
        out.flush().map_err(|e| SortError::io(path, e))?;
        let sha256: String = out.sha256.finalize_reset().iter().map(|byte| format!("{byte:02x}")).collect();
        let bytes = out.bytes;
        let named = name(&sha256);
        fs::rename(path, &named).map_err(|e| SortError::io(&named, e))?;
        Ok(Written { path: named, rows: self.rows, bytes, sha256 })
    }
}

/// Removed unless it was renamed.
#[derive(Debug)]
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After the renaming there is nothing here; before, the error that led here is the one to report.
        let _ = fs::remove_file(&self.0);
    }
}

/// A file, and the hash of what was written to it.
struct Hashed {
    out: BufWriter<File>,
    sha256: Sha256,
    bytes: u64,
}

impl std::fmt::Debug for Hashed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hashed").field("out", &self.out).finish_non_exhaustive()
    }
}

impl Write for Hashed {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let written = self.out.write(buf)?;
        self.sha256.update(&buf[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
