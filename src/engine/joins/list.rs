//! What a filter's questions of membership list, as a table of exact addresses.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::{DataFusionError, Result, plan_err};
use datafusion::datasource::MemTable;
use datafusion::logical_expr::{Expr, Operator};

use crate::engine::functions::{IntelMatchFn, TorMatchFn};
use crate::engine::lists::AddressList;
use crate::model::strategy::Strategy;

/// The column of the table of listed addresses, as TorRelays has it.
pub(super) const PREFIX: &str = "Prefix";
/// Addresses in a literal list: planning goes through them one by one.
const LITERALS_MAX: usize = 100_000;

/// The addresses that a filter lets through, in canonical text and in order; `None` where it asks no membership.
pub(super) fn of_filter(filter: &Expr, strategy: Strategy) -> Result<Option<Vec<String>>> {
    let Some(lists) = lists(filter, strategy)? else { return Ok(None) };
    let mut addresses = BTreeSet::new();
    for prefix in lists.iter().flat_map(|list| list.entries()) {
        if !prefix.is_host() {
            return plan_err!(
                "--strategy {strategy} compares exact addresses, and the lists hold prefixes such as {prefix}; use auto, id-scan, \
                 dictionary or set-function"
            );
        }
        addresses.insert(prefix.first());
    }
    if strategy == Strategy::InList && addresses.len() > LITERALS_MAX {
        return plan_err!(
            "--strategy in-list writes every address into the plan, and the lists hold {}; use semi-join, or auto",
            addresses.len()
        );
    }
    Ok(Some(addresses.into_iter().map(|address| address.to_string()).collect()))
}

/// A table of addresses.
pub(super) fn table(addresses: Vec<String>) -> Result<MemTable> {
    let schema = Arc::new(Schema::new(vec![Field::new(PREFIX, DataType::Utf8, false)]));
    let column: ArrayRef = Arc::new(StringArray::from(addresses));
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![column])?;
    MemTable::try_new(schema, vec![vec![batch]])
}

/// The lists of which one must hold the address of an event that the filter lets through.
fn lists(filter: &Expr, strategy: Strategy) -> Result<Option<Vec<Arc<dyn AddressList>>>> {
    match filter {
        Expr::IsNotNull(inner) => match inner.as_ref() {
            Expr::ScalarFunction(function) => {
                let inner = function.func.inner();
                if let Some(tor) = inner.downcast_ref::<TorMatchFn>() {
                    return Ok(Some(vec![tor.book()]));
                }
                let Some(intel) = inner.downcast_ref::<IntelMatchFn>() else { return Ok(None) };
                if function.args.iter().skip(3).any(|arg| !matches!(arg, Expr::Literal(value, _) if value.is_null())) {
                    return plan_err!(
                        "--strategy {strategy} compares addresses, and the hunt asks for names, too; use auto"
                    );
                }
                Ok(Some(vec![intel.book()]))
            }
            _ => Ok(None),
        },
        Expr::BinaryExpr(both) => {
            let (left, right) = (lists(&both.left, strategy)?, lists(&both.right, strategy)?);
            Ok(match (both.op, left, right) {
                // Either side is a necessary condition.
                (Operator::And, Some(left), _) => Some(left),
                (Operator::And, None, right) => right,
                (Operator::Or, Some(left), Some(right)) => Some(left.into_iter().chain(right).collect()),
                _ => None,
            })
        }
        Expr::Alias(alias) => lists(&alias.expr, strategy),
        _ => Ok::<_, DataFusionError>(None),
    }
}
