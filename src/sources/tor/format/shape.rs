//! What a text looks like, told before any of it is believed.

use std::fmt;

use super::lines;
use crate::sources::text::excerpt;

/// How many lines are looked at.
const SAMPLE_LINES: usize = 200;

/// What can stand between columns; a blank last, since it also follows the others.
const SEPARATORS: [char; 5] = [',', ';', '\t', '|', ' '];

/// The look of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    /// One value a line.
    OneColumn,
    /// Begins like a JSON document.
    Json,
    /// Begins like HTML or XML: often a saved error page.
    Markup,
    /// Most lines have several columns.
    Columns {
        /// The first such line.
        line: usize,
        /// Its columns.
        count: usize,
        /// What stands between them.
        separator: char,
        /// Its text, shortened.
        text: String,
    },
}

impl Shape {
    /// Looks at the text. One odd line among many makes no other shape: it is refused later by itself.
    pub(super) fn of(text: &str) -> Self {
        let start = text.trim_start();
        if start.starts_with(['{', '[']) {
            return Self::Json;
        }
        if start.starts_with('<') {
            return Self::Markup;
        }
        let sample: Vec<(usize, &str)> = lines::entries(text).take(SAMPLE_LINES).collect();
        let split: Vec<Self> = sample.iter().filter_map(|(line, text)| columns(*line, text)).collect();
        if split.len() * 2 <= sample.len() {
            return Self::OneColumn;
        }
        split.into_iter().next().unwrap_or(Self::OneColumn)
    }
}

fn columns(line: usize, text: &str) -> Option<Shape> {
    let separator = SEPARATORS.into_iter().find(|separator| text.contains(*separator))?;
    let count = text.split(separator).filter(|cell| !cell.trim().is_empty()).count();
    (count > 1).then(|| Shape::Columns { line, count, separator, text: excerpt(text) })
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OneColumn => f.write_str("one value a line"),
            Self::Json => f.write_str("it begins like JSON"),
            Self::Markup => f.write_str("it begins like a web page or XML"),
            Self::Columns { line, count, separator, text } => {
                write!(f, "line {line} has {count} columns separated by {separator:?}: {text}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_told_apart() {
        for (text, want) in [
            ("1.2.3.4\n", Shape::OneColumn),
            ("# a, b\n1.2.3.4 ; c, d\n\"2001:db8::1\",\n", Shape::OneColumn),
            ("1.2.3.4\nhello, world\n2.3.4.5\n", Shape::OneColumn),
            ("\n{\"version\":", Shape::Json),
            ("[\"1.2.3.4\"]", Shape::Json),
            ("<!DOCTYPE html>", Shape::Markup),
            ("", Shape::OneColumn),
        ] {
            assert_eq!(Shape::of(text), want, "{text}");
        }
        for (text, want) in [
            (
                "fingerprint, ipaddr, port\nA, 1.2.3.4, 443\n",
                "line 1 has 3 columns separated by ',': fingerprint, ipaddr, port",
            ),
            ("# x\n1.2.3.4;443\n", "line 2 has 2 columns separated by ';': 1.2.3.4;443"),
            ("ExitNode 00\nPublished 2016-07-05 21:20:48\n", "line 1 has 2 columns separated by ' ': ExitNode 00"),
            ("1.2.3.4|name|443\n", "line 1 has 3 columns separated by '|': 1.2.3.4|name|443"),
        ] {
            assert_eq!(Shape::of(text).to_string(), want);
        }
    }
}
