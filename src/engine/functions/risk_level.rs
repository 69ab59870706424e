//! `risk_level`: the case of KQL.md.

use std::sync::Arc;

use arrow::array::{Array as _, StringArray};
use arrow::datatypes::DataType;

use super::args::at;
use super::spec::{Arity, FunctionDoc, FunctionKind, ScalarSpec};
use crate::model::{Direction, risk};

pub(super) static SPEC: ScalarSpec = ScalarSpec {
    doc: FunctionDoc {
        name: "risk_level",
        kind: FunctionKind::Scalar,
        syntax: "risk_level(ti_hit, ti_confidence, direction)",
        summary: "CRITICAL with a TI hit of confidence 80 or more, HIGH with any TI hit, MEDIUM when outbound, else LOW. LOW is not a verdict: an accepted inbound connection is LOW by this rule.",
        arguments: &[
            ("ti_hit", "the indicator, or null"),
            ("ti_confidence", "0 to 100, or null"),
            ("direction", "the view's word: Outbound, Inbound or Unknown"),
        ],
        returns: "CRITICAL, HIGH, MEDIUM or LOW",
        example: "SELECT risk_level(NULL, NULL, 'Outbound')",
        result: "MEDIUM",
    },
    arity: Arity::Exactly(3),
    returns: || DataType::Utf8,
    evaluate: |args| {
        let (hits, confidences, directions) = (args.text(0)?, args.float(1)?, args.text(2)?);
        let level = |row| {
            let confidence = confidences.is_valid(row).then(|| confidences.value(row));
            let direction = at(&directions, row).and_then(Direction::of_text);
            risk::level(hits.is_valid(row), confidence, direction).as_str()
        };
        Ok(Arc::new(StringArray::from_iter_values((0..args.rows).map(level))))
    },
};
