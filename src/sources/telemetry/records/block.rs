//! A piece of an export that holds whole records and everything that reading them needs.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::{Header, Reject};

/// How the records lie in the bytes.
#[derive(Debug, Clone)]
pub(super) enum Framing {
    /// One JSON value per line.
    Lines,
    /// JSON values of a document: the bytes of each, and the lines before it in the block.
    Values(Vec<(Range<usize>, u64)>),
    /// CSV records below this header.
    Csv(Arc<Header>),
}

/// Whole records of one file, about 2 MiB of them; one record of up to 64 MiB makes one block.
#[derive(Debug, Clone)]
pub struct Block {
    /// The file's line on which the bytes begin, from 1.
    pub first_line: u64,
    /// The bytes.
    pub bytes: Bytes,
    /// Records that were too long to be kept; [`super::read`] hands them on.
    pub rejects: Vec<Reject>,
    /// Header lines met again right before this block (concatenated files).
    pub repeated_headers: u64,
    pub(super) framing: Framing,
}
