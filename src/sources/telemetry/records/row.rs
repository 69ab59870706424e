//! The fields of one JSON record that are wanted, as they lie in its text.

use super::keys::{Keys, Meaning};
use super::walk::Fields;

/// The value of a wanted column: raw JSON, and whether its key was spelled as wanted.
pub(super) type Slot<'a> = Option<(&'a str, bool)>;

pub(super) struct Row<'a, 'k, 'w> {
    keys: &'k mut Keys<'w>,
    position: usize,
    /// One per wanted column.
    pub(super) slots: Vec<Slot<'a>>,
    /// The columns that are not wanted.
    unknown: Vec<usize>,
    is_event: bool,
}

impl<'k, 'w> Row<'_, 'k, 'w> {
    pub(super) fn new(keys: &'k mut Keys<'w>) -> Self {
        let slots = vec![None; keys.wanted.len()];
        Self { keys, position: 0, slots, unknown: Vec::new(), is_event: false }
    }

    /// Counts what is not wanted: the record has become a row.
    pub(super) fn count_unknown(&mut self) {
        for number in &self.unknown {
            self.keys.count_unknown(*number);
        }
    }
}

impl<'a> Fields<'a> for Row<'a, '_, '_> {
    type Key = Meaning;

    fn key(&mut self, key: &str) -> Meaning {
        let meaning = self.keys.meaning(key, &mut self.position);
        self.is_event |= meaning.is_mark;
        meaning
    }

    fn value(&mut self, key: Meaning, raw: &'a str) {
        if let Some((column, is_exact)) = key.column {
            if let Some(slot) = self.slots.get_mut(column)
                && (is_exact || !slot.is_some_and(|(_, is_exact)| is_exact))
            {
                *slot = Some((raw, is_exact));
            }
        } else if let Some(number) = key.unknown
            && !self.unknown.contains(&number)
        {
            self.unknown.push(number);
        }
    }

    fn clear(&mut self) {
        self.slots.fill(None);
        self.unknown.clear();
        self.is_event = false;
    }

    fn is_event(&self) -> bool {
        self.is_event
    }
}
