//! What can be wrong with a hunt. Every variant names the file or the hunt and what to do; all of them are usage or
//! configuration, exit code 2.

use thiserror::Error;

/// A hunt that cannot be used.
#[derive(Debug, Error)]
pub enum HuntError {
    /// A line of the file breaks a rule of the header.
    #[error("{path}:{line}: {message}")]
    Header {
        /// The file, as it was named.
        path: String,
        /// 1-based.
        line: usize,
        /// What is wrong, and the remedy.
        message: String,
    },
    /// A file or directory as a whole is unusable.
    #[error("{path}: {message}")]
    File {
        /// The file or directory, as it was named.
        path: String,
        /// What is wrong, and the remedy.
        message: String,
    },
    /// The operating system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file or directory, as it was named.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// No hunt has this id.
    #[error("unknown hunt `{id}`{hint}")]
    Unknown {
        /// What was asked for.
        id: String,
        /// The nearest id, and which there are.
        hint: String,
    },
    /// A parameter that was given does not fit the hunt.
    #[error("hunt {hunt}: {message}")]
    Param {
        /// The hunt's id.
        hunt: String,
        /// What is wrong, and the remedy.
        message: String,
    },
}

/// What a rule says of a line, before the file's name is added.
#[derive(Debug)]
pub(super) struct LineError {
    pub(super) line: usize,
    pub(super) message: String,
}

impl LineError {
    pub(super) fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }

    pub(super) fn at(self, path: &str) -> HuntError {
        HuntError::Header { path: path.to_owned(), line: self.line, message: self.message }
    }
}
