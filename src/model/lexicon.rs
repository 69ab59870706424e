//! Texts, each kept once, by number: millions of indicators share publishers, tags and types.

use std::hash::BuildHasher as _;

use hashbrown::{DefaultHashBuilder, HashTable};

/// The number of a text; [`Symbol::NONE`] stands for no text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Symbol(u32);

impl Symbol {
    /// No text.
    pub const NONE: Self = Self(0);
}

/// The texts. A symbol means something only to the lexicon that gave it.
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    text: String,
    /// Where each text ends; the first is symbol 1.
    ends: Vec<usize>,
    /// Symbols of interned texts with half of their hash, so that a growing table need not look at the texts again.
    known: HashTable<(u32, u32)>,
    hasher: DefaultHashBuilder,
}

/// Longest text that may be kept twice.
const SHORT_BYTES: usize = 64;

/// The half of a hash that is kept, spread over 64 bits as the table wants it.
const fn spread(half: u32) -> u64 {
    (half as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Lexicon {
    /// The symbol of a text, which is kept if it is new: equal texts have one symbol. More than four billion texts do not
    /// fit and become none.
    pub fn intern(&mut self, text: &str) -> Symbol {
        let Self { text: all, ends, known, hasher } = self;
        #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
        let half = hasher.hash_one(text) as u32;
        let is_it = |(of, number): &(u32, u32)| *of == half && at(all, ends, *number) == Some(text);
        if let Some((_, number)) = known.find(spread(half), is_it) {
            return Symbol(*number);
        }
        let Symbol(number) = self.append(text);
        if number != 0 {
            self.known.insert_unique(spread(half), (half, number), |(of, _)| spread(*of));
        }
        Symbol(number)
    }

    /// Keeps a text that is hardly ever seen twice, such as an identifier or a name, without looking for it. One that is long, or
    /// that was the last one, is looked for all the same: a small file may repeat it millions of times.
    pub fn add(&mut self, text: &str) -> Symbol {
        let last = Symbol(u32::try_from(self.ends.len()).unwrap_or(0));
        if self.get(last) == Some(text) {
            return last;
        }
        if text.len() > SHORT_BYTES { self.intern(text) } else { self.append(text) }
    }

    fn append(&mut self, text: &str) -> Symbol {
        let Ok(number) = u32::try_from(self.ends.len() + 1) else { return Symbol::NONE };
        self.text.push_str(text);
        self.ends.push(self.text.len());
        Symbol(number)
    }

    /// The same for a text that may be missing.
    pub fn add_some(&mut self, text: Option<&str>) -> Symbol {
        text.map_or(Symbol::NONE, |text| self.add(text))
    }

    /// The symbol of a text that may be missing.
    pub fn intern_some(&mut self, text: Option<&str>) -> Symbol {
        text.map_or(Symbol::NONE, |text| self.intern(text))
    }

    /// The text of a symbol.
    #[must_use]
    pub fn get(&self, symbol: Symbol) -> Option<&str> {
        at(&self.text, &self.ends, symbol.0)
    }

    /// Gives back what only [`Lexicon::intern`] needs.
    pub fn freeze(&mut self) {
        self.known = HashTable::new();
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

fn at<'a>(text: &'a str, ends: &[usize], number: u32) -> Option<&'a str> {
    let place = usize::try_from(number).ok()?.checked_sub(1)?;
    let start = place.checked_sub(1).map_or(Some(0), |before| ends.get(before).copied())?;
    text.get(start..*ends.get(place)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_one_symbol() {
        let mut lexicon = Lexicon::default();
        let (a, b, empty) = (lexicon.intern("ä"), lexicon.intern("b"), lexicon.intern(""));
        assert_eq!(lexicon.intern("ä"), a);
        assert_ne!(a, b);
        assert_eq!((lexicon.get(a), lexicon.get(b), lexicon.get(empty)), (Some("ä"), Some("b"), Some("")));
        assert_eq!(lexicon.intern_some(None), Symbol::NONE);
        assert_eq!(lexicon.get(Symbol::NONE), None);
        let long = "x".repeat(1_000);
        let (first, _, again) = (lexicon.add(&long), lexicon.add("id"), lexicon.add(&long));
        assert_eq!((first, lexicon.get(again)), (again, Some(long.as_str())));
        assert_eq!(lexicon.add("y"), lexicon.add("y"));
        lexicon.freeze();
        assert_eq!(lexicon.get(b), Some("b"));
        for number in 0..1000 {
            lexicon.intern(&number.to_string());
        }
        let found = lexicon.intern("777");
        assert_eq!(lexicon.get(found), Some("777"));
    }
}
