//! The plain table as JSON: one object a row, in lines or in an array; and arrays of bare values.

use serde_json::value::RawValue;

use super::super::content::{Content, Details, Value};
use super::super::json::{JsonKind, Members, text_of};
use super::super::spelling::{refanged, without_port};
use super::super::{Context, Sink};
use super::{Record, has_indicator, known};

/// The format.
pub(in crate::sources::intel) const KIND: JsonKind = JsonKind { name: "plain table (JSON)", recognises, read };

/// What an array of bare values is called.
pub(in crate::sources::intel) const STRINGS: &str = "array of values (JSON)";

/// A value is text: an object under such a name belongs to something else.
fn recognises(members: &Members<'_>) -> bool {
    let texts = members.iter().filter(|(_, value)| !value.get().starts_with(['{', '[']));
    has_indicator(texts.map(|(name, _)| name))
}

fn read(members: &Members<'_>, place: &str, context: &Context<'_>, sink: &mut Sink<'_>) -> Result<(), String> {
    sink.record();
    let cells: Vec<(usize, String)> =
        members.iter().filter_map(|(name, value)| Some((known(name)?, text_of(value)?))).collect();
    let mut record = Record::default();
    for (column, text) in &cells {
        record.put(Some(*column), text);
    }
    sink.take(record.content(context, || place.to_owned()));
    Ok(())
}

/// One bare value.
pub(in crate::sources::intel) fn string(value: &RawValue, place: &str, context: &Context<'_>, sink: &mut Sink<'_>) {
    sink.record();
    let text = text_of(value).unwrap_or_default();
    let text = refanged(&text);
    let (text, port) = without_port(&text);
    let details = Details { source: Some(context.file.display.clone()), ..Details::default() };
    let value = Value { text, port, ..Value::default() };
    sink.take(Content::of(&[value], details, context.private, || place.to_owned()));
}
