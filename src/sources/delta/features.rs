//! What a table's protocol asks of its readers, and whether reading the listed files as they are fulfils it.
//!
//! The reader of the log knows more features than may be passed on: it maps columns and applies deletion vectors, while
//! here the files are read by the names that stand in them.

use deltalake::kernel::Snapshot;
use serde_json::Value;

use super::DeltaError;

/// Features that change nothing for a reader of plain files, or that are looked at more closely elsewhere.
const KNOWN: [&str; 7] = [
    // Only if names differ (below).
    "columnMapping",
    // Only files that have one.
    "deletionVectors",
    // A time without a zone is UTC, as everywhere.
    "timestampNtz",
    // Older files have narrower numbers; types are read by file anyway.
    "typeWidening",
    "typeWidening-preview",
    // For the reader of the log.
    "v2Checkpoint",
    // For those that delete files.
    "vacuumProtocolCheck",
];

/// The newest protocol that is described by versions; from 3 on, features are named.
const NAMED_FEATURES: i32 = 3;

const PHYSICAL_NAME: &str = "delta.columnMapping.physicalName";

/// Refuses a table that needs more than the files it lists.
///
/// # Errors
/// An unknown feature or version, or a column that has another name in the files.
pub(super) fn check(snapshot: &Snapshot, shown: &str) -> Result<(), DeltaError> {
    let protocol = snapshot.protocol();
    let refused = |feature: String| Err(DeltaError::Feature { table: shown.into(), feature });
    if protocol.min_reader_version() > NAMED_FEATURES {
        return refused(format!("a reader version {}", protocol.min_reader_version()));
    }
    let named = protocol.reader_features().unwrap_or_default().iter().map(ToString::to_string);
    let mut unknown: Vec<String> = named.filter(|name| !KNOWN.contains(&name.as_str())).collect();
    unknown.sort_unstable();
    if let Some(name) = unknown.first() {
        return refused(format!("the table feature {name}"));
    }
    let mode = snapshot.metadata().configuration().get("delta.columnMapping.mode");
    if mode.is_none_or(|mode| mode == "none") {
        return Ok(());
    }
    let schema = serde_json::to_value(snapshot.schema().as_ref()).unwrap_or_default();
    match renamed(&schema, "") {
        Some((column, in_files)) => Err(DeltaError::Renamed { table: shown.into(), column, in_files }),
        None => Ok(()),
    }
}

/// The first column, or field of a column, whose name in the files differs, with that name.
fn renamed(kind: &Value, within: &str) -> Option<(String, String)> {
    let inner = ["elementType", "keyType", "valueType"].into_iter().find_map(|key| renamed(kind.get(key)?, within));
    let fields = kind.get("fields").and_then(Value::as_array).into_iter().flatten();
    inner.or_else(|| {
        fields.into_iter().find_map(|field| {
            let name = field.get("name")?.as_str()?;
            let path = if within.is_empty() { name.to_owned() } else { format!("{within}.{name}") };
            match field.get("metadata").and_then(|metadata| metadata.get(PHYSICAL_NAME)).and_then(Value::as_str) {
                Some(in_files) if in_files != name => Some((path, in_files.to_owned())),
                _ => renamed(field.get("type")?, &path),
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, in_files: &str, kind: &Value) -> Value {
        serde_json::json!({"name": name, "type": kind, "nullable": true, "metadata": {PHYSICAL_NAME: in_files}})
    }

    #[test]
    fn a_renamed_field_is_found_however_deep() {
        let text = Value::from("string");
        let of = |fields: &[Value]| serde_json::json!({"type": "struct", "fields": fields});
        let same = of(&[field("RemoteIP", "RemoteIP", &text)]);
        assert_eq!(renamed(&same, ""), None);
        let plain = of(&[field("RemoteIP", "col-7f1", &text)]);
        assert_eq!(renamed(&plain, ""), Some(("RemoteIP".into(), "col-7f1".into())));
        let list = serde_json::json!({"type": "array", "elementType": plain, "containsNull": true});
        let deep = of(&[field("Peers", "Peers", &list)]);
        assert_eq!(renamed(&deep, ""), Some(("Peers.RemoteIP".into(), "col-7f1".into())));
    }
}
