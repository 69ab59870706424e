//! `risk_score` and `risk_factors`: the same sum, as a number and as its terms.

use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, Int64Array, Int64Builder, ListBuilder, StringBuilder, StructBuilder};
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::Result;

use super::args::{Args, at};
use super::spec::{Arity, FunctionDoc, FunctionKind, ScalarSpec, list_of};
use crate::model::risk::{Factor, FindingFacts};
use crate::model::{Direction, Severity, risk};

const ARGUMENTS: &[(&str, &str)] = &[
    ("level", "RiskLevel"),
    ("signals", "bit_or of event_signals over the finding's events"),
    ("days_active", "distinct UTC dates"),
    ("direction", "the view's word"),
    ("tor_role", "TorRole, or null"),
    ("tor_evidence", "TorEvidence, or null"),
    (
        "ti_validity",
        "TI_Validity, or null; null also where the publisher does not hold the indicator fit for detection",
    ),
    ("or_port", "ORPort of tor_summary, or null"),
];

pub(super) static SCORE: ScalarSpec = ScalarSpec {
    doc: FunctionDoc {
        name: "risk_score",
        kind: FunctionKind::Scalar,
        syntax: "risk_score(level, signals, days_active, direction, tor_role, tor_evidence, ti_validity [, or_port])",
        summary: "The level's floor (80, 60, 30, 0) plus the points of risk_factors, cut at the band's top (100, 79, 59, 29), so that a score never contradicts its level.",
        arguments: ARGUMENTS,
        returns: "Int64; null where the level is none",
        example: "SELECT risk_score('LOW', 3, 1, 'Inbound', 'exit', 'undated', NULL)",
        result: "19",
    },
    arity: Arity::OneOf(&[7, 8]),
    returns: || DataType::Int64,
    evaluate: |args| {
        let sum = |factors: Vec<Factor>| factors.iter().map(|factor| factor.points).sum();
        let out: Int64Array = each(args)?.into_iter().map(|factors| factors.map(sum)).collect();
        Ok(Arc::new(out))
    },
};

pub(super) static FACTORS: ScalarSpec = ScalarSpec {
    doc: FunctionDoc {
        name: "risk_factors",
        kind: FunctionKind::Scalar,
        syntax: "risk_factors(level, signals, days_active, direction, tor_role, tor_evidence, ti_validity [, or_port])",
        summary: "Why a finding has its score: the level's floor first, then each factor with its points, and a last entry `cut` where the band's top was passed. The points sum to risk_score.",
        arguments: ARGUMENTS,
        returns: "list of struct (Factor Utf8, Points Int64)",
        example: "SELECT risk_factors('LOW', 0, 1, 'Inbound', 'exit', 'undated', NULL)[2]['Factor']",
        result: "role fits direction",
    },
    arity: Arity::OneOf(&[7, 8]),
    returns: || list_of(fields()),
    evaluate: build,
};

fn fields() -> Fields {
    vec![Field::new("Factor", DataType::Utf8, true), Field::new("Points", DataType::Int64, true)].into()
}

fn each(args: &Args) -> Result<Vec<Option<Vec<Factor>>>> {
    let (levels, signals, days, directions) = (args.text(0)?, args.integer(1)?, args.integer(2)?, args.text(3)?);
    let (roles, evidence, validity) = (args.text(4)?, args.text(5)?, args.text(6)?);
    let ports = if args.len() > 7 { Some(args.text(7)?) } else { None };
    let number = |column: &Int64Array, row| if column.is_valid(row) { column.value(row) } else { 0 };
    let of_row = |row| {
        let level: Severity = at(&levels, row)?.parse().ok()?;
        let facts = FindingFacts {
            signals: number(&signals, row),
            days_active: number(&days, row),
            direction: at(&directions, row).and_then(Direction::of_text),
            tor_role: at(&roles, row),
            tor_evidence: at(&evidence, row),
            ti_validity: at(&validity, row),
            or_port: ports.as_ref().and_then(|ports| at(ports, row)),
        };
        Some(risk::factors(level, facts))
    };
    Ok((0..args.rows).map(of_row).collect())
}

fn build(args: &Args) -> Result<ArrayRef> {
    let mut list = ListBuilder::new(StructBuilder::from_fields(fields(), args.rows));
    for factors in each(args)? {
        let present = factors.is_some();
        for factor in factors.into_iter().flatten() {
            let entry = list.values();
            if let Some(names) = entry.field_builder::<StringBuilder>(0) {
                names.append_value(factor.name);
            }
            if let Some(points) = entry.field_builder::<Int64Builder>(1) {
                points.append_value(factor.points);
            }
            entry.append(true);
        }
        list.append(present);
    }
    Ok(Arc::new(list.finish()))
}
