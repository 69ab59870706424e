//! Indicator files for tests, written into a folder that goes away with its test.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use tempfile::TempDir;

use super::{IntelOptions, IntelTable, load};
use crate::model::OnBadInput;
use crate::model::coverage::IntelSource;
use crate::model::indicator::IndicatorRef;

/// A folder of indicator files.
pub(super) struct Folder(TempDir);

impl Folder {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with one text file named `feed`.
    pub(super) fn with(text: impl AsRef<[u8]>) -> Self {
        let folder = Self::new();
        folder.write("feed", text);
        folder
    }

    pub(super) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.path().join(name)).unwrap()
    }

    /// A Parquet file with these columns.
    pub(super) fn parquet(&self, name: &str, columns: Vec<(&str, ArrayRef)>) {
        let batch =
            RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
                .unwrap();
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        self.write(name, bytes);
    }

    /// A Parquet file of text: a header line and rows, cells separated by `|`, `-` for null.
    pub(super) fn table(&self, name: &str, text: &str) {
        let mut lines = text.lines().map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
        let header = lines.next().unwrap();
        let rows: Vec<_> = lines.collect();
        let column = |at: usize| -> ArrayRef {
            Arc::new(rows.iter().map(|row| Some(row[at]).filter(|cell| *cell != "-")).collect::<StringArray>())
        };
        self.parquet(name, header.iter().enumerate().map(|(at, name)| (*name, column(at))).collect());
    }

    pub(super) fn load(&self, sources: &[&str], on_bad: OnBadInput) -> Result<IntelTable, String> {
        let sources: Vec<String> = sources.iter().map(ToString::to_string).collect();
        load(&sources, self.0.path(), IntelOptions::default(), on_bad).map_err(|error| error.to_string())
    }

    /// The table of one source that can be read.
    pub(super) fn read(&self, source: &str) -> IntelTable {
        self.load(&[source], OnBadInput::Fail).unwrap()
    }

    pub(super) fn error(&self, source: &str) -> String {
        self.load(&[source], OnBadInput::Fail).unwrap_err()
    }
}

/// The values, in the table's order.
pub(super) fn values(table: &IntelTable) -> Vec<&str> {
    table.indicators.iter().map(|indicator| indicator.value).collect()
}

/// The one indicator.
pub(super) fn only(table: &IntelTable) -> IndicatorRef<'_> {
    assert_eq!(table.indicators.len(), 1, "{table:?}");
    table.indicators.get(0).unwrap()
}

/// What was ignored, as `reason=count`.
pub(super) fn ignored(facts: &IntelSource) -> Vec<String> {
    facts.ignored.iter().map(|counted| format!("{}={}", counted.name, counted.count)).collect()
}
