//! The members of a dynamic column (`Data`, `AdditionalFields`) that say something of an indicator.
//!
//! Exports hold such a column as JSON text or as a struct. Text that is no JSON says nothing; the row's own columns still
//! count, so it is no error.

use serde::Deserialize;
use serde_json::Value;

use super::super::columns::{Rows, Texts};
use crate::sources::SourceError;

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Members {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    /// The first of `indicator_types`.
    pub(super) indicator_type: Option<String>,
    pub(super) tlp: Option<String>,
}

/// The same as JSON has it; anything else in the object is passed over without being built.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Wire {
    name: Value,
    description: Value,
    indicator_types: Value,
    #[serde(rename = "TLPLevel")]
    tlp: Value,
}

/// One dynamic column of a batch.
pub(super) enum Dynamic {
    /// JSON text.
    Text(Texts),
    /// A struct's members: name, description, indicator_types, TLPLevel.
    Struct(Box<[Texts; 4]>),
}

impl Dynamic {
    pub(super) fn of(rows: &Rows, column: &str) -> Result<Self, SourceError> {
        let member = |name| rows.member_texts(column, name).transpose();
        let (name, description) = (member("name")?, member("description")?);
        let (types, tlp) = (member("indicator_types")?, member("TLPLevel")?);
        match (name, description, types, tlp) {
            (Some(name), Some(description), Some(types), Some(tlp)) => {
                Ok(Self::Struct(Box::new([name, description, types, tlp])))
            }
            _ => Ok(Self::Text(rows.texts(column)?)),
        }
    }

    pub(super) fn get(&self, row: usize) -> Members {
        match self {
            Self::Text(texts) => texts.get(row).map(parsed).unwrap_or_default(),
            Self::Struct(members) => {
                let [name, description, types, tlp] = members.as_ref();
                let listed =
                    |text: &str| serde_json::from_str(text).ok().and_then(text_of).or_else(|| Some(text.to_string()));
                Members {
                    name: name.owned(row),
                    description: description.owned(row),
                    indicator_type: types.get(row).and_then(listed),
                    tlp: tlp.owned(row),
                }
            }
        }
    }
}

fn parsed(text: &str) -> Members {
    let wire: Wire = serde_json::from_str(text).unwrap_or_default();
    Members {
        name: text_of(wire.name),
        description: text_of(wire.description),
        indicator_type: text_of(wire.indicator_types),
        tlp: text_of(wire.tlp),
    }
}

/// Text, or the first text of a list.
fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_string()).filter(|text| !text.is_empty()),
        Value::Array(items) => items.into_iter().find_map(text_of),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_and_the_rest_is_passed_over() {
        let text = r#"{"type":"indicator","name":"n","indicator_types":[null,"C2","x"],"TLPLevel":"red","pattern":{"a":[1]},"description":7}"#;
        let want = Members {
            name: Some("n".into()),
            description: None,
            indicator_type: Some("C2".into()),
            tlp: Some("red".into()),
        };
        assert_eq!(parsed(text), want);
        assert_eq!(parsed("not json"), Members::default());
        assert_eq!(parsed("[1]"), Members::default());
    }
}
