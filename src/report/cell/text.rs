//! A cell as plain text for people and for CSV. Still hostile: whoever writes it neutralises it.

use super::{Cell, Value, fields};
use crate::report::json_text;

/// One line of text for people; `None` for null. Lists are joined by `, `, structs read `name=value`.
pub(in crate::report) fn plain(cell: Cell<'_>) -> Option<String> {
    match cell.value() {
        Value::Null => None,
        Value::Bool(value) => Some(value.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Unsigned(number) => Some(number.to_string()),
        Value::Float(number) => Some(number_for_people(number)),
        Value::Text(text) => Some(text.into_owned()),
        Value::Literal(text) => Some(text),
        Value::List(elements) => {
            Some(elements.map(|cell| plain(cell).unwrap_or_default()).collect::<Vec<_>>().join(", "))
        }
        Value::Struct(array, row) => {
            let known = fields(array, row).filter_map(|(name, cell)| Some(format!("{name}={}", plain(cell)?)));
            Some(known.collect::<Vec<_>>().join(" "))
        }
    }
}

/// The elements of a list, or the cell itself; nothing for null.
pub(in crate::report) fn items(cell: Cell<'_>) -> Vec<String> {
    match cell.value() {
        Value::List(elements) => elements.filter_map(plain).collect(),
        _ => plain(cell).into_iter().collect(),
    }
}

/// Without decimals where it is whole, and without an exponent that nobody reads.
fn number_for_people(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 { format!("{number:.0}") } else { number.to_string() }
}

/// A CSV cell.
pub(in crate::report) enum Csv {
    /// Text from the data: may look like a formula.
    Text(String),
    /// Numbers, times and JSON: written as they are.
    Value(String),
}

/// A cell for CSV: a list or struct is its JSON text, null is empty.
pub(in crate::report) fn csv(cell: Cell<'_>) -> Result<Csv, serde_json::Error> {
    Ok(match cell.value() {
        Value::Null => Csv::Value(String::new()),
        Value::Text(text) => Csv::Text(text.into_owned()),
        Value::Float(number) if !number.is_finite() => Csv::Value(number.to_string()),
        Value::Literal(text) => Csv::Value(text),
        Value::Bool(_) | Value::Int(_) | Value::Unsigned(_) | Value::Float(_) | Value::List(_) | Value::Struct(..) => {
            Csv::Value(json_text::to_string(&cell)?)
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array, Float64Array, Int32Array,
        NullArray, StringViewArray, TimestampMillisecondArray, TimestampNanosecondArray, UInt64Array,
    };
    use arrow::datatypes::Int8Type;

    use super::*;

    #[test]
    fn every_type_of_a_query_has_a_text_and_a_json_form() {
        let keys: DictionaryArray<Int8Type> = vec![Some("a"), None].into_iter().collect();
        let decimal = Decimal128Array::from(vec![-150]).with_precision_and_scale(10, 2).unwrap();
        for (array, text, json) in [
            (Arc::new(NullArray::new(1)) as ArrayRef, None, "null"),
            (Arc::new(BooleanArray::from(vec![true])), Some("true"), "true"),
            (Arc::new(Int32Array::from(vec![-7])), Some("-7"), "-7"),
            (Arc::new(UInt64Array::from(vec![u64::MAX])), Some("18446744073709551615"), "18446744073709551615"),
            (Arc::new(Float64Array::from(vec![85.0])), Some("85"), "85.0"),
            (Arc::new(Float64Array::from(vec![f64::NAN])), Some("NaN"), "null"),
            (Arc::new(Float32Array::from(vec![0.1])), Some("0.1"), "0.1"),
            (Arc::new(StringViewArray::from(vec!["x"])), Some("x"), "\"x\""),
            (Arc::new(keys), Some("a"), "\"a\""),
            (Arc::new(Date32Array::from(vec![1])), Some("1970-01-02"), "\"1970-01-02\""),
            (Arc::new(decimal), Some("-1.50"), "\"-1.50\""),
            (
                Arc::new(TimestampMillisecondArray::from(vec![-1])),
                Some("1969-12-31T23:59:59.999000Z"),
                "\"1969-12-31T23:59:59.999000Z\"",
            ),
            (
                Arc::new(TimestampNanosecondArray::from(vec![1_999])),
                Some("1970-01-01T00:00:00.000001Z"),
                "\"1970-01-01T00:00:00.000001Z\"",
            ),
        ] {
            let cell = Cell::new(array.as_ref(), 0);
            assert_eq!(plain(cell).as_deref(), text, "{}", array.data_type());
            assert_eq!(json_text::to_string(&cell).unwrap(), json, "{}", array.data_type());
        }
    }
}
