//! Copies of one event: which rows are, and which one of them stays (DESIGN §3.2).

use super::hunt::Row;

/// A column's value, in the order by which the kept copy is chosen: nulls last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cell {
    Number(i64),
    Text(String),
    Null,
}

/// The rows without copies.
pub(crate) fn without_copies<'a>(rows: &[Row<'a>]) -> Vec<Row<'a>> {
    let mut kept = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let better = |(other_at, other): (usize, &Row<'_>)| {
            other_at != at && are_copies(row, other) && (columns(other), other_at) < (columns(row), at)
        };
        if !rows.iter().enumerate().any(better) {
            kept.push(row.clone());
        }
    }
    kept
}

fn are_copies(one: &Row<'_>, other: &Row<'_>) -> bool {
    let (a, b) = (one.event, other.event);
    let has_key = a.device_id.as_deref().is_some_and(|id| !id.is_empty()) && a.report_id().is_some();
    has_key
        && a.device_id == b.device_id
        && a.report_id() == b.report_id()
        && one.time.div_euclid(1_000) == other.time.div_euclid(1_000)
        && a.action == b.action
        && one.address == other.address
        && a.remote_port() == b.remote_port()
        && a.local_port() == b.local_port()
}

/// Defender's columns in Defender's order, then the derived ones.
fn columns(row: &Row<'_>) -> Vec<Cell> {
    let event = row.event;
    let text = |value: &Option<String>| value.clone().map_or(Cell::Null, Cell::Text);
    let number = |value: Option<i64>| value.map_or(Cell::Null, Cell::Number);
    vec![
        Cell::Number(row.time),
        text(&event.device_id),
        text(&event.device_name),
        text(&event.action),
        Cell::Text(row.address.to_string()),
        number(event.remote_port()),
        text(&event.url),
        number(event.local_port()),
        text(&event.sha256),
        text(&event.process),
        text(&event.command),
        text(&event.folder),
        text(&event.account),
        number(event.report_id()),
        text(&event.fields),
        Cell::Text(row.direction.to_owned()),
        text(&event.remote_ip),
        text(&event.connection_direction),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::event::{Event, Number, When, blank};
    use super::*;

    fn event(device: &str, report: Option<i64>, micros: i64, process: Option<&str>) -> Event {
        Event {
            time: Some(When::Nanos(micros * 1_000)),
            device_id: Some(device.into()),
            report_id: report.map(Number::Whole),
            process: process.map(Into::into),
            remote_ip: Some("192.0.2.7".into()),
            ..blank()
        }
    }

    fn kept(events: &[Event]) -> Vec<usize> {
        let rows: Vec<Row<'_>> = events.iter().filter_map(Row::judge).collect();
        let at = |row: &Row<'_>| events.iter().position(|event| std::ptr::eq(event, row.event)).unwrap();
        without_copies(&rows).iter().map(at).collect()
    }

    #[test]
    fn of_copies_the_first_by_all_columns_stays() {
        let events = [
            event("d", Some(1), 1_999, None),
            event("d", Some(1), 1_001, None),
            event("d", Some(1), 1_001, Some("a")),
            event("d", Some(1), 2_000, None),
        ];
        assert_eq!(kept(&events), [2, 3]);
    }

    #[test]
    fn without_device_or_report_nothing_is_a_copy() {
        let events = [
            event("", Some(1), 1, None),
            event("", Some(1), 1, None),
            event("d", None, 1, None),
            event("d", None, 1, None),
        ];
        assert_eq!(kept(&events), [0, 1, 2, 3]);
    }

    #[test]
    fn exact_copies_leave_one() {
        assert_eq!(kept(&[event("d", Some(1), 1, None), event("d", Some(1), 1, None)]), [0]);
    }
}
