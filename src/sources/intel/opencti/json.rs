//! Entities as the GraphQL interface returns them: one by one, or in the connections (`edges`, `node`) of a response.

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::super::json::{JsonKind, Members};
use super::super::stix::fields::{text, text_of, texts, value};
use super::super::tally::UNREADABLE_RECORD;
use super::super::{Context, Sink};
use super::Entity;

/// The kind.
pub(in crate::sources::intel) const KIND: JsonKind = JsonKind { name: "OpenCTI (JSON)", recognises, read };

/// The connections of a response that hold indicators or observables.
const CONNECTIONS: [&str; 2] = ["indicators", "stixCyberObservables"];

fn recognises(members: &Members<'_>) -> bool {
    is_entity(members) || edges(members).is_some() || data(members).is_some()
}

fn is_entity(members: &Members<'_>) -> bool {
    members.has("entity_type") && ["standard_id", "pattern", "observable_value"].iter().any(|name| members.has(name))
}

fn edges<'a>(members: &Members<'a>) -> Option<&'a RawValue> {
    members.get("edges").filter(|raw| raw.get().starts_with('['))
}

/// The connections of a response: `{"data":{"indicators":{"edges":[…]}}}`.
fn data<'a>(members: &Members<'a>) -> Option<Vec<&'a RawValue>> {
    let data = Members::parse(members.get("data")?.get()).ok()?;
    let found: Vec<&RawValue> = CONNECTIONS.iter().filter_map(|name| data.get(name)).collect();
    (!found.is_empty()).then_some(found)
}

fn read(members: &Members<'_>, place: &str, context: &Context<'_>, sink: &mut Sink<'_>) -> Result<(), String> {
    if is_entity(members) {
        entity(members).take(context, sink, || place.to_string());
        return Ok(());
    }
    let mut number = 0;
    if let Some(raw) = edges(members) {
        return connection(raw, &mut number, place, context, sink);
    }
    for raw in data(members).unwrap_or_default() {
        let connected = Members::parse(raw.get()).map_err(|_| "a connection is no object".to_string())?;
        if let Some(raw) = edges(&connected) {
            connection(raw, &mut number, place, context, sink)?;
        }
    }
    Ok(())
}

fn connection(
    raw: &RawValue,
    number: &mut u64,
    place: &str,
    context: &Context<'_>,
    sink: &mut Sink<'_>,
) -> Result<(), String> {
    let edges: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|_| "edges is no list".to_string())?;
    for edge in edges {
        *number += 1;
        let place = || format!("{place} edge {number}");
        let edge = Members::parse(edge.get()).ok();
        let node = edge.as_ref().and_then(|edge| edge.get("node")).and_then(|node| Members::parse(node.get()).ok());
        match node {
            Some(node) => entity(&node).take(context, sink, place),
            None => {
                sink.record();
                sink.reject(UNREADABLE_RECORD, || format!("{}: no node", place()));
            }
        }
    }
    Ok(())
}

fn entity(members: &Members<'_>) -> Entity {
    let text = |name| text(members, name);
    Entity {
        entity_type: text("entity_type"),
        standard_id: text("standard_id"),
        id: text("id"),
        name: text("name"),
        description: text("description").or_else(|| text("x_opencti_description")),
        pattern: text("pattern"),
        pattern_type: text("pattern_type"),
        value: text("observable_value").or_else(|| text("value")),
        main_type: text("x_opencti_main_observable_type"),
        confidence: text("confidence"),
        score: text("x_opencti_score"),
        markings: named(members, "objectMarking", "definition"),
        labels: named(members, "objectLabel", "value"),
        indicator_types: texts(members, "indicator_types"),
        publisher: named(members, "createdBy", "name").into_iter().next(),
        valid_from: text("valid_from"),
        valid_until: text("valid_until"),
        revoked: text("revoked"),
        modified: text("modified").or_else(|| text("updated_at")),
        created: text("created").or_else(|| text("created_at")),
    }
}

/// One member of each of the objects in a list, a connection, or a single object; plain texts stand for themselves.
fn named(members: &Members<'_>, list: &str, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    match members.get(list).map(value) {
        Some(Value::Array(items)) => found.extend(items.into_iter().filter_map(|item| member(item, name))),
        Some(Value::Object(mut object)) => match object.remove("edges") {
            Some(Value::Array(edges)) => {
                let nodes = edges.into_iter().filter_map(|mut edge| edge.get_mut("node").map(Value::take));
                found.extend(nodes.filter_map(|node| member(node, name)));
            }
            _ => found.extend(member(Value::Object(object), name)),
        },
        Some(other) => found.extend(text_of(other)),
        None => {}
    }
    found
}

fn member(item: Value, name: &str) -> Option<String> {
    match item {
        Value::Object(mut object) => Map::remove(&mut object, name).and_then(text_of),
        other => text_of(other),
    }
}
