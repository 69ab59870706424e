//! Lines on a terminal: every text is made visible, fitted and tinted here, so that no caller can forget it.

use std::io::Write;

use super::paint::{RESET, Tint};
use super::text;
use crate::report::hostile::visible;
use crate::report::{ReportError, Style};

/// A terminal narrower than this is written to as if it had this width.
const WIDTH_MIN: usize = 30;

/// The lines of a report on their way out.
pub(in crate::report) struct Lines<'a> {
    width: usize,
    color: bool,
    out: &'a mut dyn Write,
}

/// A piece of a line.
pub(super) type Piece<'a> = (&'a str, Option<Tint>);

/// Where a labelled text stands.
#[derive(Clone, Copy)]
pub(super) struct Column {
    /// Blanks before the label.
    pub indent: usize,
    /// Columns of the label.
    pub label: usize,
}

/// How parts of a line stand beside each other.
#[derive(Clone, Copy)]
pub(super) struct Parts {
    /// What stands between them.
    pub separator: &'static str,
    /// Their tint.
    pub tint: Option<Tint>,
}

impl Column {
    /// Where the text begins.
    const fn text(self) -> usize {
        self.indent + self.label + 2
    }
}

impl<'a> Lines<'a> {
    pub(in crate::report) fn new(style: Style, out: &'a mut dyn Write) -> Self {
        Self { width: style.width.max(WIDTH_MIN), color: style.color, out }
    }

    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// Columns for the text beside a label.
    pub(super) const fn room(&self, column: Column) -> usize {
        self.width.saturating_sub(column.text())
    }

    pub(in crate::report) fn blank(&mut self) -> Result<(), ReportError> {
        Ok(self.out.write_all(b"\n")?)
    }

    pub(in crate::report) fn heading(&mut self, title: &str) -> Result<(), ReportError> {
        self.put(&[(title, Some(Tint::Strong))])
    }

    /// Text over the whole width.
    pub(super) fn paragraph(&mut self, paragraph: &str) -> Result<(), ReportError> {
        let paragraph = visible(paragraph);
        text::wrap(&paragraph, self.width).iter().try_for_each(|line| self.put(&[(line, None)]))
    }

    /// A label and a text that goes on below itself.
    pub(super) fn labelled(
        &mut self,
        column: Column,
        label: &str,
        body: &str,
        tint: Option<Tint>,
    ) -> Result<(), ReportError> {
        self.beside(column, label, &text::wrap(&visible(body), self.room(column)), tint)
    }

    /// A label and parts with a separator between them; nothing where there are no parts.
    pub(super) fn parts(
        &mut self,
        column: Column,
        label: &str,
        parts: &[String],
        style: Parts,
    ) -> Result<(), ReportError> {
        let parts: Vec<String> = parts.iter().map(|part| visible(part).into_owned()).collect();
        self.beside(column, label, &text::flow(&parts, style.separator, self.room(column)), style.tint)
    }

    fn beside(&mut self, column: Column, label: &str, body: &[String], tint: Option<Tint>) -> Result<(), ReportError> {
        for (index, line) in body.iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let label = text::pad(&text::fit(&visible(label), column.label), column.label);
            self.put(&[(&" ".repeat(column.indent), None), (&label, Some(Tint::Faint)), ("  ", None), (line, tint)])?;
        }
        Ok(())
    }

    /// One line of pieces, cut at the width as a last resort.
    pub(super) fn put(&mut self, pieces: &[Piece<'_>]) -> Result<(), ReportError> {
        let last = pieces.iter().rposition(|(piece, _)| !piece.trim_end().is_empty());
        let mut left = self.width;
        for (index, (piece, tint)) in pieces.iter().enumerate().take(last.map_or(0, |last| last + 1)) {
            let piece = text::fit(&visible(piece), left);
            let piece = if Some(index) == last { piece.trim_end() } else { piece.as_str() };
            left = left.saturating_sub(text::width(piece));
            match tint {
                Some(tint) if self.color && !piece.trim().is_empty() => {
                    write!(self.out, "{}{piece}{RESET}", tint.begin())?
                }
                _ => self.out.write_all(piece.as_bytes())?,
            }
        }
        self.blank()
    }
}
