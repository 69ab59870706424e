//! One Parquet file of the archive, described from its footer.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::file::metadata::ParquetMetaData;

use super::columns;
use super::convert::Conversion;
use super::dataset::{Content, Description};
use super::footer::{Fault, Footer, Footers};
use super::object::Object;
use super::shape::{self, FileColumns, Spelling};
use super::{epoch, times};

/// Reads the footer and what it says.
pub(super) async fn describe(object: &Arc<Object>, footers: &Footers) -> Result<Description, Fault> {
    let broken = |error: &dyn std::fmt::Display| Fault::Broken(error.to_string());
    let Footer { metadata, sha256 } = footers.read(object).await?;
    let schema = arrow_schema(&metadata).map_err(|error| broken(&error))?;
    let read_schema = shape::read_schema(&schema, &metadata);
    let units = epoch::units(object, &metadata, &schema).await.map_err(|error| broken(&error))?;
    let spelling = Spelling {
        time: &|field| shape::time_form(field, &|name| epoch::unit(&units, name)),
        word: &|field| times::is_int96(&metadata, field.name()).then(|| "INT96".to_owned()),
    };
    let candidates = shape::candidates(&read_schema, &spelling);
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
    let columns = FileColumns { read_schema, candidates };
    Ok(Description { content: Content::Parquet(metadata), footer_sha256: sha256, columns, row_groups })
}

/// The schema as the file's writer meant it, or by its Parquet types alone where that part of the footer is damaged.
fn arrow_schema(metadata: &Arc<ParquetMetaData>) -> Result<SchemaRef, parquet::errors::ParquetError> {
    let read =
        |options| ArrowReaderMetadata::try_new(Arc::clone(metadata), options).map(|read| Arc::clone(read.schema()));
    read(ArrowReaderOptions::new()).or_else(|_| read(ArrowReaderOptions::new().with_skip_arrow_metadata(true)))
}
