//! De-duplication of the events that a hunt matched (DESIGN §3.2), as an operator between the hunt's filter and whatever
//! it does next.
//!
//! It stands above the filter, because only matched events are compared, and below every aggregate, because indicators
//! and copies must never change a count. It is also where the matched events can be seen as they are: for the funnel, and
//! for `--rows`.

mod exec;
mod key;
mod millis;
mod node;
mod planner;
mod rewrite;
mod spool;

pub(super) use exec::MatchTally;
pub(super) use planner::MatchedPlanner;
pub(super) use rewrite::{Scope, insert};
pub use spool::Spool;

/// Whether copies of an event are one event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Copies {
    /// They are.
    #[default]
    Remove,
    /// `--keep-duplicates`: every row counts.
    Keep,
}
