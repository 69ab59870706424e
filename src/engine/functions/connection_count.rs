//! `connection_count`: how many connections an event stands for.

use std::sync::Arc;

use arrow::array::Int64Array;
use arrow::datatypes::DataType;
use serde_json::Value;

use super::spec::{Arity, FunctionDoc, FunctionKind, ScalarSpec};

pub(super) static SPEC: ScalarSpec = ScalarSpec {
    doc: FunctionDoc {
        name: "connection_count",
        kind: FunctionKind::Scalar,
        syntax: "connection_count(additional_fields)",
        summary: "How many connections an event stands for: `uniqueEventsAggregated` of an aggregated report, else 1; a claim above 2^40 counts as 2^40. The sensor caps its reports and one connection can be reported by several ActionTypes, so no sum of this is a count of TCP connections.",
        arguments: &[("additional_fields", "JSON text")],
        returns: "Int64, at least 1",
        example: "SELECT connection_count('{\"uniqueEventsAggregated\":\"12\"}')",
        result: "12",
    },
    arity: Arity::Exactly(1),
    returns: || DataType::Int64,
    evaluate: |args| {
        let out = args.text(0)?.iter().map(|fields| fields.and_then(aggregated).unwrap_or(1)).collect::<Vec<_>>();
        Ok(Arc::new(Int64Array::from(out)))
    },
};

const KEY: &str = "uniqueEventsAggregated";

/// More than any sensor reports in an hour; what claims more must not overflow a sum.
const CONNECTIONS_MAX: i64 = 1 << 40;

/// Most values have no such key, so the text is searched before it is parsed; a key may be spelled with escapes.
fn aggregated(fields: &str) -> Option<i64> {
    if !fields.contains(KEY) && !fields.contains('\\') {
        return None;
    }
    let fields: Value = serde_json::from_str(fields).ok()?;
    let number = match fields.get(KEY)? {
        Value::String(text) => text.trim().parse().ok()?,
        number => number.as_i64()?,
    };
    (number >= 1).then_some(number.min(CONNECTIONS_MAX))
}
