//! Builds the indexes of an archive's Parquet files: what `coldtrail index` does.
//!
//! A file's index holds every address of RemoteIP and every name that a hunt compares, by the same reading of texts that a scan has.
//! It is written beside its name and renamed, so that a killed run leaves whole indexes only, and the next run goes on.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _, DictionaryArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use futures::TryStreamExt as _;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::arrow::async_reader::ParquetRecordBatchStreamBuilder;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use thiserror::Error;

use super::index::{Builder, Class, Index, Key, NameTable, Names, names_of_url};
use super::lists::EventNames;
use crate::sources::telemetry::{Content, Conversion, DataFile, ObjectError, Origin, StoreReader, columns};
use crate::sources::{Shelf, SourceError};

/// Rows decoded at a time.
const BATCH_ROWS: usize = 1 << 14;
/// Everything that an index can hold.
const ALL_NAMES: Names = Names { remote_url: true, additional_fields: true };

/// An index that was not built.
#[derive(Debug, Error)]
pub enum IndexingError {
    /// The file cannot be read.
    #[error("{path}: {reason}; --on-bad-input skip leaves it out")]
    Read {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The index cannot be written.
    #[error("the index of {path} cannot be written: {reason}")]
    Write {
        /// The data file.
        path: String,
        /// Why.
        reason: String,
    },
}

impl IndexingError {
    /// The program itself failed on a file.
    #[must_use]
    pub fn stopped(why: &str) -> Self {
        Self::Write { path: "a file".to_owned(), reason: why.to_owned() }
    }
}

/// What became of the index of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indexed {
    /// It was there and belongs to the file as it is.
    Fresh,
    /// It was made, or made anew.
    Built {
        /// Rows of the file.
        rows: u64,
        /// Bytes of the index.
        bytes: u64,
    },
    /// The file is a text export, which has no row groups to point into.
    Text,
}

/// The state of a file that an index belongs to; `None` for a text export.
pub(super) fn key(file: &DataFile) -> Option<Key> {
    Some(Key {
        path: file.object.identity(),
        size: file.object.size,
        version: file.object.etag.clone().unwrap_or_else(|| file.modified.0.to_string()),
        footer: file.footer_sha256?,
    })
}

/// Builds the index of a file, unless it has one. `workshop` is the shelf's folder for what is not finished.
///
/// # Errors
/// The file cannot be read, or the index cannot be written.
pub async fn refresh(file: &DataFile, shelf: &Shelf, workshop: &Path) -> Result<Indexed, IndexingError> {
    let (Content::Parquet(metadata), Some(key)) = (&file.content, key(file)) else { return Ok(Indexed::Text) };
    let unreadable = |error: &ParquetError| IndexingError::Read {
        path: file.display.clone(),
        reason: ObjectError::find(error).map_or_else(|| error.to_string(), |error| error.sentence.clone()),
    };
    let unwritable = |reason: String| IndexingError::Write { path: file.display.clone(), reason };
    let reader = StoreReader::new(Arc::clone(&file.object), Arc::default());
    let name = Key::file_name(&key.path);
    let there = Index::open(Arc::new(super::events::IndexReader::of(shelf.item(&name))), &key).await;
    if there.is_ok_and(|index| index.names().hold(ALL_NAMES)) {
        return Ok(Indexed::Fresh);
    }
    let target = Shelf::workpiece(workshop).map_err(|error| unwritable(error.to_string()))?;
    let out = BufWriter::new(target.as_file());
    let build = Build { file, metadata, reader };
    build.run(key, out).await.map_err(|error| match error {
        BuildError::Read(error) => unreadable(&error),
        BuildError::Write(error) => unwritable(error.to_string()),
    })?;
    let bytes = target.as_file().metadata().map_err(|error| unwritable(error.to_string()))?.len();
    shelf.keep(target, &name).await.map_err(|error: SourceError| unwritable(error.to_string()))?;
    Ok(Indexed::Built { rows: file.rows(), bytes })
}

enum BuildError {
    Read(ParquetError),
    Write(std::io::Error),
}

impl From<ParquetError> for BuildError {
    fn from(error: ParquetError) -> Self {
        Self::Read(error)
    }
}

impl From<arrow::error::ArrowError> for BuildError {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::Read(error.into())
    }
}

impl From<std::io::Error> for BuildError {
    fn from(error: std::io::Error) -> Self {
        Self::Write(error)
    }
}

/// One file on its way into an index.
struct Build<'a> {
    file: &'a DataFile,
    metadata: &'a Arc<ParquetMetaData>,
    reader: StoreReader,
}

impl Build<'_> {
    async fn run<W: Write>(self, key: Key, out: W) -> Result<(), BuildError> {
        let mut builder = Builder::new(key, ALL_NAMES, out)?;
        let read = self.read_as()?;
        let roots: Vec<usize> = [columns::REMOTE_IP, REMOTE_URL, ADDITIONAL_FIELDS]
            .into_iter()
            .filter_map(|name| self.column(name).map(|(at, _)| at))
            .collect();
        for (group, of_group) in self.metadata.row_groups().iter().enumerate() {
            builder.row_group(u64::try_from(of_group.num_rows()).unwrap_or(0))?;
            if roots.is_empty() {
                continue;
            }
            let mask = ProjectionMask::roots(self.metadata.file_metadata().schema_descr(), roots.iter().copied());
            let stream = ParquetRecordBatchStreamBuilder::new_with_metadata(self.reader.clone(), read.clone())
                .with_projection(mask)
                .with_batch_size(BATCH_ROWS)
                .with_row_groups(vec![group])
                .build()?;
            self.add_group(stream, &mut builder).await?;
        }
        builder.finish()?;
        Ok(())
    }

    async fn add_group<W: Write>(
        &self,
        mut stream: parquet::arrow::async_reader::ParquetRecordBatchStream<StoreReader>,
        builder: &mut Builder<W>,
    ) -> Result<(), BuildError> {
        let (mut addresses, mut urls) = (Dictionary::<Vec<Class>>::default(), Dictionary::<NameTable>::default());
        let mut first_row = 0;
        while let Some(batch) = stream.try_next().await? {
            if let Some((column, _)) = self.held(&batch, columns::REMOTE_IP) {
                add_addresses(first_row, column, &mut addresses, builder)?;
            }
            if let Some((column, conversion)) = self.held(&batch, REMOTE_URL) {
                add_urls(first_row, column, conversion, &mut urls, builder)?;
            }
            if let Some((column, conversion)) = self.held(&batch, ADDITIONAL_FIELDS) {
                let texts = conversion.apply(column)?;
                for (row, text) in (first_row..).zip(texts.as_string::<i32>()) {
                    let names = EventNames::of(None, text);
                    for name in [names.http_host, names.dns_query, names.server_name].into_iter().flatten() {
                        builder.name(row, &name)?;
                    }
                }
            }
            first_row += batch.num_rows() as u64;
        }
        Ok(())
    }

    /// The file's schema with RemoteUrl by its dictionary: few hosts make up most of it.
    fn read_as(&self) -> Result<ArrowReaderMetadata, ParquetError> {
        let schema = &self.file.shape.read_schema;
        let url = self.column(REMOTE_URL).map(|(at, _)| at);
        let fields = schema.fields().iter().enumerate().map(|(at, field)| match field.data_type() {
            DataType::Utf8 if Some(at) == url => {
                let entries = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
                Arc::new(Field::new(field.name(), entries, field.is_nullable()))
            }
            _ => Arc::clone(field),
        });
        let schema = Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone());
        let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
        ArrowReaderMetadata::try_new(Arc::clone(self.metadata), options)
    }

    fn column(&self, name: &str) -> Option<(usize, &Conversion)> {
        match self.file.shape.origins.get(name) {
            Some(Origin::Column { index, conversion }) => Some((*index, conversion)),
            _ => None,
        }
    }

    fn held<'b>(&'b self, batch: &'b RecordBatch, name: &str) -> Option<(&'b ArrayRef, &'b Conversion)> {
        let (at, conversion) = self.column(name)?;
        Some((batch.column_by_name(self.file.shape.read_schema.field(at).name())?, conversion))
    }
}

/// The columns that hold names.
const REMOTE_URL: &str = "RemoteUrl";
const ADDITIONAL_FIELDS: &str = "AdditionalFields";

/// What the entries of a dictionary are. Batches of a row group share the buffer of its values.
#[derive(Default)]
struct Dictionary<T> {
    values: Option<StringArray>,
    entries: T,
}

impl<T> Dictionary<T> {
    /// The entries, made anew where the dictionary is another one.
    fn of(&mut self, values: &StringArray, make: impl FnOnce(&StringArray) -> T) -> &mut T {
        let same = |held: &StringArray| {
            held.len() == values.len()
                && held.value_data().as_ptr() == values.value_data().as_ptr()
                && held.value_offsets().as_ptr() == values.value_offsets().as_ptr()
        };
        if !self.values.as_ref().is_some_and(same) {
            self.entries = make(values);
            // Holding the array keeps its buffers alive, so that an equal pointer means an equal dictionary.
            self.values = Some(values.clone());
        }
        &mut self.entries
    }
}

/// A column by its dictionary: the values, and the entry of each row.
fn by_dictionary(column: &ArrayRef) -> Option<(&StringArray, Vec<u32>)> {
    let dictionary = column.as_any().downcast_ref::<DictionaryArray<Int32Type>>()?;
    let values = dictionary.values().as_string_opt::<i32>()?;
    let ids = dictionary.keys().iter().map(|key| key.and_then(|key| u32::try_from(key).ok()).unwrap_or(u32::MAX));
    Some((values, ids.collect()))
}

fn add_addresses<W: Write>(
    first_row: u64,
    column: &ArrayRef,
    held: &mut Dictionary<Vec<Class>>,
    builder: &mut Builder<W>,
) -> Result<(), BuildError> {
    let class = |text: Option<&str>| text.map_or(Class::Nothing, Class::of);
    if let Some((values, ids)) = by_dictionary(column) {
        let classes = held.of(values, |values| values.iter().map(class).collect());
        return Ok(builder.addresses_by_id(first_row, classes, &ids)?);
    }
    let texts = cast(column, &DataType::Utf8)?;
    let classes: Vec<Class> = texts.as_string::<i32>().iter().map(class).collect();
    Ok(builder.addresses(first_row, &classes)?)
}

fn add_urls<W: Write>(
    first_row: u64,
    column: &ArrayRef,
    conversion: &Conversion,
    held: &mut Dictionary<NameTable>,
    builder: &mut Builder<W>,
) -> Result<(), BuildError> {
    if let Some((values, ids)) = by_dictionary(column).filter(|_| *conversion == Conversion::Text) {
        let table = held.of(values, |values| {
            let mut table = NameTable::default();
            values.iter().for_each(|text| table.push(text.map(names_of_url).unwrap_or_default()));
            table
        });
        return Ok(builder.names_by_id(first_row, table, &ids)?);
    }
    let texts = conversion.apply(column)?;
    for (row, text) in (first_row..).zip(texts.as_string::<i32>()) {
        for name in text.map(names_of_url).unwrap_or_default() {
            builder.name(row, &name)?;
        }
    }
    Ok(())
}
