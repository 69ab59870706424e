//! Whole numbers and ports from integers, doubles and text (`443`, `443.0`, `"443.0"`).

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use arrow::error::ArrowError;

use super::{as_utf8, cast_safely, is_textual};

pub(super) fn convert(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let data_type = array.data_type();
    let out: Int64Array = if is_textual(data_type) {
        let text = as_utf8(array)?;
        text.as_string::<i32>().iter().map(|value| value.and_then(parse)).collect()
    } else if data_type.is_floating() {
        let floats = cast_safely(array, &DataType::Float64)?;
        floats.as_primitive::<Float64Type>().iter().map(|value| value.and_then(whole)).collect()
    } else {
        return cast_safely(array, &DataType::Int64);
    };
    Ok(Arc::new(out))
}

pub(super) fn convert_port(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let numbers = convert(array)?;
    let ports = numbers.as_primitive::<Int64Type>().iter().map(|n| n.filter(|n| (0..=65535).contains(n)));
    Ok(Arc::new(ports.collect::<Int64Array>()))
}

fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse().ok().and_then(whole))
}

/// The whole number that a double is; a fraction or a number beyond 2^63 is none.
fn whole(number: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and inside the range of i64")]
    (number.fract() == 0.0 && number.abs() < 9.2e18).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Float64Array, LargeStringArray};

    #[test]
    fn a_port_is_a_whole_number_in_any_type() {
        let text: ArrayRef =
            Arc::new(LargeStringArray::from(vec!["443", "443.0", " 80 ", "", "http", "65536", "-1", "4.5"]));
        let ports = convert_port(&text).unwrap();
        let ports: Vec<_> = ports.as_primitive::<Int64Type>().iter().collect();
        assert_eq!(ports, [Some(443), Some(443), Some(80), None, None, None, None, None]);
        let doubles: ArrayRef = Arc::new(Float64Array::from(vec![443.0, 4.5, f64::NAN]));
        let ports = convert_port(&doubles).unwrap();
        assert_eq!(ports.as_primitive::<Int64Type>().iter().collect::<Vec<_>>(), [Some(443), None, None]);
    }
}
