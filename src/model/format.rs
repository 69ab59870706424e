//! The names of the output formats, which the command line reads and the report writes.

use std::fmt;
use std::str::FromStr;

/// A format of the report (`--format`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// For people at a terminal.
    Table,
    /// One finding per line.
    Ndjson,
    /// One object with coverage and findings.
    Json,
    /// One line per finding, lists as JSON text.
    Csv,
    /// A Parquet file.
    Parquet,
    /// For tickets and wikis.
    Markdown,
}

impl Format {
    /// In the order in which help texts list them.
    pub const ALL: [Self; 6] = [Self::Table, Self::Ndjson, Self::Json, Self::Csv, Self::Parquet, Self::Markdown];

    /// The names that `--format` takes, in the order of [`Self::ALL`].
    pub const NAMES: [&str; 6] = ["table", "ndjson", "json", "csv", "parquet", "markdown"];

    /// The name that `--format` takes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Markdown => "markdown",
        }
    }

    /// Whether the bytes mean nothing on a terminal.
    #[must_use]
    pub const fn is_binary(self) -> bool {
        matches!(self, Self::Parquet)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Reads the exact name.
impl FromStr for Format {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|format| format.as_str() == text).ok_or(())
    }
}

/// A format of the matching events (`--rows FILE`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RowsFormat {
    /// A Parquet file.
    Parquet,
    /// One line per event.
    Csv,
    /// One JSON object per line.
    Ndjson,
}

impl RowsFormat {
    /// The file name endings that are understood.
    pub const EXTENSIONS: [&str; 4] = [".parquet", ".csv", ".ndjson", ".jsonl"];

    /// The format that a file's name asks for, in any case; `None` for an ending that is not understood.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        let (_, extension) = path.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "parquet" => Some(Self::Parquet),
            "csv" => Some(Self::Csv),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_formats_are_the_same_list() {
        for (format, name) in Format::ALL.into_iter().zip(Format::NAMES) {
            assert_eq!(name.parse(), Ok(format));
            assert_eq!(format.to_string(), name);
        }
        assert_eq!("JSON".parse::<Format>(), Err(()));
    }

    #[test]
    fn the_ending_decides_how_rows_are_written() {
        assert_eq!(RowsFormat::of_path("out/hits.Parquet"), Some(RowsFormat::Parquet));
        assert_eq!(RowsFormat::of_path("hits.jsonl"), Some(RowsFormat::Ndjson));
        assert_eq!(RowsFormat::of_path("hits.csv"), Some(RowsFormat::Csv));
        assert_eq!(RowsFormat::of_path("hits.csv.gz"), None);
        assert_eq!(RowsFormat::of_path("csv"), None);
    }
}
