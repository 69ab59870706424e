//! Events in every shape in which servers, feeds and libraries write them.
//!
//! `{"Event":…}`, `{"response":[{"Event":…}]}`, a bare event, `{"response":{"Attribute":[…]}}`, `{"Attribute":[…]}`,
//! `{"Object":…}`, and a bare attribute; arrays of these are taken apart before. A list of attributes is an event that
//! says nothing of itself, and of an attribute that carries its own event that one is believed. What else a member may
//! be is decided in `lenient`, what an attribute comes to in `attribute`.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::json::{JsonKind, Members};
use super::super::tally::UNREADABLE_RECORD;
use super::super::{Context, Sink};
use super::attribute::{Attribute, Publication};
use super::lenient::{Word, each, first, object};
use super::tags::Marks;

/// The kind.
pub(super) const KIND: JsonKind = JsonKind { name: "MISP (JSON)", recognises, read };

/// Responses inside responses that are followed.
const DEPTH_MAX: u8 = 4;

/// Members of which an event of MISP has one; other systems wrap other things in `Event`.
const OF_EVENTS: [&str; 6] = ["Attribute", "Object", "Orgc", "info", "orgc_id", "uuid"];
/// Members of which an object of MISP has one.
const OF_OBJECTS: [&str; 3] = ["Attribute", "meta-category", "template_uuid"];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Event<'a> {
    #[serde(borrow)]
    uuid: Word<'a>,
    #[serde(borrow)]
    info: Word<'a>,
    #[serde(borrow)]
    date: Word<'a>,
    #[serde(borrow, rename = "Orgc")]
    publisher: Option<&'a RawValue>,
    #[serde(borrow, rename = "Tag")]
    tags: Option<&'a RawValue>,
    #[serde(borrow, rename = "Attribute")]
    attributes: Option<&'a RawValue>,
    #[serde(borrow, rename = "Object")]
    objects: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Publisher<'a> {
    #[serde(borrow, default)]
    name: Word<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Grouped<'a> {
    #[serde(borrow)]
    deleted: Word<'a>,
    #[serde(borrow, rename = "Event")]
    event: Option<&'a RawValue>,
    #[serde(borrow, rename = "Attribute")]
    attributes: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Written<'a> {
    #[serde(borrow)]
    uuid: Word<'a>,
    #[serde(borrow, rename = "type")]
    kind: Word<'a>,
    #[serde(borrow)]
    category: Word<'a>,
    #[serde(borrow)]
    value: Word<'a>,
    #[serde(borrow)]
    to_ids: Word<'a>,
    #[serde(borrow)]
    deleted: Word<'a>,
    #[serde(borrow)]
    timestamp: Word<'a>,
    #[serde(borrow)]
    first_seen: Word<'a>,
    #[serde(borrow)]
    last_seen: Word<'a>,
    #[serde(borrow, rename = "Tag")]
    tags: Option<&'a RawValue>,
    #[serde(borrow, rename = "Event")]
    event: Option<&'a RawValue>,
}

/// What a document is, by its members.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Response,
    Wrapped,
    /// With attributes or objects of its own, or an event without any.
    Event,
    Attribute,
}

fn recognises(members: &Members<'_>) -> bool {
    match shape(members) {
        Some(Shape::Response) => members.get("response").is_some_and(|raw| is_response(raw, DEPTH_MAX)),
        shape => shape.is_some(),
    }
}

/// Whether the member's first item has one of these members.
fn holds(members: &Members<'_>, name: &str, one_of: &[&str]) -> bool {
    let item = members.get(name).and_then(first).and_then(|item| Members::parse(item.get()).ok());
    item.is_some_and(|item| one_of.iter().any(|name| item.has(name)))
}

/// An empty response is what MISP answers when nothing was found.
fn is_response(raw: &RawValue, depth: u8) -> bool {
    match first(raw) {
        None => raw.get().starts_with('['),
        Some(item) => Members::parse(item.get()).is_ok_and(|members| match shape(&members) {
            Some(Shape::Response) if depth > 0 => {
                members.get("response").is_some_and(|raw| is_response(raw, depth - 1))
            }
            shape => shape.is_some_and(|shape| shape != Shape::Response),
        }),
    }
}

fn shape(members: &Members<'_>) -> Option<Shape> {
    let has = |name| members.has(name);
    let is_list = |name| members.get(name).is_some_and(|raw| raw.get().starts_with(['[', '{']));
    let is_bare = has("info") && has("uuid") && (has("Orgc") || has("threat_level_id") || has("analysis"));
    if has("type") && has("value") && has("category") && (has("to_ids") || has("event_id") || has("Event")) {
        Some(Shape::Attribute)
    } else if is_list("Attribute") || holds(members, "Object", &OF_OBJECTS) || is_bare {
        Some(Shape::Event)
    } else if holds(members, "Event", &OF_EVENTS) {
        Some(Shape::Wrapped)
    } else if is_list("response") {
        Some(Shape::Response)
    } else {
        None
    }
}

fn read(members: &Members<'_>, place: &str, context: &Context<'_>, sink: &mut Sink<'_>) -> Result<(), String> {
    Reader { context, sink }.document(members, place, DEPTH_MAX)
}

struct Reader<'r, 'c, 's> {
    context: &'r Context<'c>,
    sink: &'r mut Sink<'s>,
}

impl Reader<'_, '_, '_> {
    fn document(&mut self, members: &Members<'_>, place: &str, depth: u8) -> Result<(), String> {
        match shape(members) {
            Some(Shape::Response) => {
                let Some(depth) = depth.checked_sub(1) else { return Err("responses inside responses".into()) };
                if let Some(raw) = members.get("response") {
                    let is_list = raw.get().starts_with('[');
                    each(raw, |number, item| {
                        let place = if is_list { format!("{place} item {number}") } else { place.to_string() };
                        let read = Members::parse(item.get()).map_err(|_| "no object".to_string());
                        self.or_reject(&place, |reader| reader.document(&read?, &place, depth));
                    });
                }
                Ok(())
            }
            Some(Shape::Wrapped) => {
                if let Some(raw) = members.get("Event") {
                    each(raw, |_, event| self.or_reject(place, |reader| reader.event(&object(event)?, place)));
                }
                Ok(())
            }
            Some(Shape::Event) => self.event(&event_of(members)?, place),
            Some(Shape::Attribute) => {
                self.attribute(&written_of(members)?, &Publication::default(), place);
                Ok(())
            }
            None => Err("neither an event nor attributes of MISP".into()),
        }
    }

    /// A part that cannot be read is one broken record; the others still count.
    fn or_reject(&mut self, place: &str, read: impl FnOnce(&mut Self) -> Result<(), String>) {
        if let Err(reason) = read(self) {
            self.sink.record();
            self.sink.reject(UNREADABLE_RECORD, || format!("{place}: {reason}"));
        }
    }

    fn event(&mut self, event: &Event<'_>, place: &str) -> Result<(), String> {
        if let Some(uuid) = event.uuid.text() {
            self.sink.read_events.insert(uuid.to_ascii_lowercase());
        }
        let publication = publication(event);
        if let Some(list) = event.attributes {
            self.attributes(list, &publication, place);
        }
        let Some(objects) = event.objects else { return Ok(()) };
        each(objects, |number, item| {
            let place = format!("{place} object {number}");
            self.or_reject(&place, |reader| {
                let grouped: Grouped<'_> = object(item)?;
                let own = grouped.event.and_then(|event| object::<Event<'_>>(event).ok());
                let own = own.as_ref().map(self::publication);
                let publication = own.as_ref().unwrap_or(&publication);
                match grouped.attributes {
                    Some(list) if grouped.deleted.flag() == Some(true) => reader.deleted(list),
                    Some(list) => reader.attributes(list, publication, &place),
                    None => {}
                }
                Ok(())
            });
        });
        Ok(())
    }

    /// The attributes of a deleted object are deleted with it.
    fn deleted(&mut self, list: &RawValue) {
        let gone = Attribute { deleted: true, ..Attribute::default() };
        each(list, |_, _| gone.take(&Publication::default(), self.context, self.sink, String::new));
    }

    fn attributes(&mut self, list: &RawValue, publication: &Publication, place: &str) {
        each(list, |number, item| match object::<Written<'_>>(item) {
            Ok(written) => self.attribute_at(&written, publication, || format!("{place} attribute {number}")),
            Err(reason) => {
                self.sink.record();
                self.sink.reject(UNREADABLE_RECORD, || format!("{place} attribute {number}: {reason}"));
            }
        });
    }

    fn attribute(&mut self, written: &Written<'_>, publication: &Publication, place: &str) {
        self.attribute_at(written, publication, || place.to_string());
    }

    fn attribute_at(&mut self, written: &Written<'_>, publication: &Publication, place: impl Fn() -> String) {
        let attribute = Attribute {
            uuid: written.uuid.text(),
            kind: written.kind.text(),
            category: written.category.text(),
            value: written.value.text(),
            to_ids: written.to_ids.flag(),
            deleted: written.deleted.flag() == Some(true),
            timestamp: written.timestamp.text(),
            first_seen: written.first_seen.text(),
            last_seen: written.last_seen.text(),
            marks: Marks::of_json(written.tags),
        };
        let own = written.event.and_then(|event| object::<Event<'_>>(event).ok());
        let own = own.as_ref().map(self::publication);
        attribute.take(own.as_ref().unwrap_or(publication), self.context, self.sink, place);
    }
}

fn publication(event: &Event<'_>) -> Publication {
    let publisher = event.publisher.and_then(|raw| object::<Publisher<'_>>(raw).ok());
    Publication {
        name: event.info.owned(),
        source: publisher.and_then(|publisher| publisher.name.owned()),
        date: event.date.owned(),
        marks: Marks::of_json(event.tags),
    }
}

/// The members of a bare event, which are those of the document.
fn event_of<'a>(members: &Members<'a>) -> Result<Event<'a>, String> {
    Ok(Event {
        uuid: word(members, "uuid")?,
        info: word(members, "info")?,
        date: word(members, "date")?,
        publisher: members.get("Orgc"),
        tags: members.get("Tag"),
        attributes: members.get("Attribute"),
        objects: members.get("Object"),
    })
}

fn written_of<'a>(members: &Members<'a>) -> Result<Written<'a>, String> {
    let word = |name| word(members, name);
    Ok(Written {
        uuid: word("uuid")?,
        kind: word("type")?,
        category: word("category")?,
        value: word("value")?,
        to_ids: word("to_ids")?,
        deleted: word("deleted")?,
        timestamp: word("timestamp")?,
        first_seen: word("first_seen")?,
        last_seen: word("last_seen")?,
        tags: members.get("Tag"),
        event: members.get("Event"),
    })
}

fn word<'a>(members: &Members<'a>, name: &str) -> Result<Word<'a>, String> {
    let read = members.get(name).map(|raw| serde_json::from_str(raw.get()));
    read.transpose().map(Option::unwrap_or_default).map_err(|_| format!("{name} is not readable"))
}
