//! STIX 2.0 and 2.1 objects, in a bundle, in a TAXII envelope, or one by one.
//!
//! Only indicators are records; identities name publishers, marking definitions say how far a record may go, and what was
//! merely observed is counted. An object may stand before or after those that refer to it, in another line of the same
//! file too, so indicators wait until the file ends. Of the versions of one object
//! the newest counts, whichever file it is in. Patterns are read in `pattern`; values are judged where all feeds' are.

pub(super) mod fields;
mod indicator;
pub(super) mod markings;
pub(super) mod patterned;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use self::fields::text;
use super::json::{JsonKind, Members};
use super::sentinel::log::{Key, Log, Row};
use super::tally::{NO_INDICATOR, UNREADABLE_RECORD};
use super::{Context, Sink};
use crate::model::Tlp;

/// The kind.
pub(super) const KIND: JsonKind = JsonKind { name: "STIX", recognises, read };

/// Objects that say what was seen.
const OBSERVED: [&str; 20] = [
    "artifact",
    "autonomous-system",
    "directory",
    "domain-name",
    "email-addr",
    "email-message",
    "file",
    "hostname",
    "ipv4-addr",
    "ipv6-addr",
    "mac-addr",
    "mutex",
    "network-traffic",
    "observed-data",
    "process",
    "software",
    "url",
    "user-account",
    "windows-registry-key",
    "x509-certificate",
];

/// The indicators of one file, and what its other objects say of them.
#[derive(Default)]
pub(super) struct Objects {
    /// Names of identities.
    names: BTreeMap<String, String>,
    /// Levels of markings that the file defines.
    levels: BTreeMap<String, Tlp>,
    indicators: Vec<Referring>,
}

/// An indicator with its references.
struct Referring {
    row: Row,
    publisher: Option<String>,
    markings: Vec<String>,
    /// What it says of itself.
    level: Option<Tlp>,
}

fn recognises(members: &Members<'_>) -> bool {
    match text(members, "type") {
        Some(kind) if kind == "bundle" => true,
        Some(kind) => text(members, "id")
            .is_some_and(|id| id.strip_prefix(kind.as_str()).is_some_and(|rest| rest.starts_with("--"))),
        // A TAXII envelope; an empty one has no objects.
        None => members.has("objects") || (members.has("more") && members.has("next")),
    }
}

fn read(members: &Members<'_>, place: &str, context: &Context<'_>, sink: &mut Sink<'_>) -> Result<(), String> {
    let is_container = text(members, "type").is_none_or(|kind| kind == "bundle");
    if !is_container {
        object(members, place, context, sink);
        return Ok(());
    }
    let Some(objects) = members.get("objects").filter(|raw| raw.get() != "null") else { return Ok(()) };
    let objects: Vec<&RawValue> = serde_json::from_str(objects.get()).map_err(|_| "objects is no list".to_string())?;
    for (number, raw) in objects.into_iter().enumerate() {
        let place = format!("{place} object {}", number + 1);
        match Members::parse(raw.get()) {
            Ok(members) => object(&members, &place, context, sink),
            Err(_) => {
                sink.record();
                sink.reject(UNREADABLE_RECORD, || format!("{place}: not an object"));
            }
        }
    }
    Ok(())
}

fn object(members: &Members<'_>, place: &str, context: &Context<'_>, sink: &mut Sink<'_>) {
    let kind = text(members, "type").unwrap_or_default();
    let id = text(members, "id");
    match (kind.as_str(), id) {
        ("indicator", id) => {
            sink.record();
            indicator(members, id, place, context, sink);
        }
        ("identity", Some(id)) => {
            if let Some(name) = text(members, "name") {
                sink.objects.name(id, name);
            }
        }
        ("marking-definition", Some(id)) => {
            if let Some(level) = markings::defined(members) {
                let held = sink.objects.levels.entry(id).or_insert(level);
                *held = level.max(*held);
            }
        }
        (kind, _) if OBSERVED.contains(&kind) => {
            sink.record();
            sink.ignore(NO_INDICATOR);
        }
        // A bundle may hold bundles' other objects and vendors' own; none of them is an indicator.
        _ => {}
    }
}

fn indicator(members: &Members<'_>, id: Option<String>, place: &str, context: &Context<'_>, sink: &mut Sink<'_>) {
    let key = match &id {
        Some(id) => Key::of(&["object", id]),
        None => Key::of(&["place", &context.file.display, place]),
    };
    let read = indicator::read(members, id, place, context);
    let (time, source) = (read.time, context.source);
    let row = Row { id: key, observable: key, time, standing: read.standing, content: read.content, source };
    let (publisher, markings) = (text(members, "created_by_ref"), markings::references(members));
    sink.objects.indicators.push(Referring { row, publisher, markings, level: read.level });
}

impl Objects {
    /// Takes a finished row, of an entity without references.
    pub(super) fn push(&mut self, row: Row) {
        self.indicators.push(Referring { row, publisher: None, markings: Vec::new(), level: None });
    }

    /// Of several names the first in the alphabet, so that order cannot matter.
    fn name(&mut self, id: String, name: String) {
        match self.names.get_mut(&id) {
            Some(held) if *held <= name => {}
            Some(held) => *held = name,
            None => {
                self.names.insert(id, name);
            }
        }
    }

    /// The rows, with what the file says of their publishers and markings. To be called when the file has been read.
    pub(super) fn settle(self) -> Log {
        let mut log = Log::default();
        for Referring { mut row, publisher, markings, level } in self.indicators {
            let publisher = publisher.and_then(|id| self.names.get(&id));
            let known = markings.iter().filter_map(|id| markings::known(id));
            let defined = markings.iter().filter_map(|id| self.levels.get(id).copied());
            let level = known.chain(defined).chain(level).max();
            for indicator in &mut row.content.indicators {
                if let Some(name) = publisher {
                    indicator.source = Some(name.clone());
                }
                if let Some(level) = level {
                    indicator.tlp = Some(level.as_str().to_string());
                }
            }
            log.insert(row);
        }
        log
    }
}
