//! What can go wrong between a batch of events and a finished file. Each names the file; whether the disk is full can be
//! told from the rest, because the remedy is another one.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use arrow::error::ArrowError;
use parquet::errors::ParquetError;
use thiserror::Error;

/// A conversion that did not finish.
#[derive(Debug, Error)]
pub enum SortError {
    /// A file cannot be made, written, read or renamed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A Parquet file of an earlier conversion cannot be read, or a new one cannot be encoded.
    #[error("{}: {source}", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What the Parquet library says.
        source: ParquetError,
    },
    /// A temporary file does not hold what was written to it.
    #[error("{}: {source}; run the conversion again", path.display())]
    Scratch {
        /// The temporary file.
        path: PathBuf,
        /// What arrow says.
        source: ArrowError,
    },
    /// An earlier file is not in the order in which this conversion writes.
    #[error("{}: rows are not in the order of this conversion; convert its day anew into an empty folder", path.display())]
    Unsorted {
        /// The file.
        path: PathBuf,
    },
    /// An earlier file has a column that this conversion has not, or has in another type.
    #[error("{}: column {column} is {found} there, and {expected} here; convert its day anew into an empty folder", path.display())]
    Column {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// Its type in the file.
        found: String,
        /// Its type in this conversion, or `missing`.
        expected: String,
    },
    /// A batch that breaks what the caller promises: the fixed schema, and a time in every row.
    #[error("a batch of events cannot be sorted: {0}")]
    Batch(String),
    /// Arrow refuses to arrange rows, for example because one batch of text is over 2 GiB.
    #[error("events cannot be arranged: {0}")]
    Arrange(#[from] ArrowError),
}

impl SortError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    /// An error of the system keeps its kind, wherever the library met it.
    pub(super) fn parquet(path: &Path, source: ParquetError) -> Self {
        match source {
            ParquetError::External(inner) => match inner.downcast::<io::Error>() {
                Ok(inner) => Self::io(path, *inner),
                Err(inner) => Self::Parquet { path: path.to_owned(), source: ParquetError::External(inner) },
            },
            source => Self::Parquet { path: path.to_owned(), source },
        }
    }

    pub(super) fn scratch(path: &Path, source: ArrowError) -> Self {
        match source {
            ArrowError::IoError(_, inner) => Self::io(path, inner),
            source => Self::Scratch { path: path.to_owned(), source },
        }
    }

    /// Whether there was no room for a file.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        let Self::Io { source, .. } = self else { return false };
        matches!(source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_apart_through_both_libraries() {
        let full = || io::Error::from(ErrorKind::StorageFull);
        let path = Path::new("events.parquet");
        assert!(SortError::parquet(path, ParquetError::from(full())).is_disk_full());
        assert!(SortError::scratch(path, ArrowError::from(full())).is_disk_full());
        assert!(!SortError::io(path, io::Error::from(ErrorKind::NotFound)).is_disk_full());
        let odd = SortError::parquet(path, ParquetError::General("odd".to_owned()));
        assert!(!odd.is_disk_full());
        assert!(odd.to_string().starts_with("events.parquet: "), "{odd}");
    }
}
