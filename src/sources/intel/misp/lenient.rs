//! MISP's JSON as servers of many ages write it: numbers and flags as text, lists of one without brackets, nulls.
//!
//! A member of the wrong type says nothing and the rest of its object still counts. Lists are walked, never collected,
//! so that an event of any size costs no more than its text; members that nobody asks for are passed over without
//! recursion.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::sources::text::excerpt;

/// Text, or a number or flag as text; anything else is none.
#[derive(Clone, Debug, Default)]
pub(super) struct Word<'a>(Option<Cow<'a, str>>);

impl Word<'_> {
    /// The text, unless it is blank.
    pub(super) fn text(&self) -> Option<&str> {
        self.0.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }

    pub(super) fn owned(&self) -> Option<String> {
        self.text().map(str::to_string)
    }

    pub(super) fn flag(&self) -> Option<bool> {
        self.text().and_then(flag)
    }
}

/// Yes or no, in the ways in which PHP, Python and CSV say it.
pub(super) fn flag(text: &str) -> Option<bool> {
    let says = |words: [&str; 3]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if says(["1", "true", "yes"]) {
        Some(true)
    } else if says(["0", "false", "no"]) {
        Some(false)
    } else {
        None
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Word<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordVisitor).map(Word)
    }
}

struct WordVisitor;

impl<'de> Visitor<'de> for WordVisitor {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_string())))
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(if flag { "true" } else { "false" })))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// Whether the value is an object.
pub(super) fn is_object(raw: &RawValue) -> bool {
    raw.get().starts_with('{')
}

/// An object's members; a list is none, although serde would take one for the members in order.
pub(super) fn object<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, String> {
    if !is_object(raw) {
        return Err(format!("{} is no object", excerpt(raw.get())));
    }
    serde_json::from_str(raw.get()).map_err(|error| {
        let text = error.to_string();
        text.split(" at line ").next().unwrap_or(&text).to_string()
    })
}

/// Calls `visit` with every item and its number from 1. Anything but a list is one item, null is none.
pub(super) fn each<'a>(raw: &'a RawValue, visit: impl FnMut(u64, &'a RawValue)) {
    let text = raw.get();
    let mut walk = Walk(visit);
    if text.starts_with('[') {
        // The list is part of a document that was parsed before, so it cannot break off.
        let _whole = serde_json::Deserializer::from_str(text).deserialize_seq(walk);
    } else if text != "null" {
        (walk.0)(1, raw);
    }
}

/// The first item, as [`each`] counts them.
pub(super) fn first(raw: &RawValue) -> Option<&RawValue> {
    struct First;
    impl<'de> Visitor<'de> for First {
        type Value = Option<&'de RawValue>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            let first = items.next_element()?;
            while items.next_element::<IgnoredAny>()?.is_some() {}
            Ok(first)
        }
    }
    match raw.get() {
        "null" => None,
        text if text.starts_with('[') => serde_json::Deserializer::from_str(text).deserialize_seq(First).ok().flatten(),
        _ => Some(raw),
    }
}

struct Walk<F>(F);

impl<'de, F: FnMut(u64, &'de RawValue)> Visitor<'de> for Walk<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(item) = items.next_element()? {
            number += 1;
            (self.0)(number, item);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> &RawValue {
        serde_json::from_str(text).unwrap()
    }

    fn word(text: &str) -> Option<String> {
        serde_json::from_str::<Word<'_>>(text).unwrap().owned()
    }

    #[test]
    fn every_scalar_is_text() {
        for (text, want) in [
            ("\"a\"", Some("a")),
            ("\" \\u0061\\n\"", Some("a")),
            ("7", Some("7")),
            ("-7", Some("-7")),
            ("1.5", Some("1.5")),
            ("true", Some("true")),
            ("null", None),
            ("\"  \"", None),
            ("[1,[2]]", None),
            ("{\"a\":{\"b\":1}}", None),
        ] {
            assert_eq!(word(text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn flags_have_many_spellings() {
        for (text, want) in
            [("1", Some(true)), ("True", Some(true)), ("0", Some(false)), ("FALSE", Some(false)), ("maybe", None)]
        {
            assert_eq!(flag(text), want, "{text}");
        }
    }

    #[test]
    fn a_list_of_one_needs_no_brackets() {
        for (text, want) in [("[1, {\"a\":[2]}]", "1:1 2:{\"a\":[2]}"), ("{}", "1:{}"), ("null", ""), ("[]", "")] {
            let mut seen = Vec::new();
            each(raw(text), |number, item| seen.push(format!("{number}:{}", item.get())));
            assert_eq!(seen.join(" "), want, "{text}");
            assert_eq!(first(raw(text)).map(|item| format!("1:{}", item.get())), seen.first().cloned(), "{text}");
        }
    }

    #[test]
    fn a_list_is_no_object() {
        assert_eq!(object::<Word<'_>>(raw("[1]")).unwrap_err(), "[1] is no object");
    }
}
