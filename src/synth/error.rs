//! Why synthetic telemetry could not be written. Every message names the flag or the file and the remedy.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// What kept an archive from being written.
#[derive(Debug, Error)]
pub enum SynthError {
    /// The wish cannot be fulfilled.
    #[error("{flag}: {reason}")]
    Config {
        /// The flag of `coldtrail generate`, or the field where there is no flag.
        flag: &'static str,
        /// What is wrong, and what would be right.
        reason: String,
    },
    /// Nothing is ever overwritten.
    #[error("{}: not empty; name a new folder, or empty this one", .path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("{}: {source}; check that the folder can be written and the disk has room", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The Parquet writer refused, mostly because the disk is full.
    #[error("{}: {source}; check that the disk has room", .path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What the writer said.
        source: parquet::errors::ParquetError,
    },
}

impl SynthError {
    /// An [`SynthError::Io`] on this path.
    pub(super) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    /// An [`SynthError::Parquet`] on this path.
    pub(super) fn parquet(path: &Path, source: parquet::errors::ParquetError) -> Self {
        Self::Parquet { path: path.to_owned(), source }
    }
}
