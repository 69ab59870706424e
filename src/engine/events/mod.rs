//! The archive as DataFusion reads it: which rows may matter, in whose columns, in which types.

mod adapter;
mod counting;
mod fault;
mod ids;
mod names;
mod opener;
mod probe;
mod reading;
mod rejects;
mod scan;
mod source;
mod table;
mod tally;
mod text;

pub use fault::ReadFault;
pub use rejects::{Rejected, Rejects};
pub(super) use table::EventTable;
pub use tally::{LeftOut, ScanTally};
