//! Where the operator goes: above every filter that stands on `DeviceNetworkEvents`.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, Extension, LogicalPlan};

use super::node::Matched;
use super::{Copies, MatchTally, Spool, Width};
use crate::engine::joins::before_the_question;
use crate::model::strategy::Strategy;

/// Which scans of the events are de-duplicated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All of them: a hunt counts events, not rows.
    EveryScan,
    /// Those whose filter asks for membership: a query sees other rows as the files have them.
    MembershipOnly,
}

/// Puts the operator into a plan that is not optimised yet. Operators count into `tally` and write to
/// `spool` together; the second one over the same events (a table expression that is used twice) counts for itself.
/// Returns the plan, and whether there is an operator in it.
///
/// # Errors
/// Only what walking a plan can fail with.
pub(crate) fn insert(
    plan: LogicalPlan,
    table: &str,
    scope: Scope,
    (copies, width): (Copies, Width),
    strategy: Strategy,
    tally: &Arc<MatchTally>,
    spool: Option<&Arc<Spool>>,
) -> Result<(LogicalPlan, bool)> {
    let mut seen: Vec<LogicalPlan> = Vec::new();
    let mut wrap = |input: LogicalPlan| -> Result<LogicalPlan> {
        let first = !seen.contains(&input);
        if first {
            seen.push(input.clone());
        }
        let input = before_the_question(input, strategy)?;
        let matched = Matched {
            input,
            copies,
            width,
            tally: if first { Arc::clone(tally) } else { Arc::default() },
            spool: spool.filter(|_| first).cloned(),
        };
        Ok(LogicalPlan::Extension(Extension { node: Arc::new(matched) }))
    };
    let plan = plan.transform_down_with_subqueries(|plan| {
        let wanted = match &plan {
            LogicalPlan::Filter(filter) => {
                stands_on(&filter.input, table) && (scope == Scope::EveryScan || asks_membership(&filter.predicate))
            }
            other => scope == Scope::EveryScan && stands_on(other, table),
        };
        if !wanted {
            return Ok(Transformed::no(plan));
        }
        Ok(Transformed::new(wrap(plan)?, true, TreeNodeRecursion::Jump))
    })?;
    Ok((plan.data, !seen.is_empty()))
}

fn stands_on(plan: &LogicalPlan, table: &str) -> bool {
    match plan {
        LogicalPlan::TableScan(scan) => scan.table_name.table() == table,
        LogicalPlan::SubqueryAlias(alias) => stands_on(&alias.input, table),
        _ => false,
    }
}

fn asks_membership(predicate: &Expr) -> bool {
    let is_match =
        |expr: &Expr| matches!(expr, Expr::ScalarFunction(f) if matches!(f.name(), "tor_match" | "intel_match"));
    let is_list = |expr: &Expr| matches!(expr, Expr::InSubquery(_) | Expr::Exists(_));
    predicate.exists(|expr| Ok(is_match(expr) || is_list(expr))).unwrap_or(false)
}
