//! Why the ordinary reader must take over.

use parquet::basic::{Compression, Encoding, Type};

/// What the page reader does not answer. It never means that the data is lost: the ordinary reader decides that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Beyond {
    /// The pages look encrypted.
    #[error("the column is encrypted")]
    Encrypted,
    /// Several values per row, or a value inside a struct that may be null.
    #[error("the column is nested or repeated")]
    Nested,
    /// A physical type other than text.
    #[error("the column is stored as {0}, not as text")]
    Type(Type),
    /// An encoding that is not read here.
    #[error("pages in the encoding {0}")]
    Encoding(Encoding),
    /// A codec that is not built in.
    #[error("pages compressed with {0}")]
    Codec(Compression),
    /// More rows, or a larger page, than this reader takes on.
    #[error("{what}: {size} exceeds {limit}")]
    Size {
        /// What is too large.
        what: &'static str,
        /// How large it says it is.
        size: u64,
        /// What would have been taken.
        limit: u64,
    },
    /// Bytes that are no UTF-8, where the caller reads texts.
    #[error("{0} holds bytes that are no text")]
    NoText(&'static str),
    /// Bytes that contradict themselves or the footer.
    #[error("damaged page: {0}")]
    Damaged(&'static str),
}

/// Shortens the many checks.
pub(super) type Checked<T> = Result<T, Beyond>;

/// A value that must be there, or the bytes are damaged.
pub(super) trait OrDamaged<T> {
    /// The value, or `Damaged` with the reason.
    fn or_damaged(self, reason: &'static str) -> Checked<T>;
}

impl<T> OrDamaged<T> for Option<T> {
    fn or_damaged(self, reason: &'static str) -> Checked<T> {
        self.ok_or(Beyond::Damaged(reason))
    }
}

impl<T, E> OrDamaged<T> for Result<T, E> {
    fn or_damaged(self, reason: &'static str) -> Checked<T> {
        self.map_err(|_| Beyond::Damaged(reason))
    }
}
