//! Figures side by side without a frame, for comparing rows with each other.
//!
//! It knows no meaning of a column. Every row is one line; where the terminal is narrow, optional columns go first, then
//! half of the gaps, and at last each row becomes a block of its own.

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use super::lines::{Column, Lines};
use super::paint::Tint;
use super::text;
use crate::report::ReportError;
use crate::report::hostile::visible;

/// Columns of a row's name above which it is cut.
const NAME_MAX: usize = 24;

/// Stands for what is not known.
const NOTHING: &str = "–";

/// A line below the heads and nothing else.
const RULE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// What stands above a column.
#[derive(Clone, Copy)]
pub(in crate::report) struct Head {
    /// One or two lines; the first column is the row's name.
    pub text: &'static str,
    /// Where the column is shown.
    pub shown: Shown,
}

/// Where a column is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Shown {
    Always,
    /// Where the terminal is wide enough.
    IfItFits,
}

/// A row.
pub(in crate::report) struct Figures {
    /// One for each head; none stands for what is not known.
    pub cells: Vec<Option<String>>,
    pub weight: Weight,
}

/// How a row looks where colours are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Weight {
    Plain,
    Strong,
    Warning,
}

impl Weight {
    const fn tint(self) -> Option<Tint> {
        match self {
            Self::Plain => None,
            Self::Strong => Some(Tint::Strong),
            Self::Warning => Some(Tint::Warning),
        }
    }
}

/// Writes heads and rows in the widest layout that fits.
pub(in crate::report) fn write(heads: &[Head], rows: &[Figures], lines: &mut Lines<'_>) -> Result<(), ReportError> {
    let layouts = [(Shown::IfItFits, 2), (Shown::Always, 2), (Shown::Always, 1)];
    let fitting = layouts
        .iter()
        .map(|(least, gap)| layout(heads, rows, *least, *gap))
        .find(|table| table.iter().all(|line| text::width(line) <= lines.width()));
    let Some(table) = fitting else { return blocks(heads, rows, lines) };
    let above = table.len().saturating_sub(rows.len());
    for (index, line) in table.iter().enumerate() {
        let row = index.checked_sub(above).and_then(|row| rows.get(row));
        lines.put(&[(line, row.map_or(Some(Tint::Faint), |row| row.weight.tint()))])?;
    }
    Ok(())
}

fn layout(heads: &[Head], rows: &[Figures], least: Shown, gap: u16) -> Vec<String> {
    let kept = |index: usize| heads.get(index).is_some_and(|head| head.shown == Shown::Always || head.shown == least);
    let mut table = Table::new();
    table.load_style(RULE).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(heads.iter().enumerate().filter(|(index, _)| kept(*index)).map(|(_, head)| head.text));
    for row in rows {
        let cells = row.cells.iter().enumerate().filter(|(index, _)| kept(*index));
        table.add_row(
            cells.map(|(_, cell)| Cell::new(text::fit(&visible(cell.as_deref().unwrap_or(NOTHING)), NAME_MAX))),
        );
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        // One column of a gap is the place of the frame's line.
        column.set_padding((if index == 0 { 0 } else { gap.saturating_sub(1) }, 0));
        column.set_cell_alignment(if index == 0 { CellAlignment::Left } else { CellAlignment::Right });
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect()
}

fn blocks(heads: &[Head], rows: &[Figures], lines: &mut Lines<'_>) -> Result<(), ReportError> {
    let names: Vec<String> = heads.iter().map(|head| head.text.trim().replace('\n', " ")).collect();
    let label = names.iter().map(|name| text::width(name)).max().unwrap_or_default();
    let column = Column { indent: 2, label: label.min(lines.width() / 2) };
    for row in rows {
        let cells = names.iter().zip(&row.cells).filter_map(|(name, cell)| Some((name, cell.as_deref()?)));
        for (index, (name, cell)) in cells.enumerate() {
            if index == 0 {
                lines.heading(cell)?;
            } else {
                lines.labelled(column, name, cell, row.weight.tint())?;
            }
        }
    }
    Ok(())
}
