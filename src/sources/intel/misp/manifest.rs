//! The manifest of a MISP feed: an object of events by uuid, whatever the file is called.
//!
//! It holds no indicators. What it lists and no file of the source brings is counted when the source has been read.

use serde_json::value::RawValue;

use super::super::json::{JsonKind, Members};
use super::super::tally::UNREADABLE_RECORD;
use super::super::{Context, Sink};
use super::is_uuid;

/// The kind.
pub(super) const KIND: JsonKind = JsonKind { name: "MISP manifest", recognises, read };

/// Members that an event of a manifest has.
const MEMBERS: [&str; 4] = ["info", "date", "Orgc", "timestamp"];

fn recognises(members: &Members<'_>) -> bool {
    members.iter().all(|(name, _)| is_uuid(name)) && members.iter().any(|(_, raw)| is_listing(raw))
}

fn is_listing(raw: &RawValue) -> bool {
    Members::parse(raw.get()).is_ok_and(|event| MEMBERS.iter().any(|name| event.has(name)))
}

fn read(members: &Members<'_>, place: &str, _: &Context<'_>, sink: &mut Sink<'_>) -> Result<(), String> {
    for (uuid, raw) in members.iter() {
        if is_listing(raw) {
            sink.listed_events.insert(uuid.to_ascii_lowercase());
        } else {
            sink.record();
            sink.reject(UNREADABLE_RECORD, || format!("{place} {uuid}: lists no event"));
        }
    }
    Ok(())
}
