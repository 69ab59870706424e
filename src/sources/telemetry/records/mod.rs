//! Text exports of `DeviceNetworkEvents`: bytes in, batches of text columns out.
//!
//! Archives are kept as JSON lines, JSON documents and CSV, plain or packed, and one bad record must cost that record
//! only. [`Unpacker`] unpacks, [`recognise`] tells from the start of a file what it is, [`Splitter`] cuts the unpacked
//! bytes into blocks of whole records, and [`read`] reads one block; blocks can be read in any order and in parallel.
//!
//! Nothing here opens a file, knows a store, waits, or converts a value: every column is text as the file writes it.

mod block;
mod columns;
mod csv_text;
#[cfg(test)]
mod forms;
mod keys;
#[cfg(test)]
mod laws;
mod marks;
pub mod portal_time;
mod read;
mod read_csv;
mod read_json;
mod recognise;
mod reject;
mod row;
mod sample;
mod split;
mod unpack;
mod walk;
mod wanted;

pub use block::Block;
pub use csv_text::Header;
pub use read::{ReadBlock, read};
pub use recognise::{Layout, Recognised, Subject, recognise};
pub use reject::Reject;
pub use sample::{Kinds, SampledColumn};
pub use split::{Finish, Place, Splitter};
pub use unpack::{Packing, UnpackError, Unpacker};
pub use wanted::Wanted;

/// Bytes of a block, about: large enough that reading one is worth a task, small enough that many fit in memory.
const BLOCK_BYTES: usize = 2 << 20;

/// A longer record is one reject.
const RECORD_BYTES_MAX: usize = 64 << 20;

/// How deep a record may nest.
const DEPTH_MAX: usize = 128;

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
