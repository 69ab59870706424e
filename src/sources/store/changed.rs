//! An object that is no longer the same.
//!
//! A hunt must never mix two states of a file. The reader that notices the difference sits below Parquet and
//! DataFusion, so the error is typed and can be found again at the top of whatever chain they wrap around it.

use std::error::Error;

use thiserror::Error;

/// An object whose ETag or size differs from what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{path}: the object changed while it was read ({detail}); run again when nothing writes to it")]
pub struct Changed {
    /// The object's key.
    pub path: String,
    /// What differs.
    pub detail: String,
}

impl Changed {
    pub(super) fn new(path: &object_store::path::Path, detail: impl Into<String>) -> Self {
        Self { path: path.to_string(), detail: detail.into() }
    }

    /// As an error that a reader of objects returns.
    pub(super) fn into_store(self) -> object_store::Error {
        object_store::Error::Precondition { path: self.path.clone(), source: Box::new(self) }
    }

    /// Finds the change in an error's chain of causes.
    #[must_use]
    pub fn find<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Self> {
        find(error)
    }
}

/// The first cause of a type. An `io::Error` hides the error it wraps from `source`, so that one is looked into.
pub(super) fn find<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_found_below_what_others_wrap_around_it() {
        let change = Changed { path: "a/b".into(), detail: "another ETag".into() };
        let store = change.clone().into_store();
        let parquet = parquet::errors::ParquetError::External(Box::new(store));
        let arrow = arrow::error::ArrowError::ExternalError(Box::new(parquet));
        let io = std::io::Error::other(arrow);
        assert_eq!(Changed::find(&io), Some(&change));
        assert_eq!(Changed::find(&std::io::Error::other("else")), None);
    }
}
