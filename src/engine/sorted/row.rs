//! Two rows compared: as copies of one event, and in the total order.
//!
//! Copies agree in DeviceId, ReportId, Timestamp cut to milliseconds, ActionType, RemoteIP as an address, RemotePort and
//! LocalPort, null equal to null; a row without DeviceId or ReportId is no copy of anything. Keys come first and settle
//! nearly everything; nothing here is called but for rows whose keys are equal.

use std::cmp::Ordering;

use arrow::array::{Array, ArrayAccessor};

use super::key::{address, is_exact};
use super::order::Lead;
use super::table::{Column, Layout, Table};

/// A row.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'a> {
    pub(super) table: &'a Table,
    pub(super) row: usize,
}

/// The total order of rows with equal keys: what copies agree in, then all columns.
pub(super) fn compare(layout: &Layout, a: At<'_>, b: At<'_>) -> Ordering {
    identity(layout, a, b).then_with(|| columns(layout.all(), a, b))
}

/// Whether two rows with equal keys are copies of one event.
pub(super) fn are_copies(layout: &Layout, a: At<'_>, b: At<'_>) -> bool {
    // If they agree, one speaks for both.
    is_comparable(layout, a) && identity(layout, a, b).is_eq()
}

/// Whether the row says which event it is.
fn is_comparable(layout: &Layout, at: At<'_>) -> bool {
    let (Some(device), Some(report)) = (layout.device(), layout.report()) else { return false };
    let reported = matches!(at.table.column(report), Column::Integer(numbers) if numbers.is_valid(at.row));
    reported && at.table.text(device, at.row).is_some_and(|id| !id.is_empty())
}

fn identity(layout: &Layout, a: At<'_>, b: At<'_>) -> Ordering {
    let leads = if is_exact(layout.order()) { &[] } else { layout.order().leads() };
    let mut order = Ordering::Equal;
    for lead in leads {
        order = order.then_with(|| match lead {
            Lead::Device => columns(layout.device().as_slice(), a, b),
            Lead::Time => a.table.millis(layout, a.row).cmp(&b.table.millis(layout, b.row)),
            Lead::Address => {
                let of = |at: At<'_>| address(layout, at.table, at.row);
                let (a, b) = (of(a), of(b));
                (a.is_none(), a).cmp(&(b.is_none(), b))
            }
        });
    }
    order
        .then_with(|| columns(layout.device().as_slice(), a, b))
        .then_with(|| columns(layout.report().as_slice(), a, b))
        .then_with(|| columns(layout.rest(), a, b))
}

fn columns(columns: &[usize], a: At<'_>, b: At<'_>) -> Ordering {
    columns
        .iter()
        .map(|column| match (a.table.column(*column), b.table.column(*column)) {
            (Column::Text(x), Column::Text(y)) => values(x, a.row, y, b.row),
            (Column::Integer(x), Column::Integer(y)) => values(x, a.row, y, b.row),
            (Column::Time(x), Column::Time(y)) => values(x, a.row, y, b.row),
            (Column::Boolean(x), Column::Boolean(y)) => values(x, a.row, y, b.row),
            (Column::Other(x), Column::Other(y)) => x.row(a.row).cmp(&y.row(b.row)),
            // Both tables have the layout's columns.
            _ => Ordering::Equal,
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// By value, null last.
fn values<'a, A>(x: &'a A, x_row: usize, y: &'a A, y_row: usize) -> Ordering
where
    &'a A: ArrayAccessor,
    <&'a A as ArrayAccessor>::Item: Ord,
    A: Array,
{
    match (x.is_valid(x_row), y.is_valid(y_row)) {
        (true, true) => x.value(x_row).cmp(&y.value(y_row)),
        (x_valid, y_valid) => y_valid.cmp(&x_valid),
    }
}
