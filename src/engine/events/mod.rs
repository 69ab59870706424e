//! The archive as DataFusion reads it: which rows may matter, in whose columns, in which types.

mod adapter;
mod asked;
mod counting;
mod fault;
mod foreseen;
mod ids;
mod indexed;
mod names;
mod opener;
mod picked;
mod probe;
mod reading;
mod rejects;
mod scan;
mod sift;
mod source;
mod table;
mod tally;
mod text;
mod ways;

pub use fault::ReadFault;
pub use foreseen::foreseen;
pub(super) use indexed::IndexReader;
pub use rejects::{Rejected, Rejects};
pub(super) use table::EventTable;
pub use table::Lookup;
pub use tally::{LeftOut, ScanTally};
