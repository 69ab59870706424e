//! `sets_truncated`: which sets of a finding were cut, and by how much.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Builder, ListBuilder, StringBuilder, StructBuilder};
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::{Result, exec_err};

use super::args::{Args, at};
use super::spec::{Arity, FunctionDoc, FunctionKind, ScalarSpec, list_of};

pub(super) static SPEC: ScalarSpec = ScalarSpec {
    doc: FunctionDoc {
        name: "sets_truncated",
        kind: FunctionKind::Scalar,
        syntax: "sets_truncated(name, set, …)",
        summary: "The sets that --set-limit cut, by name, with how many values were kept and how many were cut; an empty list where none was.",
        arguments: &[("name", "the column's name"), ("set", "what make_set returned"), ("…", "further pairs")],
        returns: "list of struct (Set Utf8, Kept Int64, Cut Int64)",
        example: "SELECT cardinality(sets_truncated('Ports', make_set(p))) FROM (VALUES (443), (80)) AS t(p)",
        result: "0",
    },
    arity: Arity::Any,
    returns: || list_of(fields()),
    evaluate: build,
};

fn fields() -> Fields {
    let column = |name, data_type| Field::new(name, data_type, true);
    vec![column("Set", DataType::Utf8), column("Kept", DataType::Int64), column("Cut", DataType::Int64)].into()
}

fn build(args: &Args) -> Result<ArrayRef> {
    if !args.len().is_multiple_of(2) {
        return exec_err!("sets_truncated takes pairs of a name and a set");
    }
    let pairs =
        (0..args.len()).step_by(2).map(|i| Ok((args.text(i)?, args.set(i + 1)?))).collect::<Result<Vec<_>>>()?;
    let mut list = ListBuilder::new(StructBuilder::from_fields(fields(), args.rows));
    for row in 0..args.rows {
        for (names, sets) in pairs.iter().filter(|(_, sets)| sets.cut(row) > 0) {
            let entry = list.values();
            if let Some(name) = entry.field_builder::<StringBuilder>(0) {
                name.append_option(at(names, row));
            }
            for (field, number) in [(1, sets.kept(row)), (2, sets.cut(row))] {
                if let Some(column) = entry.field_builder::<Int64Builder>(field) {
                    column.append_value(number);
                }
            }
            entry.append(true);
        }
        list.append(true);
    }
    Ok(Arc::new(list.finish()))
}
