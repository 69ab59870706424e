//! Rows that are no findings: a grid with one line per row, or one block per row where a grid would not fit.

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Row, Table};

use super::lines::{Column, Lines};
use super::text;
use crate::report::ReportError;
use crate::report::cell::text::plain;
use crate::report::facts::number::{counted, thousands};
use crate::report::hostile::visible;
use crate::report::record::{Record, records};

/// Columns that a cell must get, if it needs them, for a grid to be worth reading.
const CELL_MIN: u16 = 14;

/// Columns of a cell above which it is cut before the grid is laid out, however wide the terminal.
const CELL_MAX: usize = 200;

/// Writes the rows and their number.
pub(in crate::report) fn write(
    schema: &Schema,
    batches: &[RecordBatch],
    lines: &mut Lines<'_>,
) -> Result<(), ReportError> {
    let table = grid(schema, batches, lines.width());
    if fits(&table, lines.width()) {
        table.lines().try_for_each(|line| lines.put(&[(&line, None)]))?;
    } else {
        for (index, record) in records(schema, batches).enumerate() {
            block(index + 1, record, lines)?;
        }
    }
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    lines.paragraph(&counted(u64::try_from(rows).unwrap_or(u64::MAX), "row", "rows"))
}

/// Writes names with their counts, right-aligned.
pub(in crate::report) fn counts(
    rows: impl Iterator<Item = (String, u64)>,
    lines: &mut Lines<'_>,
) -> Result<(), ReportError> {
    let rows: Vec<(String, String)> = rows.map(|(name, count)| (shown(&name), thousands(count))).collect();
    let digits = rows.iter().map(|(_, count)| count.len()).max().unwrap_or_default();
    for (name, count) in rows {
        let name = text::fit(&name, lines.width().saturating_sub(digits + 4));
        lines.put(&[(&format!("  {count:>digits$}  {name}"), None)])?;
    }
    lines.blank()
}

/// Whether every cell gets its columns or [`CELL_MIN`], with a border and two blanks beside each.
fn fits(table: &Table, width: usize) -> bool {
    let cells = table.column_max_content_widths().into_iter().map(|cell| usize::from(cell.min(CELL_MIN)) + 3);
    cells.sum::<usize>() < width
}

fn grid(schema: &Schema, batches: &[RecordBatch], width: usize) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_truncation_indicator("…");
    table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    table.set_header(one_line(schema.fields().iter().map(|field| Cell::new(shown(field.name())))));
    for record in records(schema, batches) {
        let cells = record.cells().map(|(_, cell)| Cell::new(shown(&plain(cell).unwrap_or_default())));
        table.add_row(one_line(cells));
    }
    for (field, column) in schema.fields().iter().zip(table.column_iter_mut()) {
        if field.data_type().is_numeric() {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn one_line(cells: impl Iterator<Item = Cell>) -> Row {
    let mut row = Row::from(cells);
    row.max_height(1);
    row
}

fn shown(cell: &str) -> String {
    text::fit(&visible(cell), CELL_MAX)
}

/// A row as `name  value` lines, each cut at the width.
fn block(number: usize, record: Record<'_>, lines: &mut Lines<'_>) -> Result<(), ReportError> {
    let names = record.schema().fields().iter().map(|field| text::width(&visible(field.name())));
    let column = Column { indent: 2, label: names.max().unwrap_or_default().min(lines.width() / 3) };
    lines.heading(&format!("row {number}"))?;
    for (name, cell) in record.cells() {
        if let Some(value) = plain(cell).filter(|value| !value.is_empty()) {
            let value = text::fit(&visible(&value), lines.room(column));
            lines.labelled(column, name, &value, None)?;
        }
    }
    lines.blank()
}
