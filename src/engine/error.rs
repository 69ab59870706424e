//! What can go wrong while a query is planned and run, sorted by whose fault it is.

use datafusion::common::DataFusionError;
use thiserror::Error;

use super::events::ReadFault;
use super::sorted::SortError;

/// A query that did not answer.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The SQL cannot be planned: exit 2.
    #[error("{place}: {message}")]
    Sql {
        /// File, line and column, as far as known.
        place: String,
        /// What is wrong.
        message: String,
    },
    /// A file of the archive is damaged: exit 3.
    #[error("{path}: {reason}; --on-bad-input skip reads the rest")]
    Read {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// Memory or disk ran out: exit 5.
    #[error("out of memory: {0}; raise --memory-limit, narrow --from and --to, or hunt for less")]
    Resources(String),
    /// The query failed while it ran, on values that it did not expect: exit 2.
    #[error("{place}: {message}")]
    Execution {
        /// The file or `query`.
        place: String,
        /// What DataFusion says.
        message: String,
    },
    /// The disk is full: exit 5.
    #[error("no room on the disk: {0}; free space there")]
    DiskFull(String),
    /// A conversion cannot go on: exit 3.
    #[error("{0}")]
    Convert(String),
    /// The spool of `--rows` could not be written.
    #[error("the matched events cannot be kept for --rows: {0}; free space in the temporary folder, or set TMPDIR")]
    Spool(#[source] std::io::Error),
}

impl From<SortError> for EngineError {
    fn from(error: SortError) -> Self {
        if error.is_disk_full() {
            return Self::DiskFull(error.to_string());
        }
        match error {
            SortError::Parquet { path, source } => {
                Self::Read { path: path.display().to_string(), reason: source.to_string() }
            }
            other => Self::Convert(other.to_string()),
        }
    }
}

impl EngineError {
    /// Sorts an error of a running query.
    pub(super) fn of_execution(place: &str, error: &DataFusionError) -> Self {
        if let Some(fault) = ReadFault::find(error) {
            return Self::Read { path: fault.path.clone(), reason: fault.reason.clone() };
        }
        match error.find_root() {
            DataFusionError::ResourcesExhausted(detail) => {
                Self::Resources(first_line(detail.split(" with top memory consumers").next().unwrap_or_default()))
            }
            DataFusionError::ArrowError(inner, _) if is_full(inner) => {
                Self::Spool(std::io::Error::other(inner.to_string()))
            }
            DataFusionError::IoError(inner) => Self::Resources(inner.to_string()),
            other => Self::Execution { place: place.to_owned(), message: first_line(&other.to_string()) },
        }
    }
}

fn is_full(error: &arrow::error::ArrowError) -> bool {
    matches!(error, arrow::error::ArrowError::IoError(..))
}

/// DataFusion's messages go on with hints about its own options.
pub(super) fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim_end_matches('.').to_owned()
}
