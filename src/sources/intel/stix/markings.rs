//! How far a STIX object may go: marking ids that everybody knows, and definitions that come along.
//!
//! The strictest decides, also between a known id and a file's own definition of it: a feed must not be able to open what
//! is closed.

use serde_json::Value;

use super::super::json::Members;
use super::fields::{text, text_of, texts, value};
use crate::model::Tlp;

/// Ids of the TLP markings, without `marking-definition--`.
const KNOWN: [(&str, Tlp); 10] = [
    // TLP 1, in the STIX specification.
    ("613f2e26-407d-48c7-9eca-b8e91df99dc9", Tlp::Clear),
    ("34098fce-860f-48ae-8e50-ebd3cc5e41da", Tlp::Green),
    ("f88d31f6-486f-44da-b317-01333bde0b82", Tlp::Amber),
    ("5e57c739-391a-4eb3-b6be-7d15ca92d5ed", Tlp::Red),
    // OpenCTI's level between.
    ("826578e1-40ad-459f-bc73-ede076f81f37", Tlp::AmberStrict),
    // TLP 2, by OASIS.
    ("94868c89-83c2-464b-929b-a1a8aa3c8487", Tlp::Clear),
    ("bab4a63c-aed9-4cf5-a766-dfca5abac2bb", Tlp::Green),
    ("55d920b0-5e8b-4f79-9ee9-91f868d9b421", Tlp::Amber),
    ("939a9414-2ddd-4d32-a0cd-375ea402b003", Tlp::AmberStrict),
    ("e828b379-4e03-4974-9ac4-e53a884c97c1", Tlp::Red),
];

/// The level of a marking's id, if it is a known one.
pub(in crate::sources::intel) fn known(id: &str) -> Option<Tlp> {
    let id = id.strip_prefix("marking-definition--")?;
    KNOWN.iter().find(|(known, _)| known.eq_ignore_ascii_case(id)).map(|(_, level)| *level)
}

/// The level that a `marking-definition` object defines, if it defines one.
pub(super) fn defined(members: &Members<'_>) -> Option<Tlp> {
    let mut words: Vec<String> =
        ["name", "x_opencti_definition"].iter().filter_map(|name| text(members, name)).collect();
    if let Some(Value::Object(mut definition)) = members.get("definition").map(value) {
        words.extend(["tlp", "statement"].iter().filter_map(|name| definition.remove(*name)).filter_map(text_of));
    }
    // TLP 2 is an extension, under one id by the letter and under others in exports.
    if let Some(Value::Object(extensions)) = members.get("extensions").map(value) {
        let levels = extensions.into_iter().filter_map(|(_, extension)| extension.get("tlp_2_0").cloned());
        words.extend(levels.filter_map(text_of));
    }
    Tlp::strictest(words.iter().map(String::as_str))
}

/// The ids of an object's markings, those of parts of it too.
pub(super) fn references(members: &Members<'_>) -> Vec<String> {
    let mut ids = texts(members, "object_marking_refs");
    if let Some(Value::Array(parts)) = members.get("granular_markings").map(value) {
        ids.extend(parts.into_iter().filter_map(|mut part| text_of(part.get_mut("marking_ref")?.take())));
    }
    ids
}
