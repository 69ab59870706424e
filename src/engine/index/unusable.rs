//! Why an index is not used. None of these is an error of the hunt: the file is scanned instead, and coverage says why.

use std::fmt;
use std::io;

/// What differs between the file that was indexed and the file that is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stale {
    /// The index was made for another path.
    Path,
    /// The file's size changed.
    Size,
    /// The file's ETag or modification time changed.
    Version,
    /// The file's footer changed.
    Footer,
    /// The index says nothing of what the hunt asks.
    Names,
}

/// A part of an index file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// The fixed record at the end.
    End,
    /// Key, row groups and lengths.
    Description,
    /// A directory of blocks.
    Directory,
    /// A block of addresses or names.
    Keys,
    /// A block of rows.
    Rows,
}

/// Why an index is not used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unusable {
    /// There is none.
    #[error("there is no index; `coldtrail index` makes one")]
    Missing,
    /// It could not be read.
    #[error("the index cannot be read: {0}")]
    Unread(String),
    /// Something else has its name.
    #[error("the file is no index of coldtrail")]
    Foreign,
    /// Another version of coldtrail wrote it.
    #[error("the index has format {0}, which this version does not read; `coldtrail index` makes it anew")]
    Version(u32),
    /// The file changed since.
    #[error("the index is stale ({0}); `coldtrail index` refreshes it")]
    Stale(Stale),
    /// It ends too early.
    #[error("the index is not complete; `coldtrail index` makes it anew")]
    Partial,
    /// A checksum, a length or an order in it is wrong.
    #[error("the index is damaged ({0}); `coldtrail index` makes it anew")]
    Corrupt(Part),
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Path => "it belongs to another path",
            Self::Size => "the file's size changed",
            Self::Version => "the file's modification time or ETag changed",
            Self::Footer => "the file's footer changed",
            Self::Names => "it does not hold the names that the hunt asks for",
        })
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::End => "its end",
            Self::Description => "its description",
            Self::Directory => "a directory",
            Self::Keys => "a block of addresses or names",
            Self::Rows => "a block of rows",
        })
    }
}

impl From<io::Error> for Unusable {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            io::ErrorKind::UnexpectedEof => Self::Partial,
            _ => Self::Unread(error.to_string()),
        }
    }
}
