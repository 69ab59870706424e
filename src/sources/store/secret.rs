//! Text that must never be shown.
//!
//! A key, a token or a signed query travels as a [`Secret`], so that a `{:?}` somewhere up the stack cannot print it.
//! The text itself is only ever handed to the provider's builder.

use std::fmt;

/// A text whose value no output may show.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret(String);

impl Secret {
    /// Wraps the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the provider's builder only.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        assert_eq!(format!("{:?}", Secret::new("sig=abc")), "(hidden)");
    }
}
