//! One cell of an Arrow array, whatever its type: the only place that matches on Arrow types.
//!
//! Formats ask a cell for its [`Value`] and never look at arrays. Lists are never null (an absent set is an empty one);
//! times of every unit are instants in UTC, cut to microseconds.

pub(super) mod json;
pub(super) mod text;

use std::borrow::Cow;
use std::ops::Range;

use arrow::array::{Array, ArrayRef, AsArray, StructArray};
use arrow::datatypes::{
    DataType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::model::Micros;
use crate::model::time::EpochUnit;

/// A place in an array.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    array: &'a dyn Array,
    row: usize,
}

/// What stands in a cell.
pub(super) enum Value<'a> {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number that may lie above `i64`.
    Unsigned(u64),
    /// A number.
    Float(f64),
    /// Text from the data: hostile.
    Text(Cow<'a, str>),
    /// Text made from a date, a decimal or bytes: harmless.
    Literal(String),
    /// A set or list.
    List(Elements<'a>),
    /// Named fields.
    Struct(&'a StructArray, usize),
}

/// The elements of a list.
#[derive(Clone)]
pub(super) struct Elements<'a> {
    values: Option<&'a ArrayRef>,
    rows: Range<usize>,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Cell<'a>;

    fn next(&mut self) -> Option<Cell<'a>> {
        let values = self.values?;
        self.rows.next().map(|row| Cell::new(values.as_ref(), row))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows.size_hint()
    }
}

impl ExactSizeIterator for Elements<'_> {}

impl<'a> Cell<'a> {
    pub(super) const fn new(array: &'a dyn Array, row: usize) -> Self {
        Self { array, row }
    }

    /// What stands here.
    pub(super) fn value(self) -> Value<'a> {
        let Self { array, row } = self;
        if let Some(elements) = self.list() {
            return Value::List(elements);
        }
        if array.data_type() == &DataType::Null || array.is_null(row) {
            return Value::Null;
        }
        match array.data_type() {
            DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
            DataType::Utf8 => Value::Text(array.as_string::<i32>().value(row).into()),
            DataType::LargeUtf8 => Value::Text(array.as_string::<i64>().value(row).into()),
            DataType::Utf8View => Value::Text(array.as_string_view().value(row).into()),
            DataType::Struct(_) => Value::Struct(array.as_struct(), row),
            DataType::Timestamp(unit, _) => self.instant(*unit),
            DataType::Dictionary(_, _) => {
                let dictionary = array.as_any_dictionary();
                let key = Cell::new(dictionary.keys(), row).int().and_then(|key| usize::try_from(key).ok());
                key.map_or(Value::Null, |key| Cell::new(dictionary.values().as_ref(), key).value())
            }
            _ => self.number().unwrap_or_else(|| self.other()),
        }
    }

    fn list(self) -> Option<Elements<'a>> {
        let Self { array, row } = self;
        let (values, rows) = match array.data_type() {
            DataType::List(_) => {
                let list = array.as_list::<i32>();
                let at = |index: usize| {
                    list.value_offsets().get(index).and_then(|o| usize::try_from(*o).ok()).unwrap_or_default()
                };
                (list.values(), at(row)..at(row + 1))
            }
            DataType::LargeList(_) => {
                let list = array.as_list::<i64>();
                let at = |index: usize| {
                    list.value_offsets().get(index).and_then(|o| usize::try_from(*o).ok()).unwrap_or_default()
                };
                (list.values(), at(row)..at(row + 1))
            }
            DataType::FixedSizeList(_, size) => {
                let size = usize::try_from(*size).unwrap_or_default();
                (array.as_fixed_size_list().values(), row * size..(row + 1) * size)
            }
            _ => return None,
        };
        let empty = Elements { values: None, rows: 0..0 };
        Some(if array.is_null(row) { empty } else { Elements { values: Some(values), rows } })
    }

    fn number(self) -> Option<Value<'a>> {
        let Self { array, row } = self;
        Some(match array.data_type() {
            DataType::Int8 => Value::Int(array.as_primitive::<Int8Type>().value(row).into()),
            DataType::Int16 => Value::Int(array.as_primitive::<Int16Type>().value(row).into()),
            DataType::Int32 => Value::Int(array.as_primitive::<Int32Type>().value(row).into()),
            DataType::Int64 => Value::Int(array.as_primitive::<Int64Type>().value(row)),
            DataType::UInt8 => Value::Int(array.as_primitive::<UInt8Type>().value(row).into()),
            DataType::UInt16 => Value::Int(array.as_primitive::<UInt16Type>().value(row).into()),
            DataType::UInt32 => Value::Int(array.as_primitive::<UInt32Type>().value(row).into()),
            DataType::UInt64 => Value::Unsigned(array.as_primitive::<UInt64Type>().value(row)),
            DataType::Float16 => short_float(&array.as_primitive::<Float16Type>().value(row).to_string()),
            DataType::Float32 => short_float(&array.as_primitive::<Float32Type>().value(row).to_string()),
            DataType::Float64 => Value::Float(array.as_primitive::<Float64Type>().value(row)),
            _ => return None,
        })
    }

    fn instant(self, unit: TimeUnit) -> Value<'a> {
        let Self { array, row } = self;
        let (number, unit) = match unit {
            TimeUnit::Second => (array.as_primitive::<TimestampSecondType>().value(row), EpochUnit::Seconds),
            TimeUnit::Millisecond => (array.as_primitive::<TimestampMillisecondType>().value(row), EpochUnit::Millis),
            TimeUnit::Microsecond => (array.as_primitive::<TimestampMicrosecondType>().value(row), EpochUnit::Micros),
            TimeUnit::Nanosecond => (array.as_primitive::<TimestampNanosecondType>().value(row), EpochUnit::Nanos),
        };
        Value::Literal(unit.instant(number).map_or_else(|| number.to_string(), |micros| Micros(micros).to_string()))
    }

    /// Types that no hunt has and a query may: Arrow's own spelling.
    fn other(self) -> Value<'a> {
        let options = FormatOptions::default();
        let spelled = ArrayFormatter::try_new(self.array, &options)
            .and_then(|formatter| formatter.value(self.row).try_to_string());
        let spelled = spelled.unwrap_or_else(|_| format!("({})", self.array.data_type()));
        let kind = self.array.data_type();
        if kind.is_temporal() || kind.is_decimal() || kind.is_binary() {
            Value::Literal(spelled)
        } else {
            Value::Text(spelled.into())
        }
    }

    /// A whole number, if this is one.
    pub(super) fn int(self) -> Option<i64> {
        match self.value() {
            Value::Int(number) => Some(number),
            Value::Unsigned(number) => i64::try_from(number).ok(),
            _ => None,
        }
    }

    /// The elements of a list; none for anything else.
    pub(super) fn elements(self) -> Vec<Self> {
        match self.value() {
            Value::List(elements) => elements.collect(),
            _ => Vec::new(),
        }
    }

    /// A field of a struct by name.
    pub(super) fn field(self, name: &str) -> Option<Self> {
        match self.value() {
            Value::Struct(array, row) => Some(Self::new(array.column_by_name(name)?.as_ref(), row)),
            _ => None,
        }
    }
}

/// The fields of a struct in their order.
pub(super) fn fields(array: &StructArray, row: usize) -> impl ExactSizeIterator<Item = (&str, Cell<'_>)> {
    let cells = array.columns().iter().map(move |column| Cell::new(column.as_ref(), row));
    array.fields().iter().map(|field| field.name().as_str()).zip(cells)
}

/// The double with the shortest spelling of a narrower float: 0.1, not 0.10000000149.
fn short_float(text: &str) -> Value<'static> {
    text.parse().map_or(Value::Null, Value::Float)
}
