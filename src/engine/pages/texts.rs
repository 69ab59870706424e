//! The texts of rows that were found, so that nobody must read their pages again.

/// As many texts, and bytes of them, as are kept of a chunk. Of more rows most pages are wanted to their end, and whoever wants
/// them reads them.
const TEXTS_KEPT: usize = 4096;
const BYTES_KEPT: usize = 1 << 20;

/// Texts one behind the other, all that were given or none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    are_too_many: bool,
}

impl Texts {
    /// The texts in their order; `None` where they were too many to keep.
    #[must_use]
    pub fn all(&self) -> Option<impl ExactSizeIterator<Item = &[u8]>> {
        self.are_kept().then(|| (0..self.ends.len()).map(|number| self.get(number).unwrap_or_default()))
    }

    /// The text with a number.
    pub(super) fn get(&self, number: usize) -> Option<&[u8]> {
        let start = number.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.bytes.get(start..*self.ends.get(number)?)
    }

    pub(super) fn are_kept(&self) -> bool {
        !self.are_too_many
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.are_too_many = false;
    }

    /// Adds a text, so many times over. One that is not at hand is one too many.
    pub(super) fn push(&mut self, text: Option<&[u8]>, times: u32) {
        let times = times as usize;
        let text = text.filter(|text| {
            self.ends.len() + times <= TEXTS_KEPT
                && text.len().saturating_mul(times).saturating_add(self.bytes.len()) <= BYTES_KEPT
        });
        match text {
            Some(text) if self.are_kept() => {
                for _ in 0..times {
                    self.bytes.extend_from_slice(text);
                    self.ends.push(self.bytes.len());
                }
            }
            _ => {
                self.clear();
                self.are_too_many = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(texts: &Texts) -> Option<Vec<&[u8]>> {
        texts.all().map(Iterator::collect)
    }

    #[test]
    fn all_texts_or_none() {
        let mut texts = Texts::default();
        assert_eq!(all(&texts), Some(vec![]));
        texts.push(Some(b"ab"), 2);
        texts.push(Some(b""), 1);
        texts.push(Some(b"c"), 1);
        assert_eq!(all(&texts), Some(vec![&b"ab"[..], b"ab", b"", b"c"]));
        assert_eq!((texts.get(1), texts.get(2), texts.get(4)), (Some(&b"ab"[..]), Some(&b""[..]), None));
        texts.push(None, 1);
        texts.push(Some(b"d"), 1);
        assert_eq!((all(&texts), texts.get(0)), (None, None));
        texts.clear();
        texts.push(Some(b"e"), TEXTS_KEPT as u32);
        assert_eq!(texts.all().map(|texts| texts.len()), Some(TEXTS_KEPT));
        texts.push(Some(b"e"), 1);
        assert_eq!(all(&texts), None);
        texts.clear();
        texts.push(Some(&[b'f'; BYTES_KEPT / 2 + 1]), 2);
        assert_eq!(all(&texts), None);
    }
}
