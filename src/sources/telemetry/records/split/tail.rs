//! The bytes of a stream that are not yet handed out, and where in it they begin.

use bytes::{Bytes, BytesMut};
use memchr::memchr_iter;

use super::super::count;
use super::Place;

pub(super) struct Tail {
    bytes: BytesMut,
    place: Place,
}

impl Tail {
    pub(super) fn new(place: Place) -> Self {
        Self { bytes: BytesMut::new(), place }
    }

    pub(super) fn extend(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Where its first byte lies in the stream.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Hands out the first bytes, with the line on which they begin.
    pub(super) fn take(&mut self, length: usize) -> (u64, Bytes) {
        let line = self.place.line;
        let taken = self.bytes.split_to(length.min(self.bytes.len())).freeze();
        self.pass(&taken);
        (line, taken)
    }

    /// Drops the first bytes; how many they were.
    pub(super) fn drop_front(&mut self, length: usize) -> usize {
        self.take(length).1.len()
    }

    /// Moves on by bytes that are not kept here.
    pub(super) fn pass(&mut self, bytes: &[u8]) {
        self.place.offset += count(bytes.len());
        self.place.line += line_ends(bytes);
    }
}

/// Line ends in the bytes.
pub(in super::super) fn line_ends(bytes: &[u8]) -> u64 {
    count(memchr_iter(b'\n', bytes).count())
}
