//! What row-group statistics say of the event times, read by coldtrail itself.
//!
//! DataFusion's pruner refuses casts from text and takes epoch numbers for what they are not. Statistics may only ever
//! widen a range: text is compared byte by byte, so that its order is the order of time only between dates, and its zone
//! is unknown; INT96 statistics are not ordered at all and are not used.

use std::collections::HashSet;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Schema, TimestampMicrosecondType};
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::basic::Type as PhysicalType;
use parquet::file::metadata::ParquetMetaData;
use parquet::schema::types::{ColumnDescPtr, TypePtr};

use super::columns;
use super::convert::{Conversion, TimeForm};
use crate::model::time::DAY_MICROS;
use crate::model::{Micros, Period};

/// The times of one row group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeBounds {
    /// The earliest time that the statistics name.
    pub first: Micros,
    /// The latest.
    pub last: Micros,
    /// No row is earlier than this.
    pub surely_from: Micros,
    /// No row is later than this.
    pub surely_to: Micros,
    /// Every row has a time, and the bounds are exact: a row group inside the period needs no look at its rows.
    pub exact: bool,
}

/// One row group, as pruning and coverage see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowGroup {
    /// Rows.
    pub rows: u64,
    /// Their times; `None` where statistics do not tell.
    pub times: Option<TimeBounds>,
}

/// Where a row group lies with regard to the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Every row is inside.
    Inside,
    /// Rows have to be looked at one by one.
    Cut,
    /// No row is inside.
    Outside,
}

impl RowGroup {
    /// Where the row group lies.
    #[must_use]
    pub fn place(&self, period: Period) -> Place {
        if period.is_open() {
            return Place::Inside;
        }
        match self.times {
            Some(times) if !period.touches(times.surely_from, times.surely_to) => Place::Outside,
            Some(times) if times.exact && period.covers(times.first, times.last) => Place::Inside,
            _ => Place::Cut,
        }
    }
}

/// The row groups of a file with their times; `column` is the file's time column and how it is written.
pub(super) fn row_groups(
    metadata: &ParquetMetaData,
    schema: &Schema,
    column: Option<(&str, TimeForm)>,
) -> Vec<RowGroup> {
    let bounds = column.and_then(|(name, form)| bounds(metadata, schema, name, form)).unwrap_or_default();
    metadata
        .row_groups()
        .iter()
        .enumerate()
        .map(|(at, group)| RowGroup {
            rows: u64::try_from(group.num_rows()).unwrap_or(0),
            times: bounds.get(at).copied().flatten(),
        })
        .collect()
}

fn bounds(metadata: &ParquetMetaData, schema: &Schema, name: &str, form: TimeForm) -> Option<Vec<Option<TimeBounds>>> {
    if int96_columns(metadata).any(|column| column == name) {
        return None;
    }
    let groups = metadata.row_groups();
    let converter = StatisticsConverter::try_new(name, schema, metadata.file_metadata().schema_descr()).ok()?;
    let (lowest, highest) = (converter.row_group_mins(groups).ok()?, converter.row_group_maxes(groups).ok()?);
    let nulls = converter.row_group_null_counts(groups).ok()?;
    if form == TimeForm::Iso {
        return text_bounds(&lowest, &highest);
    }
    // A double may hold NaN, which no statistics count.
    let counted = !lowest.data_type().is_floating();
    let (lowest, highest) = (instants(&lowest, form)?, instants(&highest, form)?);
    let (lowest, highest) = (
        lowest.as_primitive_opt::<TimestampMicrosecondType>()?,
        highest.as_primitive_opt::<TimestampMicrosecondType>()?,
    );
    let of_group = |at: usize| {
        if lowest.is_null(at) || highest.is_null(at) {
            return None;
        }
        let (first, last) = (lowest.value(at), highest.value(at));
        Some(TimeBounds {
            first: Micros(first),
            last: Micros(last),
            // A double is turned into microseconds with a rounding of its own at both ends; one microsecond covers it.
            surely_from: Micros(first.saturating_sub(1)),
            surely_to: Micros(last.saturating_add(1)),
            exact: counted && !nulls.is_null(at) && nulls.value(at) == 0,
        })
    };
    Some((0..groups.len()).map(of_group).collect())
}

fn instants(values: &ArrayRef, form: TimeForm) -> Option<ArrayRef> {
    Conversion::Time(form).apply(values).ok()
}

/// Text is ordered by its bytes, which is the order of local dates where both ends begin with one. A day on either side
/// covers every zone and every way to write the clock.
fn text_bounds(lowest: &ArrayRef, highest: &ArrayRef) -> Option<Vec<Option<TimeBounds>>> {
    let texts = |values: &ArrayRef| Conversion::Text.apply(values).ok();
    let (lowest, highest) = (texts(lowest)?, texts(highest)?);
    let (lowest, highest) = (lowest.as_string_opt::<i32>()?, highest.as_string_opt::<i32>()?);
    let of_group = |(low, high): (Option<&str>, Option<&str>)| {
        let (low, high) = (low?, high?);
        let (from, to) = (Micros::parse_date(low.get(..10)?)?, Micros::parse_date(high.get(..10)?)?);
        Some(TimeBounds {
            first: Micros::parse(low).unwrap_or(from),
            last: Micros::parse(high).unwrap_or(to),
            surely_from: Micros(from.0 - DAY_MICROS),
            surely_to: Micros(to.0 + 2 * DAY_MICROS),
            exact: false,
        })
    };
    Some(lowest.iter().zip(highest).map(of_group).collect())
}

/// The columns of the type whose statistics have no order.
pub(super) fn int96_columns(metadata: &ParquetMetaData) -> impl Iterator<Item = &str> {
    let columns = metadata.file_metadata().schema_descr().root_schema().get_fields();
    let is_int96 = |column: &&TypePtr| column.is_primitive() && column.get_physical_type() == PhysicalType::INT96;
    columns.iter().filter(is_int96).map(|column| column.name())
}

/// The leaves whose statistics are asked for: those of all columns that may hold times.
pub(super) fn leaves(metadata: &ParquetMetaData) -> HashSet<usize> {
    let leaves = metadata.file_metadata().schema_descr().columns().iter().enumerate();
    let is_time = |leaf: &ColumnDescPtr| match leaf.path().parts() {
        [name] => columns::may_be_time(name),
        _ => false,
    };
    leaves.filter(|(_, leaf)| is_time(leaf)).map(|(at, _)| at).collect()
}

/// The leaf number of a top-level primitive column.
pub(super) fn leaf(metadata: &ParquetMetaData, name: &str) -> Option<usize> {
    metadata.file_metadata().schema_descr().columns().iter().position(|leaf| leaf.path().parts() == [name])
}
