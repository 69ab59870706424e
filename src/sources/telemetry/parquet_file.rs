//! One Parquet file of the archive, described from its footer.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::datatypes::{Field, SchemaRef};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::file::metadata::ParquetMetaData;

use super::columns;
use super::convert::Conversion;
use super::dataset::{Content, Description};
use super::footer::{Fault, Footer, Footers};
use super::object::Object;
use super::shape::{self, FileColumns, Spelling};
use super::{Units, epoch, times};

/// The Parquet files of an archive, one after the other: those of one writer have the same columns, and what was found out
/// of the file before serves the next.
#[derive(Debug, Default)]
pub(super) struct ParquetFiles {
    footers: Footers,
    last: Mutex<Option<(Evidence, Arc<FileColumns>)>>,
}

/// All that decides on what a file's columns are.
#[derive(Clone, Debug, PartialEq)]
struct Evidence {
    /// As the file's writer meant it.
    schema: SchemaRef,
    units: Units,
    int96: Vec<String>,
    /// Columns of addresses that are dictionaries throughout.
    dictionaries: Vec<String>,
}

impl ParquetFiles {
    /// Reads footers, with their hash if `is_hashed`.
    pub(super) fn new(is_hashed: bool) -> Self {
        Self { footers: Footers::new(is_hashed), last: Mutex::default() }
    }

    /// Reads the footer and what it says.
    pub(super) async fn describe(&self, object: &Arc<Object>) -> Result<Description, Fault> {
        let broken = |error: &dyn std::fmt::Display| Fault::Broken(error.to_string());
        let Footer { metadata, sha256 } = self.footers.read(object).await?;
        let schema = arrow_schema(&metadata).map_err(|error| broken(&error))?;
        let units = epoch::units(object, &metadata, &schema).await.map_err(|error| broken(&error))?;
        let columns = self.columns(Evidence {
            int96: times::int96_columns(&metadata).map(str::to_owned).collect(),
            dictionaries: shape::address_dictionaries(&schema, &metadata),
            schema: Arc::clone(&schema),
            units,
        });
        let candidates = &columns.candidates;
        let address = candidates.iter().find(|candidate| candidate.table_name == columns::REMOTE_IP);
        if let Some(nested) =
            address.filter(|address| shape::value_type(schema.field(address.index).data_type()).is_nested())
        {
            let name = schema.field(nested.index).name();
            return Err(Fault::Broken(format!(
                "its {name} is stored as {}, and an event has one address as text",
                nested.form
            )));
        }
        let time = candidates.iter().find(|c| c.table_name == columns::TIMESTAMP).and_then(|c| match c.conversion {
            Conversion::Time(form) => Some((schema.field(c.index).name().as_str(), form)),
            _ => None,
        });
        let row_groups = times::row_groups(&metadata, &schema, time);
        Ok(Description { content: Content::Parquet(metadata), footer_sha256: sha256, columns, row_groups })
    }

    fn columns(&self, evidence: Evidence) -> Arc<FileColumns> {
        let lock = || self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, columns)) = lock().as_ref().filter(|(last, _)| *last == evidence) {
            return Arc::clone(columns);
        }
        let columns = Arc::new(evidence.columns());
        *lock() = Some((evidence, Arc::clone(&columns)));
        columns
    }
}

impl Evidence {
    fn columns(&self) -> FileColumns {
        let is_int96 = |field: &Field| self.int96.contains(field.name());
        let is_dictionary = |field: &Field| self.dictionaries.contains(field.name());
        let read_schema = shape::read_schema(&self.schema, is_int96, is_dictionary);
        let spelling = Spelling {
            time: &|field| shape::time_form(field, &|name| epoch::unit(&self.units, name)),
            word: &|field| is_int96(field).then(|| "INT96".to_owned()),
        };
        FileColumns { candidates: shape::candidates(&read_schema, &spelling), read_schema }
    }
}

/// The schema as the file's writer meant it, or by its Parquet types alone where that part of the footer is damaged.
fn arrow_schema(metadata: &Arc<ParquetMetaData>) -> Result<SchemaRef, parquet::errors::ParquetError> {
    let read =
        |options| ArrowReaderMetadata::try_new(Arc::clone(metadata), options).map(|read| Arc::clone(read.schema()));
    read(ArrowReaderOptions::new()).or_else(|_| read(ArrowReaderOptions::new().with_skip_arrow_metadata(true)))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
    use arrow::datatypes::DataType;
    use parquet::arrow::ArrowWriter;
    use parquet::file::properties::WriterProperties;
    use tempfile::TempDir;

    use super::super::dataset::open_folder;
    use super::*;
    use crate::model::time::EpochUnit;
    use crate::sources::telemetry::convert::TimeForm;

    fn write(path: &Path, time: i64, has_dictionary: bool) {
        let (time, address) = (Int64Array::from(vec![time; 2]), StringArray::from(vec!["198.51.100.7"; 2]));
        let columns: [(&str, ArrayRef); 2] = [("Timestamp", Arc::new(time)), ("RemoteIP", Arc::new(address))];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let properties = WriterProperties::builder().set_dictionary_enabled(has_dictionary).build();
        let mut writer =
            ArrowWriter::try_new(fs::File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }

    #[tokio::test]
    async fn files_of_one_schema_have_the_same_columns_only_where_all_else_is_equal() {
        let folder = TempDir::new().unwrap();
        let (seconds, millis) = (1_784_369_101, 1_784_369_101_000);
        for (name, time, has_dictionary) in [
            ("a", seconds, true),
            ("b", seconds, true),
            ("c", millis, true),
            ("d", seconds, true),
            ("e", seconds, false),
        ] {
            write(&folder.path().join(format!("{name}.parquet")), time, has_dictionary);
        }
        let files = open_folder(folder.path()).await.files;
        let parquet = ParquetFiles::default();
        let mut described = Vec::new();
        for file in &files {
            described.push(parquet.describe(&file.object).await.unwrap().columns);
        }
        let [a, b, c, d, e] = described.as_slice() else { panic!("{}", described.len()) };
        assert!(Arc::ptr_eq(a, b), "found out once");
        assert_eq!(a, d);
        let form = |columns: &FileColumns| match columns.candidates.iter().find(|c| c.table_name == columns::TIMESTAMP)
        {
            Some(time) => time.conversion.clone(),
            None => panic!("no time"),
        };
        assert_eq!(form(a), Conversion::Time(TimeForm::Epoch(EpochUnit::Seconds)));
        assert_eq!(form(c), Conversion::Time(TimeForm::Epoch(EpochUnit::Millis)));
        let address = |columns: &FileColumns| columns.read_schema.field(1).data_type().clone();
        assert!(matches!(address(a), DataType::Dictionary(..)) && address(e) == DataType::Utf8);
    }
}
