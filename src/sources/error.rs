//! What can go wrong with an input. Every variant names the input and the remedy; `run` maps all of them to exit code 3.

use thiserror::Error;

/// An input that cannot be used.
#[derive(Debug, Error)]
pub enum SourceError {
    /// Nothing is there.
    #[error("{source_name}: {detail}; check the path, or the pattern's quotes")]
    NotFound {
        /// As the user named it.
        source_name: String,
        /// What was looked for.
        detail: String,
    },
    /// Something is there, but no data.
    #[error("{source_name}: {detail}")]
    Empty {
        /// As the user named it.
        source_name: String,
        /// What is missing, and the remedy.
        detail: String,
    },
    /// A file that cannot be read as what it should be.
    #[error("{path}: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why, with line where there is one, and the remedy.
        reason: String,
    },
    /// An object store refused, or a sentence that names its input itself.
    #[error("{0}")]
    Refused(String),
    /// The operating system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl SourceError {
    /// The message without the input's name, for lists that have the name in a column of its own.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::NotFound { detail, .. } | Self::Empty { detail, .. } => detail.clone(),
            Self::Unreadable { reason, .. } | Self::Refused(reason) => reason.clone(),
            Self::Io { source, .. } => source.to_string(),
        }
    }
}
