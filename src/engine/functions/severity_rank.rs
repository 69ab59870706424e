//! `severity_rank`: levels in the order of severity, which is not the order of the alphabet.

use std::sync::Arc;

use arrow::array::Int64Array;
use arrow::datatypes::DataType;

use super::spec::{Arity, FunctionDoc, FunctionKind, ScalarSpec};
use crate::model::Severity;

pub(super) static SPEC: ScalarSpec = ScalarSpec {
    doc: FunctionDoc {
        name: "severity_rank",
        kind: FunctionKind::Scalar,
        syntax: "severity_rank(level)",
        summary: "A level as a number to order by: LOW 0, MEDIUM 1, HIGH 2, CRITICAL 3.",
        arguments: &[("level", "a RiskLevel")],
        returns: "Int64; null for other text",
        example: "SELECT severity_rank('CRITICAL')",
        result: "3",
    },
    arity: Arity::Exactly(1),
    returns: || DataType::Int64,
    evaluate: |args| {
        let rank = |level: &str| level.parse::<Severity>().ok().map(Severity::rank);
        let out: Int64Array = args.text(0)?.iter().map(|level| level.and_then(rank)).collect();
        Ok(Arc::new(out))
    },
};
