//! Puts the join below a filter that asks membership.

use std::sync::Arc;

use datafusion::common::{Column, Result};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Extension, JoinType, LogicalPlan, LogicalPlanBuilder, ident, lit};

use super::judged::Judged;
use super::list::{self, PREFIX};
use crate::model::strategy::Strategy;
use crate::sources::telemetry::columns;

/// A filter over the events with the strategy's join before its question; the same plan where it asks none.
///
/// # Errors
/// The strategy cannot answer what the filter asks.
pub(crate) fn before_the_question(plan: LogicalPlan, strategy: Strategy) -> Result<LogicalPlan> {
    if !strategy.is_join() {
        return Ok(plan);
    }
    let LogicalPlan::Filter(filter) = &plan else { return Ok(plan) };
    let Some(addresses) = list::of_filter(&filter.predicate, strategy)? else { return Ok(plan) };
    let events = LogicalPlanBuilder::from(filter.input.as_ref().clone());
    let joined = match strategy {
        Strategy::InList => {
            let addresses = addresses.into_iter().map(lit).collect();
            events.filter(ident(columns::REMOTE_IP).in_list(addresses, false))?
        }
        _ => {
            let listed = Arc::new(list::table(addresses)?);
            let listed = LogicalPlanBuilder::scan("Listed", provider_as_source(listed), None)?.build()?;
            let on = (vec![Column::from_name(columns::REMOTE_IP)], vec![Column::from_name(PREFIX)]);
            events.join(listed, JoinType::LeftSemi, on, None)?
        }
    };
    let judged = Judged { input: joined.build()?, question: filter.predicate.clone() };
    Ok(LogicalPlan::Extension(Extension { node: Arc::new(judged) }))
}
