//! Intervals as columns, and back with every value checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch, StringArray, StringViewArray, TimestampMicrosecondArray, UInt16Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit, TimestampMicrosecondType, UInt16Type};
use arrow::error::ArrowError;

use crate::model::prefix::{PrivateRanges, Refusal};
use crate::model::relay::Role;
use crate::model::{Micros, Prefix, RelayInterval};

const PREFIX: &str = "Prefix";
const ROLE: &str = "Role";
const SEEN_FROM: &str = "SeenFrom";
const SEEN_TO: &str = "SeenTo";
const OBSERVED_BY: &str = "ObservedBy";
const PORT: &str = "Port";
const SOURCE: &str = "Source";

/// The longest text of a row: paths may be long, nothing else is.
const TEXT_BYTES_MAX: usize = 4096;

/// 1970 to 9999: what a time can be that people write.
const TIMES: std::ops::Range<i64> = 0..253_402_300_800_000_000;

const NO_ROLE: &str = "not a role";
const NO_TIMES: &str = "times that are no interval";
const NO_TEXT: &str = "text missing or too long";

fn schema(text: &DataType) -> SchemaRef {
    let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    Arc::new(Schema::new(vec![
        Field::new(PREFIX, text.clone(), false),
        Field::new(ROLE, text.clone(), false),
        Field::new(SEEN_FROM, time.clone(), true),
        Field::new(SEEN_TO, time, true),
        Field::new(OBSERVED_BY, text.clone(), false),
        Field::new(PORT, DataType::UInt16, true),
        Field::new(SOURCE, text.clone(), false),
    ]))
}

/// The columns as written.
pub(super) fn written() -> SchemaRef {
    schema(&DataType::Utf8)
}

/// The file's own columns with texts as views, so that a long text repeated a million times is read once. The error is
/// the column that is missing or of another type.
pub(super) fn read_as(file: &SchemaRef) -> Result<SchemaRef, &'static str> {
    let wanted = written();
    for (field, name) in wanted.fields().iter().zip([PREFIX, ROLE, SEEN_FROM, SEEN_TO, OBSERVED_BY, PORT, SOURCE]) {
        if !file.field_with_name(name).is_ok_and(|found| found.data_type() == field.data_type()) {
            return Err(name);
        }
    }
    let fields = file.fields().iter().map(|field| match field.data_type() {
        DataType::Utf8 => Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8View)),
        _ => Arc::clone(field),
    });
    Ok(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
}

/// Intervals as a batch of [`written`].
pub(super) fn batch(intervals: &[RelayInterval]) -> Result<RecordBatch, ArrowError> {
    let texts = |text: fn(&RelayInterval) -> &str| StringArray::from_iter_values(intervals.iter().map(text));
    let times = |time: fn(&RelayInterval) -> Option<Micros>| {
        let times = intervals.iter().map(|interval| time(interval).map(|time| time.0));
        TimestampMicrosecondArray::from_iter(times).with_timezone("UTC")
    };
    let prefixes = intervals.iter().map(|interval| interval.prefix.to_string());
    RecordBatch::try_new(
        written(),
        vec![
            Arc::new(StringArray::from_iter_values(prefixes)),
            Arc::new(texts(|interval| interval.role.as_str())),
            Arc::new(times(|interval| interval.seen_from)),
            Arc::new(times(|interval| interval.seen_to)),
            Arc::new(texts(|interval| &interval.observed_by)),
            Arc::new(UInt16Array::from_iter(intervals.iter().map(|interval| interval.port))),
            Arc::new(texts(|interval| &interval.source)),
        ],
    )
}

/// The columns of a batch that was read.
struct Columns<'a> {
    prefix: &'a StringViewArray,
    role: &'a StringViewArray,
    seen_from: &'a TimestampMicrosecondArray,
    seen_to: &'a TimestampMicrosecondArray,
    observed_by: &'a StringViewArray,
    port: &'a UInt16Array,
    source: &'a StringViewArray,
}

impl<'a> Columns<'a> {
    fn of(batch: &'a RecordBatch) -> Option<Self> {
        let text = |name| batch.column_by_name(name)?.as_string_view_opt();
        let time = |name| batch.column_by_name(name)?.as_primitive_opt::<TimestampMicrosecondType>();
        Some(Self {
            prefix: text(PREFIX)?,
            role: text(ROLE)?,
            seen_from: time(SEEN_FROM)?,
            seen_to: time(SEEN_TO)?,
            observed_by: text(OBSERVED_BY)?,
            port: batch.column_by_name(PORT)?.as_primitive_opt::<UInt16Type>()?,
            source: text(SOURCE)?,
        })
    }

    fn interval(&self, row: usize) -> Result<RelayInterval, &'static str> {
        let text = |column: &'a StringViewArray| {
            let text = (!column.is_null(row)).then(|| column.value(row));
            text.filter(|text| text.len() <= TEXT_BYTES_MAX).ok_or(NO_TEXT)
        };
        let time = |column: &TimestampMicrosecondArray| (!column.is_null(row)).then(|| Micros(column.value(row)));
        let (seen_from, seen_to) = (time(self.seen_from), time(self.seen_to));
        let is_interval = match (seen_from, seen_to) {
            (None, None) => true,
            (Some(from), Some(to)) => from <= to && TIMES.contains(&from.0) && TIMES.contains(&to.0),
            _ => false,
        };
        if !is_interval {
            return Err(NO_TIMES);
        }
        Ok(RelayInterval {
            prefix: Prefix::parse_listed(text(self.prefix)?, PrivateRanges::Refuse).map_err(Refusal::reason)?,
            role: text(self.role)?.parse::<Role>().map_err(|()| NO_ROLE)?,
            seen_from,
            seen_to,
            observed_by: text(self.observed_by)?.into(),
            port: (!self.port.is_null(row)).then(|| self.port.value(row)),
            source: text(self.source)?.into(),
        })
    }
}

/// Adds the rows of a batch that make sense and counts the others by reason.
pub(super) fn intervals(
    batch: &RecordBatch,
    intervals: &mut Vec<RelayInterval>,
    refused: &mut BTreeMap<&'static str, u64>,
) -> Result<(), ArrowError> {
    let columns = Columns::of(batch).ok_or_else(|| ArrowError::SchemaError("columns of other types".into()))?;
    for row in 0..batch.num_rows() {
        match columns.interval(row) {
            Ok(interval) => intervals.push(interval),
            Err(reason) => *refused.entry(reason).or_default() += 1,
        }
    }
    Ok(())
}
