//! Dates that follow each other become one range.

use crate::model::Micros;
use crate::model::time::date_of_day;

/// Ranges such as `2026-05-03..2026-05-07 (5 days)`; a date alone stays a date. What is no date stays as it is.
pub(in crate::report) fn ranges(dates: &[String]) -> Vec<String> {
    let mut ranges: Vec<(i64, i64)> = Vec::new();
    let mut others = Vec::new();
    for date in dates {
        match (Micros::parse_date(date).map(Micros::day), ranges.last_mut()) {
            (Some(day), Some((_, last))) if day == *last + 1 => *last = day,
            (Some(day), _) => ranges.push((day, day)),
            (None, _) => others.push(date.clone()),
        }
    }
    ranges.into_iter().map(spelled).chain(others).collect()
}

fn spelled((first, last): (i64, i64)) -> String {
    match last - first {
        0 => date_of_day(first),
        days => format!("{}..{} ({} days)", date_of_day(first), date_of_day(last), days + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_join_over_the_end_of_a_month() {
        let dates =
            ["2026-04-29", "2026-04-30", "2026-05-01", "2026-05-03", "2026-05-05", "2026-05-06"].map(str::to_owned);
        assert_eq!(
            ranges(&dates),
            ["2026-04-29..2026-05-01 (3 days)", "2026-05-03", "2026-05-05..2026-05-06 (2 days)"]
        );
        assert!(ranges(&[]).is_empty());
    }
}
