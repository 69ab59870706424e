//! When two rows are copies of one event: equal DeviceId, ReportId, Timestamp cut to milliseconds, ActionType, RemoteIP,
//! RemotePort and LocalPort, of which DeviceId and ReportId must be there.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Schema, TimestampMicrosecondType};
use arrow::row::{OwnedRow, RowConverter, Rows, SortField};
use datafusion::common::Result;

/// The columns of the key. The time is first, so that rows come out in the order of time.
pub(super) const KEY: [&str; 7] =
    ["Timestamp", "DeviceId", "ReportId", "ActionType", "RemoteIP", "RemotePort", "LocalPort"];

/// The keys of a batch, and which rows have one.
pub(super) struct Keys {
    pub(super) rows: Rows,
    pub(super) comparable: Vec<bool>,
}

/// Turns key columns into comparable bytes.
#[derive(Debug)]
pub(super) struct KeyReader {
    converter: RowConverter,
}

impl KeyReader {
    pub(super) fn new(schema: &Schema) -> Result<Self> {
        let fields = KEY
            .iter()
            .map(|name| {
                let data_type = if *name == "Timestamp" {
                    DataType::Int64
                } else {
                    schema.field_with_name(name)?.data_type().clone()
                };
                Ok(SortField::new(data_type))
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Self { converter: RowConverter::new(fields)? })
    }

    pub(super) fn keys(&self, batch: &RecordBatch) -> Result<Keys> {
        let columns = KEY.iter().map(|name| column(batch, name)).collect::<Result<Vec<_>>>()?;
        let rows = self.converter.convert_columns(&columns)?;
        let (devices, reports) = (column(batch, "DeviceId")?, column(batch, "ReportId")?);
        let devices = devices.as_string::<i32>();
        let comparable = (0..batch.num_rows())
            .map(|row| devices.is_valid(row) && !devices.value(row).is_empty() && reports.is_valid(row))
            .collect();
        Ok(Keys { rows, comparable })
    }
}

/// The key of the row before, across batches.
#[derive(Default)]
pub(super) struct Before {
    key: Option<OwnedRow>,
}

impl Before {
    /// Which rows of the sorted batch are kept: the first of each run of equal keys.
    pub(super) fn keep(&mut self, keys: &Keys) -> Vec<bool> {
        let mut keep = Vec::with_capacity(keys.comparable.len());
        for (row, comparable) in keys.rows.iter().zip(&keys.comparable) {
            let copy = *comparable && self.key.as_ref().is_some_and(|before| before.row() == row);
            if !copy {
                self.key = comparable.then(|| row.owned());
            }
            keep.push(!copy);
        }
        keep
    }
}

fn column(batch: &RecordBatch, name: &str) -> Result<ArrayRef> {
    let array = batch.column(batch.schema_ref().index_of(name)?);
    if name != "Timestamp" {
        return Ok(Arc::clone(array));
    }
    let millis = array.as_primitive::<TimestampMicrosecondType>().iter().map(|time| time.map(|t| t.div_euclid(1_000)));
    Ok(Arc::new(millis.collect::<Int64Array>()))
}
