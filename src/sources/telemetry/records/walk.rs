//! One JSON value, and which of an export's packagings it is in.
//!
//! An event is flat, or lies in the `properties` of a streaming envelope; several lie in the array of a wrapper; some
//! shippers keep the record they received as it was, in one key of their own. Keys come in any order, so nothing is
//! decided before the value's end, and an envelope's own keys never stand for the event's.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{DEPTH_MAX, marks};

/// Bytes of a wrapper's key with its quotes, at most.
pub(super) const WRAPPER_KEY_BYTES: usize = 9;

/// Bytes of a number, at most: a 64-bit float needs 25, an exact one a few hundred.
const NUMBER_BYTES_MAX: usize = 512;

/// Event Hub's `records`, Graph's `results`, the older API's `Results`.
const WRAPPERS: [&str; 3] = ["records", "results", "Results"];

/// Keys under which shippers keep the record they received, first choice first: Cribl's event model, Event Hubs Capture
/// written as JSON and Event Hub consumers, Beats' and Logstash's event hub inputs, Splunk's collector.
const PAYLOADS: [&str; 5] = ["_raw", "Body", "body", "message", "event"];

/// Whether a string, with its quotes, is a key that wraps records.
pub(super) fn is_wrapper_key(quoted: &[u8]) -> bool {
    WRAPPERS.iter().any(|key| quoted.len() == key.len() + 2 && quoted.get(1..=key.len()) == Some(key.as_bytes()))
}

/// Where the fields of an event go.
pub(super) trait Fields<'a> {
    /// What a key means to it.
    type Key: Copy;
    /// Meets a key.
    fn key(&mut self, key: &str) -> Self::Key;
    /// Takes a key's value: JSON text, valid but for unpaired surrogates.
    fn value(&mut self, key: Self::Key, raw: &'a str);
    /// Forgets everything: it was an envelope's.
    fn clear(&mut self);
    /// Whether a key was met that only an event has.
    fn is_event(&self) -> bool;
}

/// What a JSON object is.
#[derive(Debug)]
pub(super) enum Found<'a> {
    /// An event; [`Fields`] has it.
    Event,
    /// A row of a table of this name.
    OtherTable(String),
    /// Records, as the elements of an array.
    Records(Vec<&'a RawValue>),
    /// The JSON text of one record or several, under this key.
    Payload(&'static str, Cow<'a, str>),
    /// An object without anything of this table.
    Nothing,
}

/// Reads an object.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn walk<'a, F: Fields<'a>>(text: &'a str, fields: &mut F) -> Result<Found<'a>, String> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let notes = deserializer.deserialize_any(Object { fields, depth: 1 }).map_err(invalid)?;
    deserializer.end().map_err(invalid)?;
    Ok(notes.judge(fields.is_event()))
}

/// The elements of an array.
///
/// # Errors
/// It is no array, or no JSON.
pub(super) fn elements(text: &str) -> Result<Vec<&RawValue>, String> {
    serde_json::from_str(text).map_err(invalid)
}

fn invalid(error: serde_json::Error) -> String {
    let error = error.to_string();
    // A record is one text; where it begins in the file is said beside this.
    match error.rsplit_once(" at line ") {
        Some((what, place)) => {
            let column = place.rsplit_once(' ').map_or("", |(_, column)| column);
            match what.strip_prefix(OWN) {
                Some(own) => own.to_owned(),
                None => format!("not valid JSON: {what} at byte {column}"),
            }
        }
        None => error.strip_prefix(OWN).map_or_else(|| format!("not valid JSON: {error}"), str::to_owned),
    }
}

/// Begins the messages that are ours and not the JSON reader's.
const OWN: &str = "\u{1}";

/// What was met beside the fields.
#[derive(Default)]
struct Notes<'a> {
    is_enveloped: bool,
    category: Option<&'a str>,
    tables: [Option<&'a str>; 3],
    records: Option<Vec<&'a RawValue>>,
    payloads: [Option<&'a str>; 5],
    properties: Option<String>,
}

impl<'a> Notes<'a> {
    fn judge(self, is_event: bool) -> Found<'a> {
        let category = self.category.and_then(text_of);
        let category = category.filter(|name| self.is_enveloped || marks::has_prefix(name));
        let table = category.or_else(|| self.tables.iter().flatten().find_map(|raw| text_of(raw)));
        if let Some(table) = table.as_deref().map(marks::table_name).filter(|table| !marks::is_this_table(table)) {
            return Found::OtherTable(table.to_owned());
        }
        if self.is_enveloped || is_event {
            return if is_event { Found::Event } else { Found::Nothing };
        }
        if let Some(records) = self.records {
            return Found::Records(records);
        }
        let payloads = PAYLOADS.iter().zip(self.payloads).filter_map(|(key, raw)| Some((*key, json_in(raw?)?)));
        let properties = self.properties.filter(|text| is_json(text)).map(|text| ("properties", Cow::Owned(text)));
        payloads.chain(properties).next().map_or(Found::Nothing, |(key, text)| Found::Payload(key, text))
    }
}

fn text_of(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    let text = if inner.contains('\\') { Cow::Owned(serde_json::from_str(raw).ok()?) } else { Cow::Borrowed(inner) };
    (!text.is_empty()).then_some(text)
}

/// The JSON that a value is, or that it holds as text.
fn json_in(raw: &str) -> Option<Cow<'_, str>> {
    if is_json(raw) { Some(Cow::Borrowed(raw)) } else { text_of(raw).filter(|text| is_json(text)) }
}

fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// Reads an object at the level of records.
struct Object<'f, F> {
    fields: &'f mut F,
    depth: usize,
}

/// What a key of such an object is for.
enum Role {
    Field,
    Properties,
    Records,
    Category,
    Table(usize),
    Payload(usize),
}

fn role(key: &str) -> Role {
    match key {
        "properties" => Role::Properties,
        "records" | "results" | "Results" => Role::Records,
        "category" => Role::Category,
        "Type" => Role::Table(0),
        "$table" => Role::Table(1),
        "TableName" => Role::Table(2),
        _ => PAYLOADS.iter().position(|payload| *payload == key).map_or(Role::Field, Role::Payload),
    }
}

impl<'a, F: Fields<'a>> Visitor<'a> for Object<'_, F> {
    type Value = Notes<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Notes<'a>, A::Error> {
        let Object { fields, depth } = self;
        let mut notes = Notes::default();
        while let Some((role, key)) = map.next_key_seed(RoleSeed(&mut *fields))? {
            if matches!(role, Role::Properties) {
                match map.next_value_seed(Properties(&mut *fields))? {
                    Inner::Event => notes.is_enveloped = true,
                    Inner::Text(text) => notes.properties = Some(text),
                    Inner::Else => {}
                }
                continue;
            }
            if matches!(role, Role::Records) && !fields.is_event() {
                // Not as one raw value first: a wrapper is most of its file, and would be scanned twice.
                notes.records = map.next_value_seed(Elements)?.or(notes.records);
                continue;
            }
            let raw = map.next_value::<&'a RawValue>()?.get();
            check(raw, depth).map_err(A::Error::custom)?;
            match role {
                Role::Category => notes.category = Some(raw),
                Role::Table(at) => notes.tables[at] = Some(raw),
                Role::Payload(at) => notes.payloads[at] = Some(raw),
                Role::Field | Role::Properties | Role::Records => {}
            }
            if !notes.is_enveloped {
                fields.value(key, raw);
            }
        }
        Ok(notes)
    }
}

struct RoleSeed<'f, F>(&'f mut F);

impl<'a, F: Fields<'a>> DeserializeSeed<'a> for RoleSeed<'_, F> {
    type Value = (Role, F::Key);

    fn deserialize<D: serde::Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a, F: Fields<'a>> Visitor<'a> for RoleSeed<'_, F> {
    type Value = (Role, F::Key);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok((role(key), self.0.key(key)))
    }
}

struct KeySeed<'f, F>(&'f mut F);

impl<'a, F: Fields<'a>> DeserializeSeed<'a> for KeySeed<'_, F> {
    type Value = F::Key;

    fn deserialize<D: serde::Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a, F: Fields<'a>> Visitor<'a> for KeySeed<'_, F> {
    type Value = F::Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.key(key))
    }
}

/// What `properties` holds.
enum Inner {
    Event,
    Text(String),
    Else,
}

struct Properties<'f, F>(&'f mut F);

impl<'a, F: Fields<'a>> DeserializeSeed<'a> for Properties<'_, F> {
    type Value = Inner;

    fn deserialize<D: serde::Deserializer<'a>>(self, deserializer: D) -> Result<Inner, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a, F: Fields<'a>> Visitor<'a> for Properties<'_, F> {
    type Value = Inner;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("properties")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Inner, A::Error> {
        let fields = self.0;
        fields.clear();
        while let Some(key) = map.next_key_seed(KeySeed(&mut *fields))? {
            let raw = map.next_value::<&'a RawValue>()?.get();
            check(raw, 2).map_err(A::Error::custom)?;
            fields.value(key, raw);
        }
        Ok(Inner::Event)
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut sequence: A) -> Result<Inner, A::Error> {
        while sequence.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Inner::Else)
    }

    fn visit_str<E>(self, text: &str) -> Result<Inner, E> {
        Ok(Inner::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Inner, E> {
        Ok(Inner::Else)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Inner, E> {
        Ok(Inner::Else)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Inner, E> {
        Ok(Inner::Else)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Inner, E> {
        Ok(Inner::Else)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Inner, E> {
        Ok(Inner::Else)
    }
}

/// The elements of a value, if it is an array.
struct Elements;

impl<'a> DeserializeSeed<'a> for Elements {
    type Value = Option<Vec<&'a RawValue>>;

    fn deserialize<D: serde::Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Elements {
    type Value = Option<Vec<&'a RawValue>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("records")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = sequence.next_element()? {
            elements.push(element);
        }
        Ok(Some(elements))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// Refuses values that are sound JSON and yet no telemetry. `depth` is that of the value's surroundings.
fn check(raw: &str, depth: usize) -> Result<(), String> {
    match raw.as_bytes().first() {
        Some(b'{' | b'[') if raw.len() > DEPTH_MAX && nesting(raw) + depth > DEPTH_MAX => {
            Err(format!("{OWN}nested deeper than {DEPTH_MAX} levels"))
        }
        Some(b'-' | b'0'..=b'9') if raw.len() > NUMBER_BYTES_MAX => {
            Err(format!("{OWN}a number of {} digits; up to {NUMBER_BYTES_MAX} are read", raw.len()))
        }
        _ => Ok(()),
    }
}

/// How deep a sound JSON text nests.
fn nesting(raw: &str) -> usize {
    let (mut depth, mut deepest, mut is_string, mut is_escaped) = (0_usize, 0, false, false);
    for byte in raw.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_string,
            b'"' => is_string = !is_string,
            _ if is_string => {}
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
