//! Sorted runs on disk: one temporary file for all that was in memory, one segment of it for each date, each an Arrow
//! stream of small batches. The file goes when the last run in it goes.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek as _, SeekFrom, Take, Write};
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use tempfile::{Builder, NamedTempFile, TempPath};

use super::error::SortError;
use super::gather::Limits;

/// Small, so that many runs can be merged in little memory: each has one batch there.
pub(super) const BATCH: Limits = Limits { rows: 1_024, text_bytes: 1 << 20 };

const BUFFER_BYTES: usize = 1 << 18;

/// A file of segments.
#[derive(Debug)]
pub(super) struct SpillFile {
    path: TempPath,
}

/// A part of the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    offset: u64,
    bytes: u64,
}

/// A file of segments that grows.
#[derive(Debug)]
pub(super) struct SpillWriter {
    path: TempPath,
    out: Counted,
}

#[derive(Debug)]
struct Counted {
    out: BufWriter<File>,
    bytes: u64,
}

impl Write for Counted {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let written = self.out.write(buf)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl SpillWriter {
    pub(super) fn create(folder: &Path) -> Result<Self, SortError> {
        let file = Builder::new().prefix(".sorting-").suffix(".arrow").tempfile_in(folder);
        let (file, path) = file.map(NamedTempFile::into_parts).map_err(|e| SortError::io(folder, e))?;
        Ok(Self { path, out: Counted { out: BufWriter::with_capacity(BUFFER_BYTES, file), bytes: 0 } })
    }

    /// Writes a segment of what `fill` hands over.
    pub(super) fn segment(
        &mut self,
        schema: &Schema,
        fill: impl FnOnce(&mut dyn FnMut(RecordBatch) -> Result<(), SortError>) -> Result<(), SortError>,
    ) -> Result<Segment, SortError> {
        let (offset, path) = (self.out.bytes, &self.path);
        let mut writer = StreamWriter::try_new(&mut self.out, schema).map_err(|e| SortError::scratch(path, e))?;
        fill(&mut |batch| writer.write(&batch).map_err(|e| SortError::scratch(path, e)))?;
        writer.finish().map_err(|e| SortError::scratch(path, e))?;
        Ok(Segment { offset, bytes: self.out.bytes - offset })
    }

    pub(super) fn finish(mut self) -> Result<SpillFile, SortError> {
        self.out.flush().map_err(|e| SortError::io(&self.path, e))?;
        Ok(SpillFile { path: self.path })
    }
}

/// The batches of a segment.
pub(super) type SegmentReader = StreamReader<BufReader<Take<File>>>;

impl SpillFile {
    pub(super) fn read(&self, segment: Segment) -> Result<SegmentReader, SortError> {
        let mut file = File::open(&self.path).map_err(|e| SortError::io(&self.path, e))?;
        file.seek(SeekFrom::Start(segment.offset)).map_err(|e| SortError::io(&self.path, e))?;
        let part = BufReader::with_capacity(BUFFER_BYTES, file.take(segment.bytes));
        StreamReader::try_new(part, None).map_err(|e| SortError::scratch(&self.path, e))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}
