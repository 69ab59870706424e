//! The archive as DataFusion reads it: which rows may matter, in whose columns, in which types.

mod adapter;
mod fault;
mod names;
mod opener;
mod probe;
mod reading;
mod scan;
mod source;
mod table;
mod tally;

pub use fault::ReadFault;
pub(super) use table::EventTable;
pub use tally::ScanTally;
