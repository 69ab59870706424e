//! The query engine: the only room that names DataFusion.
//!
//! It wraps a described archive and the run's lists as tables, adds coldtrail's functions, plans a hunt, and hands back
//! Arrow batches and counters. What it reads is decided by `sources`, what a finding is by `model`, and how it is printed
//! by `report`. Everything it builds can be made again from plain data: paths, options and prefixes.

mod check;
pub mod convert;
mod error;
mod events;
mod functions;
pub mod index;
pub mod indexing;
mod indicators;
mod joins;
mod lists;
mod matched;
pub mod pages;
mod result;
mod rows;
mod session;
pub mod sorted;
mod statement;

pub use check::check;
pub use convert::{ConvertInputs, Reading, Spread};
pub use error::EngineError;
pub use events::{LeftOut, Lookup, ReadFault, Rejected, Rejects, ScanTally, foreseen};
pub use functions::{FunctionDoc, FunctionKind, docs, reference_markdown};
pub use lists::{IntelBook, IntelCounts, IntelRules, TorAnswer, TorBook, TorRules, Verdict};
pub use matched::{Copies, Spool};
pub use rows::indicator_rows;
pub use session::{Inputs, Options, Progress, QueryResult, Session};
pub use statement::{Audience, Statement};
