//! coldtrail's own functions in SQL, one file each; this is their list.
//!
//! Those that ask the run's lists are bound to them when a session is made. Rules that another room shares are in `model`:
//! here they only meet columns.

mod args;
mod canonical_ip;
mod connection_count;
mod event_signals;
mod finding_id;
mod grouped;
mod hunting_directives;
mod ip_in;
mod make_set;
mod membership;
mod network_direction;
mod questions;
mod reference;
mod risk_factors;
mod risk_level;
mod sets_truncated;
mod severity_rank;
mod spec;
mod summaries;
mod vt_link;

use std::sync::Arc;

use datafusion::logical_expr::{AggregateUDF, ScalarUDF};
use datafusion::prelude::SessionContext;

pub(super) use membership::{IntelMatchFn, TorMatchFn};
pub use reference::reference_markdown;
pub use spec::{FunctionDoc, FunctionKind};

use super::lists::{IntelBook, TorBook};
use spec::ScalarSpec;

/// The functions that depend on their arguments alone.
static SPECS: [&ScalarSpec; 13] = [
    &canonical_ip::SPEC,
    &connection_count::SPEC,
    &event_signals::SPEC,
    &finding_id::SPEC,
    &hunting_directives::SPEC,
    &ip_in::SPEC,
    &network_direction::SPEC,
    &risk_factors::FACTORS,
    &risk_level::SPEC,
    &risk_factors::SCORE,
    &sets_truncated::SPEC,
    &severity_rank::SPEC,
    &vt_link::SPEC,
];

/// The documentation of every function, by name.
#[must_use]
pub fn docs() -> Vec<FunctionDoc> {
    let bound = [
        make_set::DOC,
        membership::INTEL_MATCH_DOC,
        membership::TOR_MATCH_DOC,
        membership::TOR_ROLE_DOC,
        summaries::INTEL_DOC,
        summaries::TOR_DOC,
    ];
    let mut docs: Vec<FunctionDoc> = SPECS.iter().map(|spec| spec.doc).chain(bound).collect();
    docs.sort_by_key(|doc| doc.name);
    docs
}

/// Registers all functions, bound to the run's lists and set limit.
pub(super) fn register(context: &SessionContext, tor: &Arc<TorBook>, intel: &Arc<IntelBook>, set_limit: usize) {
    for spec in SPECS {
        context.register_udf(spec.function());
    }
    context.register_udf(ScalarUDF::new_from_impl(TorMatchFn::tor_match(Arc::clone(tor))));
    context.register_udf(ScalarUDF::new_from_impl(TorMatchFn::tor_role_at(Arc::clone(tor))));
    context.register_udf(ScalarUDF::new_from_impl(IntelMatchFn::new(Arc::clone(intel))));
    context.register_udaf(AggregateUDF::new_from_impl(make_set::MakeSet::new(set_limit)));
    context.register_udaf(AggregateUDF::new_from_impl(summaries::Summary::tor(Arc::clone(tor))));
    context.register_udaf(AggregateUDF::new_from_impl(summaries::Summary::intel(Arc::clone(intel))));
}
