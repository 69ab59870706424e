//! The question whether an address is listed, asked of the texts of pages.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::probe::Probe;
use crate::engine::index::Names;
use crate::engine::lists::EventNames;
use crate::engine::pages::{
    self, BLOCK_TEXTS, Beyond, Chunk, Class, Classify, DictionaryVerdict, Dotted, Picker, Scan, Scanner,
};
use crate::model::blocks::Blocks;

/// The longest text of an IPv4 address.
const SHORT_BYTES: usize = 15;

/// An answer, or why there is none.
pub(super) type Answer<T> = Result<T, Beyond>;

/// Buffers that outlive a row group.
#[derive(Clone, Default)]
pub(super) struct Kept {
    scanner: Arc<Mutex<Scanner>>,
    picker: Arc<Mutex<Picker>>,
}

impl Kept {
    /// Reads the texts of a few rows.
    pub(super) fn picker(&self) -> MutexGuard<'_, Picker> {
        self.picker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks of a chunk.
    pub(super) fn of<'a>(&'a self, probe: &'a Probe) -> Asked<'a> {
        Asked { kept: self, question: Question { probe, blocks: probe.blocks(), is_text: true } }
    }

    /// Asks for the names of one column.
    pub(super) const fn names_of<'a>(&'a self, probe: &'a Probe, column: Names) -> Named<'a> {
        Named { kept: self, probe, column }
    }
}

/// The question whether a name in a column of texts is listed.
pub(super) struct Named<'a> {
    kept: &'a Kept,
    probe: &'a Probe,
    column: Names,
}

impl Named<'_> {
    /// Which rows hold a listed name.
    pub(super) fn scan(self, chunk: &Chunk<'_>) -> Answer<Scan> {
        let mut is_text = true;
        let mut class = |text: &[u8]| {
            let Ok(text) = std::str::from_utf8(text) else {
                is_text = false;
                return Class::Other;
            };
            let names = match self.column.remote_url {
                true => EventNames::of(Some(text), None),
                false => EventNames::of(None, Some(text)),
            };
            if self.probe.lists_name(&names) { Class::Listed } else { Class::Other }
        };
        let mut scanner = self.kept.scanner.lock().unwrap_or_else(PoisonError::into_inner);
        match scanner.scan(chunk, &mut class) {
            Ok(_) if !is_text => Err(Beyond::NoText("a column of names")),
            scan => scan,
        }
    }
}

/// The question, and where it is asked.
pub(super) struct Asked<'a> {
    kept: &'a Kept,
    question: Question<'a>,
}

impl Asked<'_> {
    /// What the dictionary says.
    pub(super) fn dictionary(mut self, chunk: &Chunk<'_>) -> Answer<DictionaryVerdict> {
        let mut scanner = self.kept.scanner.lock().unwrap_or_else(PoisonError::into_inner);
        let verdict = scanner.dictionary(chunk, &mut self.question);
        self.question.only_of_text(verdict)
    }

    /// Which rows are listed.
    pub(super) fn scan(mut self, chunk: &Chunk<'_>) -> Answer<Scan> {
        let mut scanner = self.kept.scanner.lock().unwrap_or_else(PoisonError::into_inner);
        let scan = scanner.scan(chunk, &mut self.question);
        self.question.only_of_text(scan)
    }
}

/// The question.
struct Question<'a> {
    probe: &'a Probe,
    blocks: Option<&'a Blocks>,
    /// Whether every text so far was UTF-8; the ordinary reader knows what becomes of the others.
    is_text: bool,
}

impl Question<'_> {
    fn only_of_text<T>(&self, answer: Result<T, Beyond>) -> Answer<T> {
        match answer {
            Ok(_) if !self.is_text => Err(Beyond::NoText("RemoteIP")),
            answer => answer,
        }
    }

    /// Whether a text is an address near which nothing is listed, told without its value where it is written as most are. One of
    /// up to [`SHORT_BYTES`] is IPv4, if anything.
    #[inline]
    fn is_far(&self, text: &[u8]) -> bool {
        if text.len() <= SHORT_BYTES { self.is_far_v4(text) } else { self.is_far_v6(text) }
    }

    #[inline]
    fn is_far_v4(&self, text: &[u8]) -> bool {
        self.blocks.is_some_and(|blocks| Dotted::of(text).is_some_and(|v4| !blocks.may_hold_v4(v4.upper_half())))
    }

    #[inline]
    fn is_far_v6(&self, text: &[u8]) -> bool {
        self.blocks.is_some_and(|blocks| pages::upper_of_v6(text).is_some_and(|upper| !blocks.may_hold_v6(upper)))
    }

    fn look(&mut self, text: &[u8]) -> Class {
        if let Some(address) = pages::address(text) {
            return if self.probe.lists(address) { Class::Listed } else { Class::Other };
        }
        match std::str::from_utf8(text) {
            Ok(text) if text.trim().is_empty() => Class::Other,
            Ok(_) => Class::Unreadable,
            Err(_) => {
                self.is_text = false;
                Class::Other
            }
        }
    }
}

impl Classify for Question<'_> {
    fn one(&mut self, text: &[u8]) -> Class {
        if self.is_far(text) { Class::Other } else { self.look(text) }
    }

    /// First the short texts, then the long ones: in turns, a processor guesses wrong at every second text. The few that are near
    /// a listed address come last.
    fn block(&mut self, texts: &[&[u8]], classes: &mut [Class]) {
        let (mut short, mut long, mut near) = (Places::default(), Places::default(), Places::default());
        for (at, text) in (0..).zip(texts) {
            short.add(at, text.len() <= SHORT_BYTES);
            long.add(at, text.len() > SHORT_BYTES);
        }
        for (at, text) in short.of(texts) {
            near.add(at, !self.is_far_v4(text));
        }
        for (at, text) in long.of(texts) {
            near.add(at, !self.is_far_v6(text));
        }
        classes.fill(Class::Other);
        for (at, text) in near.of(texts) {
            if let Some(class) = classes.get_mut(usize::from(at)) {
                *class = self.look(text);
            }
        }
    }
}

/// Some of the texts of a block, by their places.
struct Places {
    all: [u8; BLOCK_TEXTS],
    count: usize,
}

impl Default for Places {
    fn default() -> Self {
        Self { all: [0; BLOCK_TEXTS], count: 0 }
    }
}

impl Places {
    /// Adds a place on a condition, without a branch.
    #[inline]
    fn add(&mut self, at: u8, holds: bool) {
        if let Some(next) = self.all.get_mut(self.count) {
            *next = at;
        }
        self.count += usize::from(holds);
    }

    #[inline]
    fn of<'a>(&'a self, texts: &'a [&'a [u8]]) -> impl Iterator<Item = (u8, &'a [u8])> {
        self.all.iter().take(self.count).filter_map(|at| Some((*at, *texts.get(usize::from(*at))?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::lists::{TorBook, TorRules};
    use crate::model::relay::Role;
    use crate::model::{Address, Prefix, RelayInterval};
    use proptest::prelude::*;

    fn probe() -> Probe {
        let relays = ["192.0.2.7", "198.51.100.0/28", "2001:db8::7", "2001:db8:7::/48"];
        let interval = |prefix: &&str| RelayInterval {
            prefix: Prefix::parse(prefix).unwrap(),
            role: Role::Exit,
            seen_from: None,
            seen_to: None,
            observed_by: String::new(),
            port: None,
            source: "test".to_owned(),
        };
        let intervals: Vec<RelayInterval> = relays.iter().map(interval).collect();
        Probe::Address(Arc::new(TorBook::new(&intervals, &[], TorRules::default())))
    }

    proptest! {
        /// A block says of each text what the text alone is, and that is what the model and the list say.
        #[test]
        fn a_block_is_its_texts(texts in prop::collection::vec(
            "(192\\.0\\.2\\.[0-9]{1,2}|198\\.51\\.100\\.[0-9]{1,3}|2001:db8(:7)?::[0-9a-f]{1,2}|::ffff:192\\.0\\.2\\.7|[0-9.:a]{0,18}| )",
            0..=BLOCK_TEXTS,
        )) {
            let probe = probe();
            let mut question = Question { probe: &probe, blocks: probe.blocks(), is_text: true };
            let bytes: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
            let mut classes = vec![Class::Unreadable; texts.len()];
            question.block(&bytes, &mut classes);
            for (text, class) in texts.iter().zip(classes) {
                let want = match Address::parse(text) {
                    Some(address) if probe.lists(address) => Class::Listed,
                    Some(_) => Class::Other,
                    None if text.trim().is_empty() => Class::Other,
                    None => Class::Unreadable,
                };
                prop_assert_eq!(class, want, "{}", text);
                prop_assert_eq!(question.one(text.as_bytes()), want, "{}", text);
            }
        }
    }
}
