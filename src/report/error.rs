//! What can go wrong while a report is written: the output, or a result that does not fit its schema.
//!
//! The room does not know the output's name; whoever opened it adds the path or the flag.

use std::io;

use arrow::error::ArrowError;
use parquet::errors::ParquetError;
use thiserror::Error;

/// A report that could not be written.
#[derive(Debug, Error)]
pub enum ReportError {
    /// The output refused: disk full, closed pipe.
    #[error("the output cannot be written: {0}")]
    Io(#[source] io::Error),
    /// A batch that does not have the schema of the result.
    #[error("the result cannot be laid out: {0}")]
    Arrow(#[source] ArrowError),
    /// A column that Parquet cannot hold.
    #[error("the result cannot be written as Parquet: {0}; choose another --format")]
    Parquet(#[source] ParquetError),
    /// A value that JSON cannot hold.
    #[error("the result cannot be written as JSON: {0}; choose another --format")]
    Json(#[source] serde_json::Error),
    /// A chart that plotters could not lay out.
    #[error("the chart cannot be drawn: {0}; the table and the JSON hold the same numbers")]
    Chart(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ReportError {
    /// Whether the reader went away, as `head` does: no failure of ours.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl From<io::Error> for ReportError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

// The writers wrap the system's own error; it is unwrapped here, so that there is one place to ask for its kind.

impl From<ArrowError> for ReportError {
    fn from(error: ArrowError) -> Self {
        match error {
            ArrowError::IoError(_, source) => Self::Io(source),
            other => Self::Arrow(other),
        }
    }
}

impl From<ParquetError> for ReportError {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::External(source) => match source.downcast::<io::Error>() {
                Ok(source) => Self::Io(*source),
                Err(source) => Self::Parquet(ParquetError::External(source)),
            },
            other => Self::Parquet(other),
        }
    }
}

impl From<serde_json::Error> for ReportError {
    fn from(error: serde_json::Error) -> Self {
        if error.is_io() { Self::Io(error.into()) } else { Self::Json(error) }
    }
}

impl From<csv::Error> for ReportError {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(source) => Self::Io(source),
            other => Self::Io(io::Error::other(format!("{other:?}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Format;
    use crate::report::samples;

    /// A reader that has gone away.
    struct Closed;

    impl io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_told_apart_in_every_format() {
        let (schema, batches, coverage) = samples::report();
        for format in Format::ALL {
            let style = samples::plain(80);
            let error = crate::report::write(format, style, &schema, &batches, &coverage, &mut Closed);
            assert!(error.is_err_and(|error| error.is_broken_pipe()), "{format}");
        }
    }
}
