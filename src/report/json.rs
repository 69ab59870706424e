//! One JSON object: the coverage block, then the findings as in ndjson.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use serde::{Serialize, Serializer};

use super::record::records;
use super::{ReportError, json_text};
use crate::model::coverage::Coverage;

#[derive(Serialize)]
struct Document<'a> {
    coverage: &'a Coverage,
    findings: Findings<'a>,
}

struct Findings<'a> {
    schema: &'a Schema,
    batches: &'a [RecordBatch],
}

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(records(self.schema, self.batches))
    }
}

/// Writes the object, indented, with a line end.
pub(super) fn write(
    schema: &Schema,
    batches: &[RecordBatch],
    coverage: &Coverage,
    out: &mut impl Write,
) -> Result<(), ReportError> {
    json_text::pretty(&Document { coverage, findings: Findings { schema, batches } }, out)
}

/// Writes the whole coverage block as indented JSON with a line end (`--coverage FILE`).
///
/// # Errors
/// When the output cannot be written.
pub fn coverage_json(coverage: &Coverage, out: &mut dyn Write) -> Result<(), ReportError> {
    json_text::pretty(coverage, &mut *out)?;
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn the_object_parses_back_and_holds_the_same_findings_as_ndjson() {
        let (schema, batches, coverage) = samples::report();
        let (mut object, mut lines, mut block) = (Vec::new(), Vec::new(), Vec::new());
        write(&schema, &batches, &coverage, &mut object).unwrap();
        crate::report::ndjson::write(&schema, &batches, &mut lines).unwrap();
        coverage_json(&coverage, &mut block).unwrap();
        let parsed: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&object).unwrap();
        assert_eq!(parsed.keys().collect::<Vec<_>>(), ["coverage", "findings"]);
        assert_eq!(parsed["coverage"], serde_json::from_slice::<serde_json::Value>(&block).unwrap());
        let lines: Vec<serde_json::Value> =
            String::from_utf8(lines).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(parsed["findings"].as_array(), Some(&lines));
        assert!(block.ends_with(b"}\n"));
    }

    #[test]
    fn no_findings_is_an_empty_list() {
        let (schema, _, coverage) = samples::report();
        let mut object = Vec::new();
        write(&schema, &[], &coverage, &mut object).unwrap();
        let parsed: serde_json::Value = serde_json::from_slice(&object).unwrap();
        assert_eq!(parsed["findings"], serde_json::json!([]));
    }
}
