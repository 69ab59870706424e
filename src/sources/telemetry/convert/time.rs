//! Event times: typed timestamps of any unit, ISO text, and epoch numbers whose unit is decided per file.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit, TimestampNanosecondType, TimestampSecondType};
use arrow::error::ArrowError;

use super::{as_utf8, cast_safely};
use crate::model::Micros;
use crate::model::time::{DateOrder, EpochUnit};
use crate::sources::telemetry::records::portal_time;

/// Years 1 to 9999. What lies outside is no time that anybody meant, and calendars refuse it.
const CALENDAR: std::ops::RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;

/// How a file writes its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeForm {
    /// A timestamp or date type; a missing zone is UTC.
    Typed,
    /// ISO 8601 text.
    Iso,
    /// Numbers of this unit since 1970.
    Epoch(EpochUnit),
    /// What a text export holds.
    Text(TextTimes),
}

/// How a text export writes its times. ISO 8601 is always read; the two others need to know something of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TextTimes {
    /// What a number counts.
    pub unit: EpochUnit,
    /// How 4/5/2026 is read; `None` where the file has no such date.
    pub order: Option<DateOrder>,
}

impl TextTimes {
    fn read(self, text: &str) -> Option<i64> {
        if let Some(time) = Micros::parse(text) {
            return Some(time.0);
        }
        let text = text.trim();
        if let Ok(number) = text.parse::<i64>() {
            return self.unit.instant(number);
        }
        if let Ok(number) = text.parse::<f64>() {
            return self.unit.instant_f64(number);
        }
        portal_time::parse(text, self.order?).map(|time| time.0)
    }
}

pub(super) fn convert(array: &ArrayRef, form: TimeForm) -> Result<ArrayRef, ArrowError> {
    let micros: TimestampMicrosecondArray = match form {
        TimeForm::Typed => typed(array)?,
        TimeForm::Iso => {
            let text = as_utf8(array)?;
            text.as_string::<i32>().iter().map(|value| value.and_then(Micros::parse).map(|time| time.0)).collect()
        }
        TimeForm::Text(times) => {
            let text = as_utf8(array)?;
            text.as_string::<i32>().iter().map(|value| value.and_then(|value| times.read(value))).collect()
        }
        TimeForm::Epoch(unit) if array.data_type().is_floating() => {
            let numbers = cast_safely(array, &DataType::Float64)?;
            numbers.as_primitive::<Float64Type>().iter().map(|n| n.and_then(|n| unit.instant_f64(n))).collect()
        }
        TimeForm::Epoch(unit) => {
            let numbers = cast_safely(array, &DataType::Int64)?;
            numbers.as_primitive::<Int64Type>().iter().map(|n| n.and_then(|n| unit.instant(n))).collect()
        }
    };
    let readable = micros.iter().map(|time| time.filter(|time| CALENDAR.contains(time)));
    Ok(Arc::new(readable.collect::<TimestampMicrosecondArray>().with_timezone("UTC")))
}

/// Arrow's own casts round toward zero, which is up before 1970, and refuse a zone for some types; only the unit matters
/// here, since a typed timestamp is UTC with and without a zone.
fn typed(array: &ArrayRef) -> Result<TimestampMicrosecondArray, ArrowError> {
    let without_zone = match array.data_type() {
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            let nanos = array.as_primitive::<TimestampNanosecondType>();
            return Ok(nanos.iter().map(|n| n.map(|n| n.div_euclid(1_000))).collect());
        }
        DataType::Timestamp(TimeUnit::Second, _) => {
            let seconds = array.as_primitive::<TimestampSecondType>();
            return Ok(seconds.iter().map(|n| n.and_then(|n| n.checked_mul(1_000_000))).collect());
        }
        DataType::Timestamp(unit, _) => DataType::Timestamp(*unit, None),
        other => other.clone(),
    };
    let array = cast_safely(array, &without_zone)?;
    let micros = cast_safely(&array, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
    Ok(micros.as_primitive().clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Float64Array, Int64Array, StringArray, TimestampMillisecondArray, TimestampNanosecondArray};
    use arrow::datatypes::TimestampMicrosecondType;

    const NOON: i64 = 1_784_376_000_000_000;

    fn micros(array: ArrayRef, form: TimeForm) -> Vec<Option<i64>> {
        convert(&array, form).unwrap().as_primitive::<TimestampMicrosecondType>().iter().collect()
    }

    #[test]
    fn every_form_is_the_same_instant() {
        let want = [Some(NOON)];
        assert_eq!(micros(Arc::new(TimestampMillisecondArray::from(vec![NOON / 1000])), TimeForm::Typed), want);
        assert_eq!(micros(Arc::new(TimestampNanosecondArray::from(vec![NOON * 1000 + 999])), TimeForm::Typed), want);
        assert_eq!(micros(Arc::new(StringArray::from(vec!["2026-07-18T12:00:00.0000009Z"])), TimeForm::Iso), want);
        assert_eq!(
            micros(Arc::new(Int64Array::from(vec![NOON / 1_000_000])), TimeForm::Epoch(EpochUnit::Seconds)),
            want
        );
        assert_eq!(
            micros(Arc::new(Float64Array::from(vec![1_784_376_000.0])), TimeForm::Epoch(EpochUnit::Seconds)),
            want
        );
        let zoned = TimestampMillisecondArray::from(vec![NOON / 1000]).with_timezone("+05:00");
        assert_eq!(micros(Arc::new(zoned), TimeForm::Typed), want);
    }

    #[test]
    fn a_text_export_may_hold_every_form_of_one_instant() {
        let times = TextTimes { unit: EpochUnit::Millis, order: Some(DateOrder::DayFirst) };
        let texts = [
            "2026-07-18T12:00:00.0000009Z",
            "1784376000000",
            "1784376000000.0",
            "18/07/2026 12:00:00",
            " 2026-07-18T14:00:00+02:00 ",
        ];
        let read = micros(Arc::new(StringArray::from(texts.to_vec())), TimeForm::Text(times));
        assert_eq!(read, [Some(NOON); 5]);
        let unread = StringArray::from(vec![Some("noon"), Some(""), Some("NaN"), Some("inf"), None]);
        assert_eq!(micros(Arc::new(unread), TimeForm::Text(times)), [None; 5]);
    }

    #[test]
    fn a_time_outside_the_calendar_is_none() {
        let times = vec![i64::MIN, -62_135_596_800_000_001, -62_135_596_800_000_000, 253_402_300_799_999_999, i64::MAX];
        let read = micros(Arc::new(TimestampMicrosecondArray::from(times)), TimeForm::Typed);
        assert_eq!(read, [None, None, Some(-62_135_596_800_000_000), Some(253_402_300_799_999_999), None]);
    }

    #[test]
    fn nanoseconds_are_cut_downward_before_1970_too() {
        assert_eq!(micros(Arc::new(TimestampNanosecondArray::from(vec![-1])), TimeForm::Typed), [Some(-1)]);
    }
}
