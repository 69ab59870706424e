//! The span of time that a path names: hive keys, folders of a date, and dates in file names.
//!
//! Which clock names a folder is not settled (event time or delivery, `reference/telemetry.md` 2.1), so a path prunes
//! only with slack: a folder is read when the period touches it or the 48 hours on either side (delivery is late, and the
//! folder's date may be that of another zone). A date in a file's name may also be the day on which somebody exported the
//! 30 days before it, so such a file is read for those days too. What a path does not say plainly prunes nothing.

use crate::model::time::DAY_MICROS;
use crate::model::{Micros, Period};

const HOUR_MICROS: i64 = 3_600_000_000;
const SLACK_MICROS: i64 = 48 * HOUR_MICROS;
/// The portal exports at most 30 days, and a month has 31.
const EXPORT_MICROS: i64 = 32 * DAY_MICROS;

/// `[first, end)` in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathSpan {
    /// First instant.
    pub first: Micros,
    /// First instant after it.
    pub end: Micros,
    /// How far before `first` events may lie.
    early_micros: i64,
}

impl PathSpan {
    /// Whether rows of the period may lie in such a folder.
    #[must_use]
    pub fn may_touch(self, period: Period) -> bool {
        let early = Micros(self.first.0 - self.early_micros);
        let late = Micros(self.end.0 + SLACK_MICROS - 1);
        period.touches(early, late)
    }

    const fn folder(first: Micros, end: Micros) -> Self {
        Self { first, end, early_micros: SLACK_MICROS }
    }
}

/// Keys whose values are parts of a date.
const DATE_KEYS: [&str; 6] = ["date", "dt", "day", "p_date", "event_date", "timestamp"];
const YEAR_KEYS: [&str; 3] = ["year", "y", "yyyy"];
const MONTH_KEYS: [&str; 3] = ["month", "m", "mm"];
const DAY_KEYS: [&str; 3] = ["day", "d", "dd"];
const HOUR_KEYS: [&str; 4] = ["hour", "h", "hr", "hh"];

/// Whether a hive key says only when a file was written.
#[must_use]
pub fn is_date_key(key: &str) -> bool {
    let keys = [DATE_KEYS.as_slice(), &YEAR_KEYS, &MONTH_KEYS, &DAY_KEYS, &HOUR_KEYS, &["minute", "min"]];
    keys.concat().iter().any(|known| key.eq_ignore_ascii_case(known))
}

/// The `key=value` parts of a relative path, in order.
#[must_use]
pub(super) fn hive_parts(relative: &str) -> Vec<(String, String)> {
    let folders = relative.rsplit_once('/').map_or("", |(folders, _)| folders);
    parts_of(folders)
}

fn parts_of(folders: &str) -> Vec<(String, String)> {
    folders
        .split('/')
        .filter_map(|part| part.split_once('='))
        .filter(|(key, _)| !key.is_empty())
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// The span that a file's relative path names, if it names a date.
#[must_use]
pub(super) fn span(relative: &str) -> Option<PathSpan> {
    let (folders, name) = relative.rsplit_once('/').unwrap_or(("", relative));
    folder_span(folders).or_else(|| name_span(name))
}

/// Whether a folder, by its path below the named place, may hold files of the period.
#[must_use]
pub(crate) fn folder_may_touch(folders: &str, period: Period) -> bool {
    period.is_open() || folder_span(folders.trim_end_matches('/')).is_none_or(|span| span.may_touch(period))
}

fn folder_span(folders: &str) -> Option<PathSpan> {
    let parts = parts_of(folders);
    whole_date(&parts).or_else(|| split_date(&parts)).or_else(|| bare_date(folders))
}

/// `date=2026-07-18`, `date=20260718`, `timestamp=2026-07-18T14`.
fn whole_date(parts: &[(String, String)]) -> Option<PathSpan> {
    let (_, value) =
        parts.iter().find(|(key, value)| DATE_KEYS.iter().any(|k| key.eq_ignore_ascii_case(k)) && value.len() >= 8)?;
    let (day, rest) = date_at(value)?;
    let hour_in_value = rest.strip_prefix('T').and_then(|h| h.get(..2)).and_then(number);
    Some(of_day(day, hour_in_value.or_else(|| part(parts, &HOUR_KEYS))))
}

/// `year=2026/month=07/day=18/hour=14`, `y=2026/m=07/d=18/h=14`; of a key that stands twice the first counts, because the
/// streaming API writes `m` for month and then for minute.
fn split_date(parts: &[(String, String)]) -> Option<PathSpan> {
    let year = part(parts, &YEAR_KEYS)?;
    let Some(month) = part(parts, &MONTH_KEYS) else { return of_year(year) };
    let Some(day) = part(parts, &DAY_KEYS) else { return of_month(year, month) };
    Some(of_day(day_of(year, month, day)?, part(parts, &HOUR_KEYS)))
}

/// `2026/07/18/14`, `2026/07/18`, `2026/07`, `2026-07-18`, `20260718`. A year alone may be anything.
fn bare_date(folders: &str) -> Option<PathSpan> {
    let parts: Vec<&str> = folders.split('/').collect();
    for (at, part) in parts.iter().enumerate() {
        if let Some((day, "")) = date_at(part) {
            let hour = parts.get(at + 1).and_then(|hour| two_digits(hour));
            return Some(of_day(day, hour));
        }
        let year = number(part).filter(|year| part.len() == 4 && (1970..2200).contains(year));
        let next = |distance: usize| parts.get(at + distance).and_then(|part| two_digits(part));
        let (Some(year), Some(month)) = (year, next(1).filter(|month| (1..=12).contains(month))) else { continue };
        return match next(2) {
            Some(day) => Some(of_day(day_of(year, month, day)?, next(3))),
            None => of_month(year, month),
        };
    }
    None
}

/// Dates in a name, from the first to the last: `events-2026-07-18.csv`, `DeviceNetworkEvents_20260718.json`. Digits inside
/// a longer run of letters and digits are no date, nor is a part of a GUID.
fn name_span(name: &str) -> Option<PathSpan> {
    let stands_alone = |at: usize| name.get(..at).is_none_or(|before| !before.ends_with(|c: char| c.is_alphanumeric()));
    let dates: Vec<Micros> = name
        .char_indices()
        .filter(|(at, c)| c.is_ascii_digit() && stands_alone(*at))
        .filter_map(|(at, _)| date_at(name.get(at..)?))
        .filter(|(_, rest)| !goes_on(rest))
        .map(|(day, _)| day)
        .collect();
    let (first, last) = (dates.iter().min()?, dates.iter().max()?);
    Some(PathSpan { first: *first, end: Micros(last.0 + DAY_MICROS), early_micros: EXPORT_MICROS })
}

/// Whether what stands behind a date makes it part of something longer; a time of day does not.
fn goes_on(rest: &str) -> bool {
    let is_clock = rest.strip_prefix(['T', 't']).is_some_and(|clock| clock.starts_with(|c: char| c.is_ascii_digit()));
    let group = |part: &str| part.len() == 4 && part.bytes().all(|b| b.is_ascii_hexdigit());
    let is_guid = rest.strip_prefix('-').is_some_and(|tail| {
        let mut groups = tail.split('-');
        groups.next().is_some_and(group) && groups.next().is_some_and(group)
    });
    is_guid || (rest.starts_with(|c: char| c.is_alphanumeric()) && !is_clock)
}

/// A date with which a text begins, as `2026-07-18`, `2026_07_18` or `20260718`, and the rest of the text.
fn date_at(text: &str) -> Option<(Micros, &str)> {
    let (digits, rest) = match text.as_bytes().get(4)? {
        b'-' | b'_' => {
            let head = text.get(..10)?;
            if head.as_bytes().get(7) != text.as_bytes().get(4) {
                return None;
            }
            (head.replace(['-', '_'], ""), text.get(10..)?)
        }
        _ => (text.get(..8)?.to_owned(), text.get(8..)?),
    };
    if digits.len() != 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let year = number(digits.get(..4)?).filter(|year| (1970..2200).contains(year))?;
    Some((day_of(year, number(digits.get(4..6)?)?, number(digits.get(6..)?)?)?, rest))
}

fn day_of(year: i64, month: i64, day: i64) -> Option<Micros> {
    Micros::parse_date(&format!("{year:04}-{month:02}-{day:02}"))
}

fn of_year(year: i64) -> Option<PathSpan> {
    Some(PathSpan::folder(day_of(year, 1, 1)?, day_of(year + 1, 1, 1)?))
}

fn of_month(year: i64, month: i64) -> Option<PathSpan> {
    let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    Some(PathSpan::folder(day_of(year, month, 1)?, day_of(next_year, next_month, 1)?))
}

fn of_day(day: Micros, hour: Option<i64>) -> PathSpan {
    match hour.filter(|hour| (0..24).contains(hour)) {
        Some(hour) => {
            let first = Micros(day.0 + hour * HOUR_MICROS);
            PathSpan::folder(first, Micros(first.0 + HOUR_MICROS))
        }
        None => PathSpan::folder(day, Micros(day.0 + DAY_MICROS)),
    }
}

fn part(parts: &[(String, String)], keys: &[&str]) -> Option<i64> {
    parts.iter().find(|(key, _)| keys.iter().any(|k| key.eq_ignore_ascii_case(k))).and_then(|(_, value)| number(value))
}

fn two_digits(text: &str) -> Option<i64> {
    if text.len() == 2 { number(text) } else { None }
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
        span(path).map(|s| (s.first.to_string(), s.end.to_string()))
    }

    #[test]
    fn the_usual_layouts_name_a_day_or_an_hour() {
        for (path, first, end) in [
            ("date=2026-07-18/a.parquet", "2026-07-18T00", "2026-07-19T00"),
            ("date=20260718/a.parquet", "2026-07-18T00", "2026-07-19T00"),
            ("dt=2026-07-18/hour=03/a.parquet", "2026-07-18T03", "2026-07-18T04"),
            ("day=2026-07-18/a.parquet", "2026-07-18T00", "2026-07-19T00"),
            ("year=2026/month=7/day=18/a.parquet", "2026-07-18T00", "2026-07-19T00"),
            ("year=2026/month=12/a.parquet", "2026-12-01T00", "2027-01-01T00"),
            ("year=2026/a.parquet", "2026-01-01T00", "2027-01-01T00"),
            ("tenantId=x/y=2026/m=07/d=18/h=14/m=00/PT1H.json", "2026-07-18T14", "2026-07-18T15"),
            ("timestamp=2026-05-01T00/a.gz.parquet", "2026-05-01T00", "2026-05-01T01"),
            ("2026/07/18/14/a.json", "2026-07-18T14", "2026-07-18T15"),
            ("net/2026/07/18/a.json", "2026-07-18T00", "2026-07-19T00"),
            ("2026/07/a.json", "2026-07-01T00", "2026-08-01T00"),
            ("2026-07-18/a.json", "2026-07-18T00", "2026-07-19T00"),
            ("20260718/14/a.json", "2026-07-18T14", "2026-07-18T15"),
            ("date=2026-07-18.parquet", "2026-07-18T00", "2026-07-19T00"),
            ("events-2026-07-18.csv", "2026-07-18T00", "2026-07-19T00"),
            ("DeviceNetworkEvents_20260718T1400.json", "2026-07-18T00", "2026-07-19T00"),
            ("2026-07-01_2026-07-31.csv", "2026-07-01T00", "2026-08-01T00"),
        ] {
            let (got_first, got_end) = of(path).unwrap_or_else(|| panic!("{path} names nothing"));
            assert!(got_first.starts_with(first) && got_end.starts_with(end), "{path}: {got_first} {got_end}");
        }
        for path in [
            "a.parquet",
            "date=today/a.parquet",
            "year=2026/month=13/day=1/a.parquet",
            "2026/a.parquet",
            "2026/13/a.parquet",
            "port/8080/10/a.parquet",
            "20260718-1a2b-4c3d-8e9f-001122334455.gz.parquet",
            "part-120260718.csv",
            "x20260718.csv",
            "20260718ab.csv",
            "20269918.csv",
        ] {
            assert_eq!(of(path), None, "{path}");
        }
    }

    #[test]
    fn a_path_prunes_only_with_slack() {
        let folder = span("date=2026-07-18/a").unwrap();
        let period = |from: &str, to: &str| Period { from: Micros::parse(from), to: Micros::parse(to) };
        assert!(folder.may_touch(period("2026-07-16T00:00:00Z", "2026-07-16T00:00:01Z")));
        assert!(!folder.may_touch(period("2026-07-15T00:00:00Z", "2026-07-16T00:00:00Z")));
        assert!(folder.may_touch(period("2026-07-20T23:59:59Z", "2026-07-22T00:00:00Z")));
        assert!(!folder.may_touch(period("2026-07-21T00:00:00Z", "2026-07-22T00:00:00Z")));
    }

    #[test]
    fn a_name_may_be_the_day_of_an_export_of_thirty_days() {
        let name = span("export-2026-07-18.csv").unwrap();
        let period = |from: &str, to: &str| Period { from: Micros::parse(from), to: Micros::parse(to) };
        assert!(name.may_touch(period("2026-06-18", "2026-06-19")));
        assert!(!name.may_touch(period("2026-06-01", "2026-06-16")));
        assert!(!name.may_touch(period("2026-07-21", "2026-07-22")));
    }

    #[test]
    fn a_folder_is_listed_unless_its_own_name_says_otherwise() {
        let july = Period { from: Micros::parse("2026-07-10"), to: Micros::parse("2026-07-20") };
        for kept in ["", "y=2026", "y=2026/m=07", "y=2026/m=07/d=18/", "2026", "2025", "logs", "date=2026-07-09"] {
            assert!(folder_may_touch(kept, july), "{kept}");
        }
        for left in ["y=2025", "y=2026/m=05", "y=2026/m=07/d=02", "2026/05", "2026/07/02", "date=2026-07-01"] {
            assert!(!folder_may_touch(left, july), "{left}");
        }
    }
}
