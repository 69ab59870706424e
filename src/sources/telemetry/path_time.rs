//! The span of time that a path names: hive keys and nothing else yet.
//!
//! Which clock names a folder is not settled (event time or delivery, `reference/telemetry.md` 2.1), so a path prunes
//! only with slack: a folder is read when the period touches it or the 48 hours on either side (delivery is late, and the
//! folder's date may be that of another zone).

use crate::model::time::DAY_MICROS;
use crate::model::{Micros, Period};

const HOUR_MICROS: i64 = 3_600_000_000;
const SLACK_MICROS: i64 = 48 * HOUR_MICROS;

/// `[first, end)` in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathSpan {
    /// First instant.
    pub first: Micros,
    /// First instant after it.
    pub end: Micros,
}

impl PathSpan {
    /// Whether rows of the period may lie in such a folder.
    #[must_use]
    pub fn may_touch(self, period: Period) -> bool {
        let early = Micros(self.first.0 - SLACK_MICROS);
        let late = Micros(self.end.0 + SLACK_MICROS - 1);
        period.touches(early, late)
    }
}

/// The `key=value` parts of a relative path, in order.
#[must_use]
pub(super) fn hive_parts(relative: &str) -> Vec<(String, String)> {
    let folders = relative.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders
        .split('/')
        .filter_map(|part| part.split_once('='))
        .filter(|(key, _)| !key.is_empty())
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// The span that the parts name, if they name a date.
#[must_use]
pub(super) fn span(parts: &[(String, String)]) -> Option<PathSpan> {
    whole_date(parts).or_else(|| split_date(parts))
}

/// `date=2026-07-18`, `timestamp=2026-07-18T14`.
fn whole_date(parts: &[(String, String)]) -> Option<PathSpan> {
    const KEYS: [&str; 6] = ["date", "dt", "day", "p_date", "event_date", "timestamp"];
    let (_, value) =
        parts.iter().find(|(key, value)| KEYS.iter().any(|k| key.eq_ignore_ascii_case(k)) && value.len() >= 10)?;
    let day = Micros::parse_date(value.get(..10)?)?;
    let hour_in_value =
        value.get(10..).and_then(|rest| rest.strip_prefix('T')).and_then(|h| h.get(..2)).and_then(number);
    Some(of_day(day, hour_in_value.or_else(|| part(parts, &["hour", "h", "hr"]))))
}

/// `year=2026/month=07/day=18/hour=14`, `y=2026/m=07/d=18/h=14`; of a key that stands twice the first counts, because the
/// streaming API writes `m` for month and then for minute.
fn split_date(parts: &[(String, String)]) -> Option<PathSpan> {
    let year = part(parts, &["year", "y", "yyyy"])?;
    let month = part(parts, &["month", "m", "mm"])?;
    let Some(day) = part(parts, &["day", "d", "dd"]) else {
        let first = Micros::parse_date(&format!("{year:04}-{month:02}-01"))?;
        let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        return Some(PathSpan { first, end: Micros::parse_date(&format!("{next_year:04}-{next_month:02}-01"))? });
    };
    let day = Micros::parse_date(&format!("{year:04}-{month:02}-{day:02}"))?;
    Some(of_day(day, part(parts, &["hour", "h", "hr"])))
}

fn of_day(day: Micros, hour: Option<i64>) -> PathSpan {
    match hour.filter(|hour| (0..24).contains(hour)) {
        Some(hour) => {
            let first = Micros(day.0 + hour * HOUR_MICROS);
            PathSpan { first, end: Micros(first.0 + HOUR_MICROS) }
        }
        None => PathSpan { first: day, end: Micros(day.0 + DAY_MICROS) },
    }
}

fn part(parts: &[(String, String)], keys: &[&str]) -> Option<i64> {
    parts.iter().find(|(key, _)| keys.iter().any(|k| key.eq_ignore_ascii_case(k))).and_then(|(_, value)| number(value))
}

fn number(text: &str) -> Option<i64> {
    (!text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Option<(String, String)> {
        span(&hive_parts(path)).map(|s| (s.first.to_string(), s.end.to_string()))
    }

    #[test]
    fn the_usual_layouts_name_a_day_or_an_hour() {
        for (path, first, end) in [
            ("date=2026-07-18/a.parquet", "2026-07-18T00", "2026-07-19T00"),
            ("dt=2026-07-18/hour=03/a.parquet", "2026-07-18T03", "2026-07-18T04"),
            ("year=2026/month=7/day=18/a.parquet", "2026-07-18T00", "2026-07-19T00"),
            ("year=2026/month=12/a.parquet", "2026-12-01T00", "2027-01-01T00"),
            ("y=2026/m=07/d=18/h=14/m=00/a.parquet", "2026-07-18T14", "2026-07-18T15"),
            ("timestamp=2026-05-01T00/a.gz.parquet", "2026-05-01T00", "2026-05-01T01"),
        ] {
            let (got_first, got_end) = of(path).unwrap();
            assert!(got_first.starts_with(first) && got_end.starts_with(end), "{path}: {got_first} {got_end}");
        }
        for path in
            ["a.parquet", "date=today/a.parquet", "year=2026/month=13/day=1/a.parquet", "date=2026-07-18.parquet"]
        {
            assert_eq!(of(path), None, "{path}");
        }
    }

    #[test]
    fn a_path_prunes_only_with_slack() {
        let folder = span(&hive_parts("date=2026-07-18/a")).unwrap();
        let period = |from: &str, to: &str| Period { from: Micros::parse(from), to: Micros::parse(to) };
        assert!(folder.may_touch(period("2026-07-16T00:00:00Z", "2026-07-16T00:00:01Z")));
        assert!(!folder.may_touch(period("2026-07-15T00:00:00Z", "2026-07-16T00:00:00Z")));
        assert!(folder.may_touch(period("2026-07-20T23:59:59Z", "2026-07-22T00:00:00Z")));
        assert!(!folder.may_touch(period("2026-07-21T00:00:00Z", "2026-07-22T00:00:00Z")));
    }
}
