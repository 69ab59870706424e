//! The members of a JSON object as feeds fill them: texts that are numbers, lists that are one text, nulls.
//!
//! A member of the wrong type says nothing; the rest of the object still counts.

use serde_json::Value;
use serde_json::value::RawValue;

use super::super::content::Date;
use super::super::json::Members;

/// Text that is not blank; numbers and booleans as written.
pub(in crate::sources::intel) fn text(members: &Members<'_>, name: &str) -> Option<String> {
    members.get(name).map(value).and_then(text_of)
}

/// The texts of a list; one text is a list of one.
pub(in crate::sources::intel) fn texts(members: &Members<'_>, name: &str) -> Vec<String> {
    match members.get(name).map(value) {
        Some(Value::Array(items)) => items.into_iter().filter_map(text_of).collect(),
        Some(other) => text_of(other).into_iter().collect(),
        None => Vec::new(),
    }
}

/// Whether the member is true.
pub(in crate::sources::intel) fn is_true(members: &Members<'_>, name: &str) -> bool {
    text(members, name).is_some_and(|text| says_yes(&text))
}

/// Whether the text means yes.
pub(in crate::sources::intel) fn says_yes(text: &str) -> bool {
    text == "1" || text.eq_ignore_ascii_case("true")
}

/// A date; what is there and is no text or number is no date.
pub(in crate::sources::intel) fn date(members: &Members<'_>, name: &str) -> Date {
    match members.get(name).map(value) {
        None | Some(Value::Null) => Date::Missing,
        Some(other) => text_of(other).map_or(Date::Unreadable, |text| Date::parse(Some(&text))),
    }
}

/// What stands there; nesting that is too deep is nothing.
pub(in crate::sources::intel) fn value(raw: &RawValue) -> Value {
    serde_json::from_str(raw.get()).unwrap_or_default()
}

/// Text that is not blank; numbers and booleans as written.
pub(in crate::sources::intel) fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) if text.trim().len() == text.len() => Some(text).filter(|text| !text.is_empty()),
        Value::String(text) => Some(text.trim().to_string()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
