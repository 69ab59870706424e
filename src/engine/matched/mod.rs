//! De-duplication of the events that a hunt matched (DESIGN §3.2), as an operator between the hunt's filter and whatever
//! it does next.
//!
//! It stands above the filter, because only matched events are compared, and below every aggregate, because indicators
//! and copies must never change a count. It is also where the matched events can be seen as they are: for the funnel, and
//! for `--rows`.

mod differ;
mod exec;
mod key;
mod millis;
mod node;
mod planner;
mod rewrite;
mod spool;

pub(super) use differ::CopiesDiffer;
pub(super) use exec::MatchTally;
pub(super) use planner::MatchedPlanner;
pub(super) use rewrite::{Scope, insert};
pub use spool::Spool;

/// Which columns of matched events are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Width {
    /// All of them: the first of several copies is the first by all its columns.
    Whole,
    /// Those that the query goes on with, and the key. As long as copies agree in them, it does not matter which one is kept;
    /// where they do not, the query ends with [`CopiesDiffer`].
    Needed,
}

/// Whether copies of an event are one event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Copies {
    /// They are.
    #[default]
    Remove,
    /// `--keep-duplicates`: every row counts.
    Keep,
}
