//! What can go wrong with a store before and while it is asked.
//!
//! Every message names the URL and the remedy, and none holds a key, a token or a signed query.

use thiserror::Error;

use super::changed::Changed;
use super::explain::{Explained, Trouble};

/// A store that cannot be used.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The URL itself is not one that can be read.
    #[error("{url}: {reason}")]
    Url {
        /// As typed, without its query.
        url: String,
        /// Why, and the remedy.
        reason: String,
    },
    /// The options, the environment or a profile do not make a usable set of credentials.
    #[error("{url}: {reason}")]
    Settings {
        /// As typed, without its query.
        url: String,
        /// Which setting, and the remedy.
        reason: String,
    },
    /// The store answered, or did not; the sentence names the URL.
    #[error("{0}")]
    Failed(Explained),
    /// An object is no longer the one that was listed or opened.
    #[error(transparent)]
    Changed(#[from] Changed),
    /// A local file that should be stored cannot be read.
    #[error("{path}: {source}")]
    Local {
        /// The local file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl StoreError {
    /// What kind of trouble it is.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Failed(explained) => explained.kind,
            Self::Changed(_) => Trouble::Changed,
            Self::Url { .. } | Self::Settings { .. } | Self::Local { .. } => Trouble::Other,
        }
    }
}
