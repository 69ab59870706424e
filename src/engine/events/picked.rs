//! Columns of texts and numbers, of a few rows: read here from the front of their pages, where the ordinary reader would
//! decompress each page to its end.
//!
//! Where that does not apply (many rows, no page index, a store that is far away) or pages are beyond the page reader, the
//! ordinary reader has the column.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int32Builder, Int64Builder, RecordBatch, RecordBatchOptions, StringBuilder};
use arrow::compute::{cast, concat};
use arrow::datatypes::{DataType, FieldRef, Schema};
use bytes::Bytes;
use datafusion::common::Result;
use parquet::arrow::arrow_reader::RowSelection;
use parquet::arrow::async_reader::AsyncFileReader as _;
use parquet::basic::Type;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::page_index::offset_index::PageLocation;

use super::ids::{Listed, Rows, TextChunk};
use super::opener::{EventOpener, parquet_error};
use crate::engine::pages::{Beyond, Placed, SomePages};
use crate::sources::telemetry::{DataFile, Origin, StoreReader, columns};

/// With more rows of a row group than this most pages are wanted to their end.
const FEW_ROWS: usize = 4096;
/// Texts and numbers that are held for a piece of a file. The ordinary reader holds a batch at a time.
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
        wanted: &[(usize, Option<Rows>)],
        roots: &[usize],
    ) -> Result<Picked> {
        let mut picked = Picked::default();
        if self.question().is_none() || reader.is_remote() || metadata.offset_index().is_none() {
            return Ok(picked);
        }
        let few_rows = wanted.iter().map(|(group, rows)| few(*group, &rows.as_ref()?.selection));
        let Some(few_rows) = few_rows.collect::<Option<Vec<Wanted>>>() else { return Ok(picked) };
        let mut room = HELD_BYTES;
        for root in roots {
            let Some(field) = file.shape.read_schema.fields().get(*root) else { continue };
            if is_address(file, *root)
                && let Some(addresses) = addresses(wanted)?
            {
                picked.columns.push((*root, Arc::clone(field), cast(&addresses, field.data_type())?));
                continue;
            }
            let Some(values) = Values::of(field.data_type()) else { continue };
            if let Some(column) = self.pick_column(reader, metadata, &few_rows, *root, values, room).await? {
                room = room.saturating_sub(column.get_buffer_memory_size());
                picked.columns.push((*root, Arc::clone(field), cast(&column, field.data_type())?));
            }
        }
        Ok(picked)
    }

    /// A column of so many bytes at most; `None` where the ordinary reader must read it.
    async fn pick_column(
        &self,
        reader: &StoreReader,
        metadata: &Arc<ParquetMetaData>,
        wanted: &[Wanted],
        root: usize,
        mut values: Values,
        room: usize,
    ) -> Result<Option<ArrayRef>> {
        let chunks = wanted.iter().map(|wanted| TextChunk::of(metadata, wanted.group, root));
        let Some(chunks) = chunks.collect::<Option<Vec<_>>>() else { return Ok(None) };
        if chunks.iter().any(|chunk| chunk.physical_type() != values.physical_type()) {
            return Ok(None);
        }
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
            let told = self.kept.picker().pick(some, &wanted.rows, &mut |value| {
                is_held = is_held && values.append(value, room);
            });
            if let Err(why @ Beyond::Encrypted) = &told {
                Listed::beyond(why)?;
            }
            if told.is_err() || !is_held {
                return Ok(None);
            }
        }
        Ok(Some(values.finish()))
    }
}

/// A column as it is picked.
enum Values {
    Texts(StringBuilder),
    Numbers32(Int32Builder),
    Numbers64(Int64Builder),
}

impl Values {
    /// For a column that is read as one of these types, or as one that is nothing else in memory.
    fn of(read: &DataType) -> Option<Self> {
        match read {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Some(Self::Texts(StringBuilder::new())),
            DataType::Int32 => Some(Self::Numbers32(Int32Builder::new())),
            DataType::Int64 | DataType::Timestamp(..) => Some(Self::Numbers64(Int64Builder::new())),
            _ => None,
        }
    }

    /// How a file must store them.
    const fn physical_type(&self) -> Type {
        match self {
            Self::Texts(_) => Type::BYTE_ARRAY,
            Self::Numbers32(_) => Type::INT32,
            Self::Numbers64(_) => Type::INT64,
        }
    }

    /// Takes a value as a page has it, unless that is none, or more than there is room for: a dictionary's text may be long, and
    /// be the text of every row.
    fn append(&mut self, value: Option<&[u8]>, room: usize) -> bool {
        let Some(value) = value else {
            match self {
                Self::Texts(texts) => texts.append_null(),
                Self::Numbers32(numbers) => numbers.append_null(),
                Self::Numbers64(numbers) => numbers.append_null(),
            }
            return true;
        };
        match self {
            Self::Texts(texts) => match std::str::from_utf8(value) {
                Ok(text) if texts.values_slice().len() + text.len() <= room => texts.append_value(text),
                _ => return false,
            },
            Self::Numbers32(numbers) => match value.as_array() {
                Some(value) => numbers.append_value(i32::from_le_bytes(*value)),
                None => return false,
            },
            Self::Numbers64(numbers) => match value.as_array() {
                Some(value) => numbers.append_value(i64::from_le_bytes(*value)),
                None => return false,
            },
        }
        true
    }

    fn finish(mut self) -> ArrayRef {
        match &mut self {
            Self::Texts(texts) => Arc::new(texts.finish()),
            Self::Numbers32(numbers) => Arc::new(numbers.finish()),
            Self::Numbers64(numbers) => Arc::new(numbers.finish()),
        }
    }
}

fn is_address(file: &DataFile, root: usize) -> bool {
    matches!(file.shape.origins.get(columns::REMOTE_IP), Some(Origin::Column { index, .. }) if *index == root)
}

/// The addresses of all wanted rows, where finding the rows has told them.
fn addresses(wanted: &[(usize, Option<Rows>)]) -> Result<Option<ArrayRef>> {
    let addresses = wanted.iter().map(|(_, rows)| rows.as_ref()?.addresses.as_ref());
    let Some(addresses) = addresses.collect::<Option<Vec<_>>>() else { return Ok(None) };
    let addresses: Vec<&dyn Array> = addresses.into_iter().map(|addresses| addresses as &dyn Array).collect();
    Ok(Some(concat(&addresses)?))
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
