//! What each dictionary entry is, as bits.

use super::Class;
use super::classify::all_other;
use super::texts::Texts;

/// Two bits per entry: whether it is of interest, and whether it is listed.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Entries that are not `Other`, and whatever lies behind the last entry, so that a wrong number is noticed.
    marked: Vec<u64>,
    listed: Vec<u64>,
    entries: u32,
    listed_entries: u32,
    unreadable_entries: u32,
    /// The listed entries: their numbers and their texts.
    numbers: Vec<u32>,
    texts: Texts,
}

impl Marks {
    /// Forgets the last dictionary.
    pub(super) fn clear(&mut self) {
        self.marked.clear();
        self.listed.clear();
        (self.entries, self.listed_entries, self.unreadable_entries) = (0, 0, 0);
        self.numbers.clear();
        self.texts.clear();
    }

    /// Appends the entries with the next numbers.
    pub(super) fn extend(&mut self, texts: &[&[u8]], classes: &[Class]) {
        if self.entries.is_multiple_of(64) && classes.len() == 64 && all_other(classes) {
            self.marked.push(0);
            self.listed.push(0);
            self.entries += 64;
            return;
        }
        for (text, class) in texts.iter().zip(classes) {
            if *class == Class::Listed {
                self.numbers.push(self.entries);
                self.texts.push(Some(text), 1);
            }
            self.push(*class);
        }
    }

    fn push(&mut self, class: Class) {
        let bit = 1_u64 << (self.entries % 64);
        if self.entries.is_multiple_of(64) {
            self.marked.push(u64::MAX);
            self.listed.push(0);
        }
        self.entries += 1;
        if let (Some(marked), Some(listed)) = (self.marked.last_mut(), self.listed.last_mut()) {
            match class {
                Class::Other => *marked &= !bit,
                Class::Listed => {
                    *listed |= bit;
                    self.listed_entries += 1;
                }
                Class::Unreadable => self.unreadable_entries += 1,
            }
        }
    }

    pub(super) const fn entries(&self) -> u32 {
        self.entries
    }

    pub(super) const fn listed_entries(&self) -> u32 {
        self.listed_entries
    }

    pub(super) const fn unreadable_entries(&self) -> u32 {
        self.unreadable_entries
    }

    /// Whether no entry is of interest.
    pub(super) const fn is_barren(&self) -> bool {
        self.listed_entries == 0 && self.unreadable_entries == 0
    }

    /// The text of a listed entry, if such texts were kept.
    pub(super) fn text(&self, number: u32) -> Option<&[u8]> {
        self.texts.get(self.numbers.binary_search(&number).ok()?)
    }

    /// 1 for a number of interest, and for one that no entry has.
    #[inline]
    pub(super) fn mark(&self, id: u32) -> u32 {
        let word = self.marked.get((id >> 6) as usize).copied().unwrap_or(u64::MAX);
        u32::from((word >> (id & 63)) & 1 == 1)
    }

    /// The class of an entry, or `None` for a number that no entry has.
    pub(super) fn class(&self, id: u32) -> Option<Class> {
        if id >= self.entries {
            return None;
        }
        let at = |words: &[u64]| words.get((id >> 6) as usize).is_some_and(|word| (word >> (id & 63)) & 1 == 1);
        Some(match (at(&self.marked), at(&self.listed)) {
            (false, _) => Class::Other,
            (true, true) => Class::Listed,
            (true, false) => Class::Unreadable,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_behind_the_last_entry_is_marked_and_has_no_class() {
        let mut marks = Marks::default();
        marks.extend(&[&[][..]; 64], &[Class::Other; 64]);
        let classes = [Class::Other, Class::Listed, Class::Other, Class::Other, Class::Other, Class::Other];
        marks.extend(&[&b""[..], b"a", b"", b"", b"", b""], &classes);
        assert_eq!((marks.text(65), marks.text(66)), (Some(&b"a"[..]), None));
        assert_eq!((marks.mark(64), marks.mark(65), marks.mark(70), marks.mark(u32::MAX)), (0, 1, 1, 1));
        assert_eq!(
            (marks.class(65), marks.class(69), marks.class(70)),
            (Some(Class::Listed), Some(Class::Other), None)
        );
    }
}
