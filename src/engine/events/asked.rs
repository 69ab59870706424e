//! The question whether an address is listed, asked of the texts of pages.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use super::probe::Probe;
use crate::engine::index::Names;
use crate::engine::lists::EventNames;
use crate::engine::pages::{
    self, BLOCK_TEXTS, Beyond, Chunk, Class, Classify, DictionaryVerdict, SHORT_BYTES, Scan, Scanner,
};
use crate::model::Address;
use crate::model::prefix_index::may_list_v4;

/// An answer, or why there is none.
pub(super) type Answer<T> = Result<T, String>;

/// Buffers that outlive a row group.
#[derive(Clone, Default)]
pub(super) struct Kept(Arc<Mutex<Scanner>>);

impl Kept {
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
        let mut scanner = self.kept.0.lock().unwrap_or_else(PoisonError::into_inner);
        match scanner.scan(chunk, &mut class) {
            Ok(_) if !is_text => Err("a column of names holds bytes that are no text".to_owned()),
            scan => scan.map_err(|why| why.to_string()),
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
        let mut scanner = self.kept.0.lock().unwrap_or_else(PoisonError::into_inner);
        let verdict = scanner.dictionary(chunk, &mut self.question);
        self.question.only_of_text(verdict)
    }

    /// Which rows are listed.
    pub(super) fn scan(mut self, chunk: &Chunk<'_>) -> Answer<Scan> {
        let mut scanner = self.kept.0.lock().unwrap_or_else(PoisonError::into_inner);
        let scan = scanner.scan(chunk, &mut self.question);
        self.question.only_of_text(scan)
    }
}

/// The question.
struct Question<'a> {
    probe: &'a Probe,
    /// A bit for each block of IPv4 in which anything may be listed.
    blocks: &'a [u64],
    /// Whether every text so far was UTF-8; the ordinary reader knows what becomes of the others.
    is_text: bool,
}

impl Question<'_> {
    fn only_of_text<T>(&self, answer: Result<T, Beyond>) -> Answer<T> {
        match answer {
            Ok(_) if !self.is_text => Err("RemoteIP holds bytes that are no text".to_owned()),
            answer => answer.map_err(|why| why.to_string()),
        }
    }

    #[inline]
    fn of_v4(&self, bits: u32) -> Class {
        let is_listed = may_list_v4(self.blocks, bits) && self.probe.lists(Address::from(Ipv4Addr::from_bits(bits)));
        if is_listed { Class::Listed } else { Class::Other }
    }

    #[inline]
    fn of_long(&mut self, text: &[u8]) -> Class {
        if let Some(address) = pages::address_of_long(text) {
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
        match pages::v4_of_short(text) {
            Some(bits) => self.of_v4(bits),
            None => self.of_long(text),
        }
    }

    /// First the texts that may be dotted, then the others: in turns, a processor guesses wrong at every second text.
    fn block(&mut self, texts: &[&[u8]], classes: &mut [Class]) {
        let (mut short, mut long) = ([0_u8; BLOCK_TEXTS], [0_u8; BLOCK_TEXTS]);
        let (mut shorts, mut longs) = (0, 0);
        for (at, text) in (0_u8..).zip(texts) {
            let is_short = text.len() <= SHORT_BYTES;
            if let (Some(short), Some(long)) = (short.get_mut(shorts), long.get_mut(longs)) {
                (*short, *long) = (at, at);
            }
            shorts += usize::from(is_short);
            longs += usize::from(!is_short);
        }
        for at in short.iter().take(shorts).map(|at| usize::from(*at)) {
            if let (Some(text), Some(class)) = (texts.get(at), classes.get_mut(at)) {
                *class = match pages::v4_of_short(text) {
                    Some(bits) => self.of_v4(bits),
                    None => self.of_long(text),
                };
            }
        }
        for at in long.iter().take(longs).map(|at| usize::from(*at)) {
            if let (Some(text), Some(class)) = (texts.get(at), classes.get_mut(at)) {
                *class = self.of_long(text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::lists::{TorBook, TorRules};
    use crate::model::relay::Role;
    use crate::model::{Prefix, RelayInterval};
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
