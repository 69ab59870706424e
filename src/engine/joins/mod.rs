//! Membership as a join of tables: the textbook forms of `sql/joins/`, for any hunt, chosen by `--strategy`.
//!
//! A hunt's own question (`tor_match(…) IS NOT NULL`) stays and decides; before it stands the join that is measured, and lets only
//! events on a listed address through. A join compares exact addresses, so a list with prefixes, and a hunt that asks for names,
//! are refused.

mod judged;
mod list;
mod rewrite;

pub(super) use judged::JudgedPlanner;
pub(super) use rewrite::before_the_question;
