//! The table of indicators as one Parquet file. The same table gives the same bytes.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray, UInt16Array,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use serde::Serialize;

use super::super::IntelTable;
use super::{COLUMNS, KEY, VERSION};
use crate::model::coverage::IntelSource;
use crate::model::indicator::IndicatorRef;
use crate::model::{Micros, Prefix};

/// Rows that are laid out at once.
const BATCH_ROWS: usize = 1 << 16;

/// Where the rows come from.
#[derive(Serialize)]
struct Provenance<'a> {
    version: u32,
    tool: &'static str,
    sources: &'a [IntelSource],
}

/// Writes the whole table, its sources' facts with it.
///
/// # Errors
/// What the output reports.
pub fn write(table: &IntelTable, out: impl Write + Send) -> Result<(), ParquetError> {
    let tool = concat!("coldtrail ", env!("CARGO_PKG_VERSION"));
    let provenance = Provenance { version: VERSION, tool, sources: &table.facts };
    let provenance = serde_json::to_string(&provenance).map_err(|error| ParquetError::External(Box::new(error)))?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_key_value_metadata(Some(vec![KeyValue::new(KEY.to_owned(), provenance)]))
        .set_created_by(tool.to_owned())
        .build();
    let schema = schema();
    let mut writer = ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties))?;
    let mut rows = table.indicators.iter();
    loop {
        let batch: Vec<IndicatorRef<'_>> = rows.by_ref().take(BATCH_ROWS).collect();
        if batch.is_empty() {
            break;
        }
        writer.write(&RecordBatch::try_new(Arc::clone(&schema), columns(&batch))?)?;
    }
    writer.close()?;
    Ok(())
}

fn schema() -> SchemaRef {
    let field = |name: &&str| {
        let data_type = match *name {
            "TI_Confidence" => DataType::Float64,
            "ValidFrom" | "ValidUntil" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            "Port" => DataType::UInt16,
            "ToIds" => DataType::Boolean,
            _ => DataType::Utf8,
        };
        Field::new(*name, data_type, true)
    };
    Arc::new(Schema::new(COLUMNS.iter().map(field).collect::<Vec<_>>()))
}

fn columns(rows: &[IndicatorRef<'_>]) -> Vec<ArrayRef> {
    fn text(rows: &[IndicatorRef<'_>], of: for<'a> fn(&IndicatorRef<'a>) -> Option<&'a str>) -> ArrayRef {
        Arc::new(rows.iter().map(of).collect::<StringArray>())
    }
    let prefixes = |of: fn(&IndicatorRef<'_>) -> Option<Prefix>| -> ArrayRef {
        Arc::new(rows.iter().map(|row| of(row).map(|prefix| prefix.to_string())).collect::<StringArray>())
    };
    let times = |of: fn(&IndicatorRef<'_>) -> Option<Micros>| -> ArrayRef {
        let times: TimestampMicrosecondArray = rows.iter().map(|row| of(row).map(|time| time.0)).collect();
        Arc::new(times.with_timezone("UTC"))
    };
    vec![
        text(rows, |row| Some(row.value)),
        text(rows, |row| Some(row.kind.as_str())),
        prefixes(|row| row.prefix),
        Arc::new(rows.iter().map(|row| row.confidence).collect::<Float64Array>()),
        text(rows, |row| row.threat_type),
        text(rows, |row| row.tlp),
        text(rows, |row| row.tags),
        text(rows, |row| row.name),
        text(rows, |row| row.source),
        text(rows, |row| row.id),
        times(|row| row.valid_from),
        times(|row| row.valid_until),
        text(rows, |row| Some(row.state.as_str())),
        Arc::new(rows.iter().map(|row| row.port).collect::<UInt16Array>()),
        Arc::new(rows.iter().map(|row| row.to_ids).collect::<BooleanArray>()),
        prefixes(|row| row.also),
        text(rows, |row| row.target_name),
    ]
}
