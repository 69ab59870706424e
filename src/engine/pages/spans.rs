//! Rows as ranges, so that a run of a million equal rows costs as much as one row.

/// Consecutive rows of a row group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first row, counted from the start of the row group.
    pub start: u32,
    /// How many.
    pub rows: u32,
}

/// Adds rows behind those that are there; adjacent spans become one.
pub(super) fn push(spans: &mut Vec<Span>, start: u32, rows: u32) {
    match spans.last_mut() {
        Some(last) if last.start + last.rows == start => last.rows += rows,
        _ => spans.push(Span { start, rows }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjacent_rows_are_one_span() {
        let mut spans = Vec::new();
        for (start, rows) in [(3, 1), (4, 2), (7, 1)] {
            push(&mut spans, start, rows);
        }
        assert_eq!(spans, [Span { start: 3, rows: 3 }, Span { start: 7, rows: 1 }]);
    }
}
