//! The times that portals and spreadsheets write into CSV, where the order of day and month is anybody's guess.
//!
//! A guess would move events by months in silence, so the order is found from a whole file or asked for. ISO texts are
//! not read here.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::model::Micros;

pub use crate::model::time::DateOrder;

/// What the times of a column say about their own order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// ISO 8601; there is nothing to decide.
    Iso,
    /// Only one order fits.
    Sure(DateOrder),
    /// Both orders fit every value.
    Ambiguous {
        /// The first of them.
        example: String,
    },
    /// No order fits all values.
    Contradictory {
        /// A value that only fits with the month first.
        month_first: String,
        /// A value that only fits with the day first.
        day_first: String,
    },
    /// No value is a time of a kind known here (numbers are not).
    NoTime,
}

/// Reads a time as portals and spreadsheets write it: `4/16/2021, 9:09:00.730 AM`, `16/04/2021 09:09:00`, `4/16/21 9:09`;
/// `/`, `.` or `-` between the parts of the date, two-digit years are of this century, up to 9 fraction digits (finer
/// than µs is cut), no zone (UTC).
#[must_use]
pub fn parse(text: &str, order: DateOrder) -> Option<Micros> {
    let parts = Parts::of(text)?;
    let (month, day) = match order {
        DateOrder::MonthFirst => (parts.first, parts.second),
        DateOrder::DayFirst => (parts.second, parts.first),
    };
    let date = NaiveDate::from_ymd_opt(parts.year, month, day)?;
    Some(Micros(NaiveDateTime::new(date, parts.time).and_utc().timestamp_micros()))
}

/// The order of the times of one column. ISO texts, empty ones and text that is no time decide nothing.
///
/// A part over 12 decides. So does the portal's own form, with a comma before the clock and AM or PM in capitals, which
/// is written with the month first only, and a date with dots, which is written with the day first only.
pub fn order_of<'a>(texts: impl Iterator<Item = &'a str>) -> Order {
    let (mut month_first, mut day_first, mut either, mut is_iso) = (None, None, None, false);
    for text in texts {
        if Micros::parse(text).is_some() {
            is_iso = true;
            continue;
        }
        let fits = |order| parse(text, order).is_some();
        let slot = match (fits(DateOrder::MonthFirst), fits(DateOrder::DayFirst)) {
            (false, false) => continue,
            (true, false) => &mut month_first,
            (false, true) => &mut day_first,
            (true, true) if is_portal_form(text) => &mut month_first,
            (true, true) if text.trim_start().bytes().take(3).any(|byte| byte == b'.') => &mut day_first,
            (true, true) => &mut either,
        };
        slot.get_or_insert_with(|| text.trim().to_owned());
    }
    match (month_first, day_first, either) {
        (Some(month_first), Some(day_first), _) => Order::Contradictory { month_first, day_first },
        (Some(_), None, _) => Order::Sure(DateOrder::MonthFirst),
        (None, Some(_), _) => Order::Sure(DateOrder::DayFirst),
        (None, None, Some(example)) => Order::Ambiguous { example },
        (None, None, None) if is_iso => Order::Iso,
        (None, None, None) => Order::NoTime,
    }
}

fn is_portal_form(text: &str) -> bool {
    text.contains(',') && (text.contains("AM") || text.contains("PM"))
}

/// A time before it is known which part is the month.
struct Parts {
    first: u32,
    second: u32,
    year: i32,
    time: NaiveTime,
}

impl Parts {
    fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        let end = text.find(|c: char| c == ',' || c.is_whitespace()).unwrap_or(text.len());
        let (date, clock) = text.split_at(end);
        let separator = date.chars().find(|c| !c.is_ascii_digit()).filter(|c| matches!(c, '/' | '.' | '-'))?;
        let mut parts = date.split(separator);
        let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
        let is_complete = parts.next().is_none() && first.len() <= 2 && second.len() <= 2;
        let century = match year.len() {
            4 => 0,
            // 21-04-16 would as soon be a date with the year first.
            2 if separator != '-' => 2000,
            _ => return None,
        };
        let clock = clock.strip_prefix(',').unwrap_or(clock).trim();
        let time = if clock.is_empty() { NaiveTime::MIN } else { time(clock)? };
        let year = century + i32::try_from(digits(year)?).ok()?;
        is_complete.then_some(Self { first: digits(first)?, second: digits(second)?, year, time })
    }
}

/// `9:09`, `09:09:00`, `9:09:00.730 AM`.
fn time(clock: &str) -> Option<NaiveTime> {
    let half = clock.get(clock.len().checked_sub(2)?..).filter(|half| half.bytes().all(|b| b.is_ascii_alphabetic()));
    let (clock, afternoon) = match half {
        Some(half) if half.eq_ignore_ascii_case("am") => (clock.strip_suffix(half)?.trim_end(), Some(0)),
        Some(half) if half.eq_ignore_ascii_case("pm") => (clock.strip_suffix(half)?.trim_end(), Some(12)),
        _ => (clock, None),
    };
    let mut parts = clock.split(':');
    let (hour, minute, seconds) = (digits(parts.next()?)?, digits(parts.next()?)?, parts.next().unwrap_or("0"));
    let (second, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    if parts.next().is_some() || fraction.len() > 9 {
        return None;
    }
    digits(fraction)?;
    let micros = digits(&format!("{fraction:0<6}")[..6])?;
    let hour = match afternoon {
        Some(shift) => (1..=12).contains(&hour).then_some(hour % 12 + shift)?,
        None => hour,
    };
    NaiveTime::from_hms_micro_opt(hour, minute, digits(second)?, micros)
}

fn digits(text: &str) -> Option<u32> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(iso: &str) -> Option<Micros> {
        Some(Micros::parse(iso).unwrap())
    }

    #[test]
    fn forms_of_portals_and_spreadsheets() {
        for (text, iso) in [
            ("4/16/2021, 9:09:00.730 AM", "2021-04-16T09:09:00.73Z"),
            ("4/16/2021, 12:00:01 AM", "2021-04-16T00:00:01Z"),
            ("4/16/2021, 12:00:01\u{202f}PM", "2021-04-16T12:00:01Z"),
            ("04/16/2021 9:09", "2021-04-16T09:09:00Z"),
            ("4/16/21 21:09", "2021-04-16T21:09:00Z"),
            (" 4/16/2021 ", "2021-04-16"),
            ("4/16/2021, 9:09:00.1234567 PM", "2021-04-16T21:09:00.123456Z"),
        ] {
            assert_eq!(parse(text, DateOrder::MonthFirst), micros(iso), "{text}");
            assert_eq!(parse(text, DateOrder::DayFirst), None, "{text}");
        }
        for text in ["16/04/2021 09:09:00", "16.04.2021 09:09", "16-04-2021 09:09:00.0"] {
            assert_eq!(parse(text, DateOrder::DayFirst), micros("2021-04-16T09:09:00Z"), "{text}");
        }
    }

    #[test]
    fn what_is_no_such_time_is_none() {
        for text in [
            "",
            "2021-04-16T09:09:00Z",
            "21-04-16",
            "4/16",
            "4/16/2021, 13:00 PM",
            "4/16/2021, 0:10 AM",
            "4/31/2021",
            "4/16/2021 24:00",
            "4/16/2021 9:60",
            "4/16/2021 9",
            "4/1é/2021",
            "4/16/2021, é",
            "443",
            "4//2021",
            "4/16.2021",
            "4/16/2021 9:09:00.1234567890",
            "4/16/2021 9:09:00 AM UTC",
        ] {
            assert_eq!(parse(text, DateOrder::MonthFirst), None, "{text}");
        }
    }

    #[test]
    fn the_order_of_a_column() {
        let order = |texts: &[&str]| order_of(texts.iter().copied());
        assert_eq!(order(&["2023-10-18T10:35:10.9237874Z", ""]), Order::Iso);
        assert_eq!(order(&["4/5/2021, 9:09:00.730 AM"]), Order::Sure(DateOrder::MonthFirst));
        assert_eq!(order(&["4/5/2021 9:09", "4/16/2021 9:09"]), Order::Sure(DateOrder::MonthFirst));
        assert_eq!(order(&["04/05/2021 9:09", "16/04/2021 9:09"]), Order::Sure(DateOrder::DayFirst));
        assert_eq!(order(&["4.5.2021 9:09"]), Order::Sure(DateOrder::DayFirst));
        assert_eq!(order(&["16/04/2021, 9:09:00 AM"]), Order::Sure(DateOrder::DayFirst));
        assert_eq!(order(&["", "4/5/2021 9:09", "6/7/2021"]), Order::Ambiguous { example: "4/5/2021 9:09".into() });
        assert_eq!(order(&["4/5/2021, 9:09:00 am"]), Order::Ambiguous { example: "4/5/2021, 9:09:00 am".into() });
        let both = Order::Contradictory { month_first: "4/16/2021".into(), day_first: "16/4/2021".into() };
        assert_eq!(order(&["4/16/2021", "16/4/2021"]), both);
        assert_eq!(order(&["", "1618564140"]), Order::NoTime);
    }
}
