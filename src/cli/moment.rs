//! The times that are typed: a date, RFC 3339, or an age counted back from the start of the run.

use crate::model::Micros;
use crate::model::time::DAY_MICROS;

const HOUR_MICROS: i64 = DAY_MICROS / 24;

/// A time as typed, before it is known whether it opens or closes a period.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Moment {
    /// A whole UTC day, by its start.
    Day(Micros),
    /// An instant.
    Instant(Micros),
    /// So long before the start of the run.
    Age(i64),
}

impl Moment {
    /// The instant at which a period begins, or at which something was seen.
    pub(super) const fn start(self, now: Micros) -> Micros {
        match self {
            Self::Day(time) | Self::Instant(time) => time,
            Self::Age(micros) => Micros(now.0.saturating_sub(micros)),
        }
    }

    /// The first instant after a period that ends here: a bare date belongs to it.
    pub(super) const fn end(self, now: Micros) -> Micros {
        match self {
            Self::Day(time) => Micros(time.0.saturating_add(DAY_MICROS)),
            Self::Instant(_) | Self::Age(_) => self.start(now),
        }
    }
}

/// Reads one of the three forms.
pub(super) fn moment(text: &str) -> Result<Moment, String> {
    let text = text.trim();
    if let Some(age) = age(text) {
        return age.map(Moment::Age).ok_or_else(|| "this age reaches further back than any archive".to_owned());
    }
    if let Some(day) = Micros::parse_date(text) {
        return Ok(Moment::Day(day));
    }
    Micros::parse(text).map(Moment::Instant).ok_or_else(|| {
        "give a date (2026-07-18), a time (2026-07-18T13:00:00Z) or an age in hours, days or weeks (36h, 90d, 2w)"
            .to_owned()
    })
}

/// A date alone, as `generate --start` takes it.
pub(super) fn day(text: &str) -> Result<Micros, String> {
    Micros::parse_date(text.trim()).ok_or_else(|| "give a date such as 2026-03-02".to_owned())
}

/// `None` when the text is no age, `Some(None)` when it is one that overflows.
fn age(text: &str) -> Option<Option<i64>> {
    let unit = match text.chars().next_back()? {
        'h' => HOUR_MICROS,
        'd' => DAY_MICROS,
        'w' => 7 * DAY_MICROS,
        _ => return None,
    };
    let digits = &text[..text.len() - 1];
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse::<i64>().ok().and_then(|count| count.checked_mul(unit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-07-18T13:30:00Z";

    fn both(text: &str) -> (String, String) {
        let now = Micros::parse(NOW).unwrap();
        let moment = moment(text).unwrap();
        (moment.start(now).to_string(), moment.end(now).to_string())
    }

    #[test]
    fn ages_count_back_from_the_start_of_the_run() {
        for (text, want) in [
            ("36h", "2026-07-17T01:30:00.000000Z"),
            ("90d", "2026-04-19T13:30:00.000000Z"),
            ("2w", "2026-07-04T13:30:00.000000Z"),
            ("0d", "2026-07-18T13:30:00.000000Z"),
        ] {
            assert_eq!(both(text), (want.to_owned(), want.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_bare_date_ends_with_its_day_and_an_instant_at_itself() {
        let midnight = "2026-07-18T00:00:00.000000Z".to_owned();
        assert_eq!(both("2026-07-18"), (midnight.clone(), "2026-07-19T00:00:00.000000Z".to_owned()));
        assert_eq!(both("2026-07-18T00:00:00Z"), (midnight.clone(), midnight));
    }

    #[test]
    fn a_zone_is_respected_and_none_is_utc() {
        assert_eq!(both("2026-07-18T02:00:00+02:00").0, "2026-07-18T00:00:00.000000Z");
        assert_eq!(both("2026-07-18 02:00").0, "2026-07-18T02:00:00.000000Z");
    }

    #[test]
    fn other_forms_are_refused() {
        for text in ["", "d", "90", "3m", "-3d", "1.5d", "yesterday", "18.07.2026", "2026-02-30", "90 d", "ü"] {
            assert!(moment(text).unwrap_err().starts_with("give a date"), "{text}");
        }
        assert!(moment("99999999999999d").unwrap_err().contains("further back"));
        assert!(day("90d").is_err());
    }
}
