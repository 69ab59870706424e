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
    known: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Lexicon {
    /// The symbol of a text, which is kept if it is new. More than four billion texts do not fit and become none.
    pub fn intern(&mut self, text: &str) -> Symbol {
        let Self { text: all, ends, known, hasher } = self;
        let hash = hasher.hash_one(text);
        if let Some(found) = known.find(hash, |number| at(all, ends, *number) == Some(text)) {
            return Symbol(*found);
        }
        let Ok(number) = u32::try_from(ends.len() + 1) else { return Symbol::NONE };
        all.push_str(text);
        ends.push(all.len());
        known.insert_unique(hash, number, |number| hasher.hash_one(at(all, ends, *number).unwrap_or_default()));
        Symbol(number)
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
        lexicon.freeze();
        assert_eq!(lexicon.get(b), Some("b"));
        for number in 0..1000 {
            lexicon.intern(&number.to_string());
        }
        let found = lexicon.intern("777");
        assert_eq!(lexicon.get(found), Some("777"));
    }
}
