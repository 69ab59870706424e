//! Texts that many rows share, as the values of dictionary arrays: a row then costs a number, not a copy.

use std::sync::Arc;

use arrow::array::{ArrayRef, DictionaryArray, Int32Array, StringArray};
use arrow::datatypes::Int32Type;

/// The distinct texts of one column.
#[derive(Debug)]
pub(super) struct Pool(Arc<StringArray>);

impl Pool {
    pub(super) fn new<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> Self {
        Self(Arc::new(texts.into_iter().map(Some).collect()))
    }

    /// The text with this number.
    pub(super) fn get(&self, index: usize) -> &str {
        self.0.value(index)
    }

    /// One row per key; `None` is null. Every key must be the number of a text.
    pub(super) fn column(&self, keys: impl Iterator<Item = Option<usize>>) -> ArrayRef {
        let keys = Int32Array::from_iter(keys.map(|key| key.map(|k| k as i32)));
        Arc::new(DictionaryArray::<Int32Type>::new(keys, Arc::clone(&self.0) as ArrayRef))
    }
}
