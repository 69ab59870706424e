//! Instants in microseconds, the forms in which telemetry writes them, and the period of a hunt.
//!
//! Finer fractions are cut, never rounded; a time without a zone is UTC (DESIGN §3.1, §3.2).

use std::fmt;

use chrono::{DateTime, NaiveDate};
use serde::{Serialize, Serializer};

/// Microseconds of one day.
pub const DAY_MICROS: i64 = 86_400_000_000;

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Micros(pub i64);

impl Micros {
    /// Reads ISO 8601 text: a date, or date and time with `T` or a blank between, 0 to 9 fraction digits, and `Z`,
    /// `±hh:mm`, `±hhmm`, `±hh` or no zone (UTC). `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let date = text.get(..10)?;
        let day = parse_date(date)?;
        let rest = text.get(10..)?;
        if rest.is_empty() {
            return Some(Self(day.checked_mul(DAY_MICROS)?));
        }
        let clock = rest.strip_prefix(['T', 't', ' '])?;
        let (clock, offset_minutes) = split_zone(clock)?;
        let micros = parse_clock(clock)?;
        let local = day.checked_mul(DAY_MICROS)?.checked_add(micros)?;
        Some(Self(local.checked_sub(offset_minutes * 60_000_000)?))
    }

    /// The start of a `YYYY-MM-DD` date.
    #[must_use]
    pub fn parse_date(text: &str) -> Option<Self> {
        Some(Self(parse_date(text)? * DAY_MICROS))
    }

    /// Days since 1970-01-01, rounded down.
    #[must_use]
    pub const fn day(self) -> i64 {
        self.0.div_euclid(DAY_MICROS)
    }

    /// The date as `YYYY-MM-DD`.
    #[must_use]
    pub fn date(self) -> String {
        date_of_day(self.day())
    }
}

/// A day number (since 1970-01-01) as `YYYY-MM-DD`.
#[must_use]
pub fn date_of_day(day: i64) -> String {
    i32::try_from(day)
        .ok()
        .and_then(NaiveDate::from_epoch_days)
        .map_or_else(|| format!("day {day}"), |date| date.format("%Y-%m-%d").to_string())
}

fn parse_date(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    let (year, month, day) = (digits(&text[..4])?, digits(&text[5..7])?, digits(&text[8..])?);
    let date =
        NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, u32::try_from(month).ok()?, u32::try_from(day).ok()?)?;
    Some(i64::from(date.to_epoch_days()))
}

fn digits(text: &str) -> Option<i64> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Splits the zone off a clock text; minutes east of UTC.
fn split_zone(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = text.rfind(['+', '-']) else { return Some((text, 0)) };
    let (clock, zone) = text.split_at(at);
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let zone = zone.get(1..)?;
    let (hours, minutes) = match zone.len() {
        2 => (digits(zone)?, 0),
        4 => (digits(zone.get(..2)?)?, digits(zone.get(2..)?)?),
        5 if zone.as_bytes().get(2) == Some(&b':') => (digits(zone.get(..2)?)?, digits(zone.get(3..)?)?),
        _ => return None,
    };
    (hours <= 23 && minutes <= 59).then_some((clock.trim_end(), sign * (hours * 60 + minutes)))
}

fn parse_clock(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').map_or((text, ""), |(whole, fraction)| (whole, fraction));
    if text.ends_with('.') || fraction.len() > 9 {
        return None;
    }
    let mut parts = whole.split(':');
    let (hour, minute) = (two(parts.next()?)?, two(parts.next()?)?);
    let second = parts.next().map_or(Some(0), two)?;
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let micros = if fraction.is_empty() {
        0
    } else {
        digits(&format!("{fraction:0<6}")[..6]).filter(|_| digits(fraction).is_some())?
    };
    Some(((hour * 60 + minute) * 60 + second) * 1_000_000 + micros)
}

fn two(text: &str) -> Option<i64> {
    if text.len() == 2 { digits(text) } else { None }
}

/// RFC 3339 in UTC with microseconds and `Z`.
impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::from_timestamp_micros(self.0) {
            Some(time) => write!(f, "{}", time.format("%Y-%m-%dT%H:%M:%S%.6fZ")),
            None => write!(f, "{} µs since 1970", self.0),
        }
    }
}

impl Serialize for Micros {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Which of the two small numbers of a date such as 4/5/2026 is the month.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DateOrder {
    /// 4/5/2026 is the fifth of April.
    MonthFirst,
    /// 4/5/2026 is the fourth of May.
    DayFirst,
}

impl DateOrder {
    /// Both, as `--date-order` names them.
    pub const ALL: [Self; 2] = [Self::MonthFirst, Self::DayFirst];

    /// The option's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MonthFirst => "month-first",
            Self::DayFirst => "day-first",
        }
    }
}

/// 2000-01-01 to 2100-01-01, in microseconds.
const CENTURY: std::ops::Range<i64> = 946_684_800_000_000..4_102_444_800_000_000;

/// The unit of an epoch number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EpochUnit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Millis,
    /// Microseconds.
    Micros,
    /// Nanoseconds.
    Nanos,
}

impl EpochUnit {
    /// The unit in which a number of this size lies between 1973 and 5138 (the ranges of the units do not overlap).
    #[must_use]
    pub fn of_magnitude(number: f64) -> Self {
        match number.abs() {
            n if n < 1e11 => Self::Seconds,
            n if n < 1e14 => Self::Millis,
            n if n < 1e17 => Self::Micros,
            _ => Self::Nanos,
        }
    }

    /// The unit in which a number names a time of this century, if it does in one.
    #[must_use]
    pub fn of_this_century(number: f64) -> Option<Self> {
        let unit = Self::of_magnitude(number);
        let micros = unit.instant_f64(number)?;
        (CENTURY.start..CENTURY.end).contains(&micros).then_some(unit)
    }

    /// The unit in which most of the numbers name a time of this century; that of the largest where none does.
    #[must_use]
    pub fn of_most(numbers: &[f64]) -> Self {
        let votes = |unit: Self| numbers.iter().filter(|number| Self::of_this_century(**number) == Some(unit)).count();
        let most = [Self::Seconds, Self::Millis, Self::Micros, Self::Nanos].into_iter().max_by_key(|unit| votes(*unit));
        let largest = || numbers.iter().map(|number| number.abs()).max_by(f64::total_cmp).unwrap_or(0.0);
        most.filter(|unit| votes(*unit) > 0).unwrap_or_else(|| Self::of_magnitude(largest()))
    }

    /// A whole number of this unit as an instant, cut to microseconds.
    #[must_use]
    pub const fn instant(self, number: i64) -> Option<i64> {
        match self {
            Self::Seconds => number.checked_mul(1_000_000),
            Self::Millis => number.checked_mul(1_000),
            Self::Micros => Some(number),
            Self::Nanos => Some(number.div_euclid(1_000)),
        }
    }

    /// A fractional number of this unit as an instant, cut to microseconds.
    #[must_use]
    pub fn instant_f64(self, number: f64) -> Option<i64> {
        let micros = match self {
            // The nearest microsecond first: 1.1e9 + 0.1 s is not exact in binary, and cutting would lose one.
            Self::Seconds => (number * 1e6 + 1e-1).floor(),
            Self::Millis => (number * 1e3 + 1e-1).floor(),
            Self::Micros => number.floor(),
            Self::Nanos => (number / 1e3).floor(),
        };
        #[expect(clippy::cast_possible_truncation, reason = "checked to be inside the range of i64")]
        (micros.is_finite() && micros.abs() < 9.2e18).then_some(micros as i64)
    }
}

/// The half-open period `[from, to)` of a hunt; a missing bound is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Period {
    /// First instant inside.
    pub from: Option<Micros>,
    /// First instant after it.
    pub to: Option<Micros>,
}

impl Period {
    /// Whether both bounds are open.
    #[must_use]
    pub const fn is_open(self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    /// Whether the instant lies inside.
    #[must_use]
    pub fn contains(self, time: Micros) -> bool {
        self.from.is_none_or(|from| from <= time) && self.to.is_none_or(|to| time < to)
    }

    /// Whether any instant of `[first, last]` (both inclusive) lies inside.
    #[must_use]
    pub fn touches(self, first: Micros, last: Micros) -> bool {
        self.from.is_none_or(|from| from <= last) && self.to.is_none_or(|to| first < to)
    }

    /// Whether all of `[first, last]` (both inclusive) lies inside.
    #[must_use]
    pub fn covers(self, first: Micros, last: Micros) -> bool {
        self.contains(first) && self.contains(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> Option<String> {
        Micros::parse(text).map(|t| t.to_string())
    }

    #[test]
    fn every_iso_form_of_telemetry_is_read() {
        for (text, want) in [
            ("2026-07-18", "2026-07-18T00:00:00.000000Z"),
            ("2026-07-18T13:58:42Z", "2026-07-18T13:58:42.000000Z"),
            ("2026-07-18 13:58:42", "2026-07-18T13:58:42.000000Z"),
            ("2026-07-18T13:58Z", "2026-07-18T13:58:00.000000Z"),
            ("2026-07-18T13:58:28.18835Z", "2026-07-18T13:58:28.188350Z"),
            ("2026-07-18T13:58:28.1883519Z", "2026-07-18T13:58:28.188351Z"),
            ("2026-07-18T13:58:28.999999999+00:00", "2026-07-18T13:58:28.999999Z"),
            ("2026-07-18T00:30:00+02:00", "2026-07-17T22:30:00.000000Z"),
            ("2026-07-18T00:30:00-0530", "2026-07-18T06:00:00.000000Z"),
            ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500000Z"),
        ] {
            assert_eq!(parsed(text).as_deref(), Some(want), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "2026-02-30",
            "2026-7-18",
            "2026-07-18T",
            "2026-07-18T25:00:00Z",
            "2026-07-18T10:00:00.Z",
            "2026-07-18T10:00:00.1234567890Z",
            "7/18/2026",
            "2026-07-18T10:00:00 Europe",
            "2026-07-18T1:00:00",
            "ü026-07-18",
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn epoch_numbers_are_told_apart_by_size() {
        for (number, want) in [
            (1_752_847_122i64, "seconds"),
            (1_752_847_122_000, "ms"),
            (1_752_847_122_000_000, "us"),
            (1_752_847_122_000_000_000, "ns"),
        ] {
            #[expect(clippy::cast_precision_loss, reason = "the magnitude is what counts")]
            let unit = EpochUnit::of_magnitude(number as f64);
            assert_eq!(unit.instant(number), Some(1_752_847_122_000_000), "{want}");
        }
        assert_eq!(EpochUnit::Seconds.instant_f64(1_752_847_122.1), Some(1_752_847_122_100_000));
    }

    #[test]
    fn one_odd_number_does_not_decide_the_unit() {
        assert_eq!(EpochUnit::of_most(&[1.784_376e12, 1.784_377e12, 4.6e18]), EpochUnit::Millis);
        assert_eq!(EpochUnit::of_most(&[0.0, 0.0, 1.784_376e12]), EpochUnit::Millis);
        assert_eq!(EpochUnit::of_most(&[-5e11, -5.0]), EpochUnit::Millis);
        assert_eq!(EpochUnit::of_most(&[]), EpochUnit::Seconds);
    }

    proptest! {
        #[test]
        fn print_then_parse_is_identity(micros in -2_208_988_800_000_000i64..4_102_444_800_000_000) {
            let time = Micros(micros);
            prop_assert_eq!(Micros::parse(&time.to_string()), Some(time));
        }
    }
}
