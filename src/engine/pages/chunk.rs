//! One column chunk as it lies in the file, and whether its shape is one that is read here.

use bytes::Bytes;
use parquet::basic::{Compression, Type};
use parquet::file::metadata::ColumnChunkMetaData;

use super::beyond::{Beyond, Checked};

/// Row numbers are 32 bits wide. A row group of two thousand million rows is nobody's file.
const ROWS_MAX: u64 = i32::MAX as u64;

/// A column chunk: what the footer says of it, and its bytes.
#[derive(Debug, Clone)]
pub struct Chunk<'a> {
    /// The footer's words.
    pub meta: &'a ColumnChunkMetaData,
    /// The rows of its row group.
    pub rows: u64,
    /// The chunk's byte range of the file; for `dictionary` alone the dictionary page is enough.
    pub bytes: Bytes,
}

/// What the schema says of the column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// Whether rows may be null, so that pages carry definition levels.
    pub(super) optional: bool,
    pub(super) rows: u32,
    pub(super) codec: Compression,
    /// Where the chunk starts in the file.
    pub(super) start: i64,
    /// The chunk's size when decompressed, as the footer has it.
    pub(super) uncompressed: u64,
}

impl Chunk<'_> {
    /// The shape, if it is a flat column of texts with plausible numbers.
    pub(super) fn shape(&self) -> Checked<Shape> {
        match self.meta.column_type() {
            Type::BYTE_ARRAY => self.flat(),
            other => Err(Beyond::Type(other)),
        }
    }

    /// The shape, if it is a flat column with plausible numbers.
    pub(super) fn flat(&self) -> Checked<Shape> {
        let column = self.meta.column_descr();
        if column.max_rep_level() != 0 || column.max_def_level() > 1 || column.path().parts().len() != 1 {
            return Err(Beyond::Nested);
        }
        if self.rows > ROWS_MAX {
            return Err(Beyond::Size { what: "rows of a row group", size: self.rows, limit: ROWS_MAX });
        }
        let rows = u32::try_from(self.rows).unwrap_or(u32::MAX);
        if self.meta.num_values() != i64::from(rows) {
            return Err(Beyond::Damaged("the chunk's values are not the row group's rows"));
        }
        let start = self.meta.dictionary_page_offset().unwrap_or_else(|| self.meta.data_page_offset());
        let uncompressed = u64::try_from(self.meta.uncompressed_size());
        let (Ok(uncompressed), false) = (uncompressed, start < 0 || self.meta.compressed_size() < 0) else {
            return Err(Beyond::Damaged("a negative offset or size in the footer"));
        };
        let codec = self.meta.compression();
        Ok(Shape { optional: column.max_def_level() == 1, rows, codec, start, uncompressed })
    }
}
