//! What each key of a record means, remembered.
//!
//! The records of a file have the same keys in the same order nearly always, so the key that came next last time is
//! compared first, and a table is asked only when it is another.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use super::{Wanted, marks};

/// Different keys of one block that are remembered and named; what comes beyond is hostile.
const KEYS_MAX: usize = 4096;

/// The name under which further unknown columns are counted.
const FURTHER: &str = "(further columns)";

/// What a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    /// The wanted column, and whether it is spelled so.
    pub(super) column: Option<(usize, bool)>,
    /// Whether only an event has it.
    pub(super) is_mark: bool,
    /// Its number among the columns that are not wanted.
    pub(super) unknown: Option<usize>,
}

pub(super) struct Keys<'w> {
    pub(super) wanted: &'w Wanted,
    order: Vec<(String, Meaning)>,
    known: HashMap<String, Meaning>,
    unknown: Vec<(String, u64)>,
}

impl<'w> Keys<'w> {
    pub(super) fn new(wanted: &'w Wanted) -> Self {
        Self { wanted, order: Vec::new(), known: HashMap::new(), unknown: Vec::new() }
    }

    /// The meaning of a record's next key. `position` is where the record stands in the order.
    pub(super) fn meaning(&mut self, key: &str, position: &mut usize) -> Meaning {
        let at = *position;
        // A key of the last record may be missing here, so the one behind it is tried too.
        for skipped in 0..2 {
            if let Some((expected, meaning)) = self.order.get(at + skipped)
                && expected == key
            {
                *position = at + skipped + 1;
                return *meaning;
            }
        }
        let meaning = self.look_up(key);
        *position = at + 1;
        match self.order.get_mut(at) {
            Some(expected) => {
                expected.0.clear();
                expected.0.push_str(key);
                expected.1 = meaning;
            }
            None if at < KEYS_MAX => self.order.push((key.to_owned(), meaning)),
            None => {}
        }
        meaning
    }

    fn look_up(&mut self, key: &str) -> Meaning {
        if let Some(meaning) = self.known.get(key) {
            return *meaning;
        }
        let column = self.wanted.find(key);
        let is_unknown = column.is_none() && self.wanted.counts_unknown();
        let meaning =
            Meaning { column, is_mark: marks::is_mark(key), unknown: is_unknown.then(|| self.unknown_number(key)) };
        if self.known.len() < KEYS_MAX {
            self.known.insert(key.to_owned(), meaning);
        }
        meaning
    }

    fn unknown_number(&mut self, key: &str) -> usize {
        if self.unknown.len() > KEYS_MAX {
            return KEYS_MAX;
        }
        let name = if self.unknown.len() == KEYS_MAX { FURTHER } else { key };
        self.unknown.push((name.to_owned(), 0));
        self.unknown.len() - 1
    }

    /// Counts a column that is not wanted.
    pub(super) fn count_unknown(&mut self, number: usize) {
        if let Some((_, count)) = self.unknown.get_mut(number) {
            *count += 1;
        }
    }

    /// The columns met in rows and not wanted, with the rows that had them.
    pub(super) fn into_unknown(self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for (name, count) in self.unknown.into_iter().filter(|(_, count)| *count > 0) {
            *counts.entry(name).or_default() += count;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_learned_and_a_missing_key_does_not_upset_it() {
        let wanted = Wanted::new(&["A", "B", "C"]);
        let mut keys = Keys::new(&wanted);
        for record in [&["A", "x", "b", "C"][..], &["A", "b", "C"], &["C", "B", "A"], &["A", "x", "b", "C"]] {
            let mut position = 0;
            let columns: Vec<_> = record.iter().map(|key| keys.meaning(key, &mut position).column).collect();
            let expected: Vec<_> = record.iter().map(|key| wanted.find(key)).collect();
            assert_eq!(columns, expected);
        }
        assert_eq!(wanted.find("b"), Some((1, false)));
    }

    #[test]
    fn endless_keys_are_counted_together() {
        let wanted = Wanted::new(&["A"]).counting_unknown();
        let mut keys = Keys::new(&wanted);
        for number in 0..10_000 {
            let meaning = keys.meaning(&format!("k{number}"), &mut 0);
            keys.count_unknown(meaning.unknown.unwrap());
        }
        let unknown = keys.into_unknown();
        assert_eq!((unknown.len(), unknown[FURTHER], unknown["k1"]), (KEYS_MAX + 1, 10_000 - KEYS_MAX as u64, 1));
    }
}
