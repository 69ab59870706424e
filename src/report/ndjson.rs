//! JSON lines: each line one finding and nothing else, every column a key in schema order.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;

use super::record::records;
use super::{ReportError, json_text};

/// Writes the rows of the batches.
pub(super) fn write(schema: &Schema, batches: &[RecordBatch], out: &mut impl Write) -> Result<(), ReportError> {
    for record in records(schema, batches) {
        json_text::compact(&record, &mut *out)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::COLUMNS;
    use crate::report::samples;

    #[test]
    fn every_line_has_every_key_in_order_and_no_null_list() {
        let (schema, batches, _) = samples::report();
        let mut out = Vec::new();
        write(&schema, &batches, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.lines().count(), samples::FINDINGS);
        for line in text.lines() {
            let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
            assert_eq!(object.keys().collect::<Vec<_>>(), COLUMNS.iter().collect::<Vec<_>>());
        }
        let last: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!(last["Processes"], serde_json::json!([]));
        assert_eq!(last["TI_Matches"], serde_json::json!([]));
        assert_eq!(last["TI_Hit"], serde_json::Value::Null);
        assert_eq!(last["DeviceName"], serde_json::Value::Null);
    }

    #[test]
    fn numbers_and_times_have_one_spelling() {
        let (schema, batches, _) = samples::report();
        let mut out = Vec::new();
        write(&schema, &batches, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let first = text.lines().next().unwrap();
        assert!(first.contains(r#""TI_Confidence":92.0"#), "{first}");
        assert!(first.contains(r#""FirstSeen":"2026-05-01T10:00:00.000001Z""#), "{first}");
        assert!(first.contains(r#""Ports":[443,9001]"#), "{first}");
        assert!(!text.contains('\u{202e}') && !text.contains('\u{1b}') && !text.contains('\u{9b}'));
    }
}
