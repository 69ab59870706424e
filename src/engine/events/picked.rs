//! Columns of texts, of a few rows: read here from the front of their pages, where the ordinary reader would decompress each
//! page to its end.
//!
//! Where one does not apply (many rows, no page index, a store that is far away) or pages are beyond the page reader, the
//! ordinary reader has the column.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, RecordBatch, RecordBatchOptions, StringBuilder};
use arrow::compute::cast;
use arrow::datatypes::{DataType, FieldRef, Schema};
use bytes::Bytes;
use datafusion::common::Result;
use parquet::arrow::arrow_reader::RowSelection;
use parquet::arrow::async_reader::AsyncFileReader as _;
use parquet::basic::Type;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::page_index::offset_index::PageLocation;

use super::ids::{Listed, TextChunk};
use super::opener::{EventOpener, parquet_error};
use crate::engine::pages::{Beyond, Placed, SomePages};
use crate::sources::telemetry::{DataFile, StoreReader};

/// With more rows of a row group than this most pages are wanted to their end.
const FEW_ROWS: usize = 4096;
/// Texts that are held for a piece of a file. The ordinary reader holds a batch at a time.
const HELD_BYTES: usize = 32 << 20;

/// The wanted rows of a row group.
struct Wanted {
    group: usize,
    rows: Vec<u32>,
}

/// Columns of the wanted rows of a piece of a file, in their order, for batches that are read without them.
#[derive(Default)]
pub(super) struct Picked {
    columns: Vec<(usize, FieldRef, ArrayRef)>,
    /// Rows that batches have had.
    at: usize,
}

impl Picked {
    /// Whether a column of the file is among them.
    pub(super) fn has(&self, root: usize) -> bool {
        self.columns.iter().any(|(of, ..)| *of == root)
    }

    /// The next batch with these columns, too.
    pub(super) fn join(&mut self, batch: RecordBatch) -> Result<RecordBatch> {
        if self.columns.is_empty() {
            return Ok(batch);
        }
        let rows = batch.num_rows();
        let own = self.columns.iter().map(|(_, _, column)| column.slice(self.at, rows));
        let columns = batch.columns().iter().cloned().chain(own).collect();
        let fields = self.columns.iter().map(|(_, field, _)| Arc::clone(field));
        let fields: Vec<FieldRef> = batch.schema_ref().fields().iter().cloned().chain(fields).collect();
        self.at += rows;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)?)
    }
}

impl EventOpener {
    /// Those of the columns that are read here; `metadata` has the places of pages.
    pub(super) async fn pick(
        &self,
        file: &DataFile,
        reader: &StoreReader,
        metadata: &Arc<ParquetMetaData>,
        wanted: &[(usize, Option<RowSelection>)],
        roots: &[usize],
    ) -> Result<Picked> {
        let mut picked = Picked::default();
        if self.question().is_none() || reader.is_remote() || metadata.offset_index().is_none() {
            return Ok(picked);
        }
        let wanted: Option<Vec<Wanted>> = wanted.iter().map(|(group, rows)| few(*group, rows.as_ref()?)).collect();
        let Some(wanted) = wanted else { return Ok(picked) };
        let mut room = HELD_BYTES;
        for root in roots {
            let Some(field) = file.shape.read_schema.fields().get(*root) else { continue };
            let is_text = matches!(field.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
            if is_text && let Some(column) = self.pick_column(reader, metadata, &wanted, *root, room).await? {
                room = room.saturating_sub(column.get_buffer_memory_size());
                picked.columns.push((*root, Arc::clone(field), cast(&column, field.data_type())?));
            }
        }
        Ok(picked)
    }

    /// A column of texts of so many bytes at most; `None` where the ordinary reader must read it.
    async fn pick_column(
        &self,
        reader: &StoreReader,
        metadata: &Arc<ParquetMetaData>,
        wanted: &[Wanted],
        root: usize,
        room: usize,
    ) -> Result<Option<ArrayRef>> {
        let chunks = wanted.iter().map(|wanted| TextChunk::of(metadata, wanted.group, root));
        let Some(chunks) = chunks.collect::<Option<Vec<_>>>() else { return Ok(None) };
        if chunks.iter().any(|chunk| chunk.physical_type() != Type::BYTE_ARRAY) {
            return Ok(None);
        }
        let mut texts = StringBuilder::new();
        for (chunk, wanted) in chunks.iter().zip(wanted) {
            let Some(pages) = chunk.pages_of(&wanted.rows) else { return Ok(None) };
            let ranges = pages.dictionary.iter().cloned().chain(pages.data.iter().map(|(_, range)| range.clone()));
            let read = reader.clone().get_byte_ranges(ranges.collect()).await.map_err(parquet_error)?;
            let mut read = read.into_iter();
            let some = SomePages {
                meta: chunk.column(),
                rows: chunk.rows(),
                dictionary: pages.dictionary.as_ref().and_then(|_| read.next()),
                pages: pages
                    .data
                    .iter()
                    .zip(read)
                    .map(|((first_row, _), bytes): (_, Bytes)| Placed { first_row: *first_row, bytes })
                    .collect(),
            };
            let mut is_held = true;
            let mut tell = |text: Option<&[u8]>| match text.map(std::str::from_utf8).transpose() {
                // A dictionary's text may be long, and be the text of every row.
                Ok(text) if texts.values_slice().len() + text.map_or(0, str::len) <= room => texts.append_option(text),
                _ => is_held = false,
            };
            let told = self.kept.picker().pick(&some, &wanted.rows, &mut tell);
            if let Err(why @ Beyond::Encrypted) = &told {
                Listed::beyond(why)?;
            }
            if told.is_err() || !is_held {
                return Ok(None);
            }
        }
        Ok(Some(Arc::new(texts.finish())))
    }
}

/// The rows of a row group, if they are few.
fn few(group: usize, selection: &RowSelection) -> Option<Wanted> {
    if selection.row_count() > FEW_ROWS {
        return None;
    }
    let (mut rows, mut at) = (Vec::with_capacity(selection.row_count()), 0_usize);
    for selector in selection.iter() {
        let end = at + selector.row_count;
        if !selector.skip {
            rows.extend((at..end).filter_map(|row| u32::try_from(row).ok()));
        }
        at = end;
    }
    Some(Wanted { group, rows })
}

/// Where some pages of a chunk lie.
struct Pages {
    dictionary: Option<Range<u64>>,
    /// With the number of each page's first row.
    data: Vec<(u32, Range<u64>)>,
}

impl TextChunk {
    /// The pages that hold some rows, which ascend, by the page index; none where it does not place them inside the chunk.
    fn pages_of(&self, rows: &[u32]) -> Option<Pages> {
        let chunk = self.range();
        let places = self.page_places()?;
        let within = |range: Range<u64>| {
            (chunk.start <= range.start && range.start < range.end && range.end <= chunk.end).then_some(range)
        };
        let first_row = |place: &PageLocation| u32::try_from(place.first_row_index).ok();
        let mut rows = rows.iter().peekable();
        let mut data = Vec::new();
        for (at, place) in places.iter().enumerate() {
            let end = match places.get(at + 1) {
                Some(next) => first_row(next)?,
                None => u32::try_from(self.rows()).ok()?,
            };
            let mut is_wanted = false;
            while rows.next_if(|row| **row < end).is_some() {
                is_wanted = true;
            }
            if is_wanted {
                let start = u64::try_from(place.offset).ok()?;
                let end = start.checked_add(u64::try_from(place.compressed_page_size).ok()?)?;
                data.push((first_row(place)?, within(start..end)?));
            }
        }
        let dictionary = match self.column().dictionary_page_offset() {
            Some(start) => {
                let end = u64::try_from(places.first()?.offset).ok()?;
                Some(within(u64::try_from(start).ok()?..end)?)
            }
            None => None,
        };
        rows.peek().is_none().then_some(Pages { dictionary, data })
    }
}
