//! The core of `coldtrail convert`: events in any order become sorted, de-duplicated, sized Parquet files by UTC date.
//!
//! Three stages. [`Spreader`]s, one per thread, take batches and give sorted runs by date, on disk where their share of
//! the memory is full. [`merge`] joins the runs of one date and drops copies of events. [`DayWriter`] makes files of
//! what comes out. The order is total, so the same events give the same bytes whatever the number of threads, the
//! memory and the order in which they came.
//!
//! It reads no source, knows no layout of folders and starts no thread but those that encode columns; and it never
//! holds more than its budget, one row group per writer, and one batch per run that is being merged.

mod converted;
mod cursor;
mod encode;
mod error;
mod gather;
mod key;
mod merge;
mod order;
mod row;
mod run;
mod spill;
mod spread;
mod table;
mod write;

#[cfg(test)]
mod faults;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod samples;

pub use error::SortError;
pub use merge::{MergeCounts, Sink, merge};
pub use order::{Lead, SortOrder};
pub use run::Run;
pub use spread::{DayRuns, SpreadConfig, Spreader};
pub use table::Layout;
pub use write::{DayWriter, WriterConfig, Written};
