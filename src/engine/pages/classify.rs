//! Who says what a text is.

use super::Class;

/// As many texts as are handed over at a time.
pub const BLOCK_TEXTS: usize = 64;

/// Classifies texts. Dictionaries and plain pages hand them over in blocks, so that one that can judges many at once.
pub trait Classify {
    /// What one text is.
    fn one(&mut self, text: &[u8]) -> Class;

    /// What each of at most [`BLOCK_TEXTS`] texts is; `classes` is as long as `texts`.
    fn block(&mut self, texts: &[&[u8]], classes: &mut [Class]) {
        for (text, class) in texts.iter().zip(classes) {
            *class = self.one(text);
        }
    }
}

/// Whether there is nothing to report of any of them, as of most blocks.
#[inline]
pub(super) fn all_other(classes: &[Class]) -> bool {
    classes.iter().fold(true, |all, class| all & (*class == Class::Other))
}

impl<F: FnMut(&[u8]) -> Class + ?Sized> Classify for F {
    fn one(&mut self, text: &[u8]) -> Class {
        self(text)
    }
}
