//! Which rows of one column chunk hold a listed text, found in the Parquet pages themselves.
//!
//! Arrow's readers make a string of every row before anybody can ask about it. For membership that is wasted work: a
//! chunk's texts stand once in its dictionary, its rows are small numbers that point there, and on most pages no row
//! points at anything listed. So each dictionary entry is classified once, the numbers are tested against a set of bits
//! without ever becoming text, and pages that cannot hold a hit are not even decompressed.
//!
//! The bytes come from strangers. Every size, count, width and offset is checked before it is used; nothing here panics
//! on damaged input, allocates what the chunk's own sizes do not justify, or answers for rows that it did not see. What
//! it cannot read is `Beyond`, and then the ordinary reader has the last word. It knows nothing of DataFusion or of lists:
//! the caller's `classify` does. `address` beside it reads the texts of addresses as `classify` needs it: by the million.

mod address;
mod beyond;
mod chunk;
mod classify;
mod delta;
mod dictionary;
mod dotted;
mod fuzzing;
mod groups;
mod header;
mod hybrid;
mod inflate;
mod levels;
mod marks;
mod pick;
mod plain;
mod scan;
mod spans;
mod texts;
mod thrift;
mod unpack;
mod walk;

#[cfg(test)]
mod tests;

pub use address::address;
pub use beyond::Beyond;
pub use chunk::Chunk;
pub use classify::{BLOCK_TEXTS, Classify};
pub use dictionary::{DictionaryVerdict, Reach};
pub use dotted::Dotted;
pub use fuzzing::fuzz;
pub use groups::upper_of_v6;
pub use pick::{Picker, Placed, SomePages};
pub use scan::{Scan, Scanner, dictionary, scan};
pub use spans::Span;
pub use texts::Texts;

/// What a caller says of one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Nothing to report: not listed, or a text that says nothing. A null is this without being asked.
    Other,
    /// On the list.
    Listed,
    /// No address; its rows are counted.
    Unreadable,
}
