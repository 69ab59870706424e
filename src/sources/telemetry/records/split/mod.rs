//! Cutting an unpacked stream into blocks of whole records.
//!
//! The splitter looks for ends of records and reads nothing: what is in a record, and whether it is sound, is found out
//! by whoever reads the block. It holds one block and one unfinished record at most.

mod csv;
mod document;
mod lines;
mod tail;

use csv::Csv;
use document::Document;
use lines::Lines;
use tail::Tail;
pub(super) use tail::line_ends;

use super::{BLOCK_BYTES, Block, Layout, RECORD_BYTES_MAX, Reject};

/// A place between two records of an unpacked stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Unpacked bytes before it.
    pub offset: u64,
    /// The line on which it lies, from 1.
    pub line: u64,
}

impl Place {
    /// Before everything.
    pub const START: Self = Self { offset: 0, line: 1 };
}

/// What is left at the end of a stream.
#[derive(Debug)]
pub struct Finish {
    /// The last whole records.
    pub blocks: Vec<Block>,
    /// A last record without an end, which is in no block: an append blob's last line that is still being written, or
    /// the sign of a file that is cut off.
    pub partial: Option<Reject>,
    /// Behind the last whole record, where a later run can go on when the file has grown. It is [`Place::START`] where
    /// that is not possible: in a JSON document that is not whole, and in a CSV in which the header changed.
    pub place: Place,
}

/// How large blocks and records may become.
#[derive(Debug, Clone, Copy)]
struct Limits {
    block: usize,
    record: usize,
}

enum Machine {
    Lines(Lines),
    Document(Document),
    Csv(Box<Csv>),
}

/// Cuts one stream: [`Splitter::push`] its bytes in order, then [`Splitter::finish`].
pub struct Splitter {
    machine: Machine,
    /// The first bytes, until it is known whether they are a byte order mark.
    head: Option<Vec<u8>>,
}

impl Splitter {
    /// From the start of a stream of this layout.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        Self::resume(layout, Place::START)
    }

    /// From a place that an earlier [`Finish`] gave: the first byte pushed is the one at `place.offset`.
    #[must_use]
    pub fn resume(layout: &Layout, place: Place) -> Self {
        Self::with(layout, place, Limits { block: BLOCK_BYTES, record: RECORD_BYTES_MAX })
    }

    fn with(layout: &Layout, place: Place, limits: Limits) -> Self {
        let tail = Tail::new(place);
        let machine = match layout {
            Layout::JsonLines => Machine::Lines(Lines::new(tail, limits)),
            Layout::JsonDocument => Machine::Document(Document::new(tail, limits)),
            Layout::Csv(header) => Machine::Csv(Box::new(Csv::new(tail, limits, header))),
        };
        Self { machine, head: (place.offset == 0).then(Vec::new) }
    }

    /// With small limits, so that tests need no large inputs.
    #[cfg(test)]
    pub(super) fn small(layout: &Layout, block: usize, record: usize) -> Self {
        Self::with(layout, Place::START, Limits { block, record })
    }

    /// Takes the next bytes; gives the blocks that are whole with them.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Block> {
        let Some(head) = &mut self.head else { return self.feed(bytes) };
        head.extend_from_slice(bytes);
        if head.len() < 3 && "\u{feff}".as_bytes().starts_with(head) {
            return Vec::new();
        }
        let head = self.head.take().unwrap_or_default();
        self.begin(&head)
    }

    /// Says that the stream ends here.
    #[must_use]
    pub fn finish(mut self) -> Finish {
        let head = self.head.take().unwrap_or_default();
        let mut blocks = self.begin(&head);
        let mut finish = match self.machine {
            Machine::Lines(lines) => lines.finish(),
            Machine::Document(document) => document.finish(),
            Machine::Csv(csv) => csv.finish(),
        };
        blocks.append(&mut finish.blocks);
        finish.blocks = blocks;
        finish
    }

    fn begin(&mut self, head: &[u8]) -> Vec<Block> {
        let Some(text) = head.strip_prefix("\u{feff}".as_bytes()) else { return self.feed(head) };
        let tail = match &mut self.machine {
            Machine::Lines(lines) => &mut lines.tail,
            Machine::Document(document) => &mut document.tail,
            Machine::Csv(csv) => &mut csv.tail,
        };
        tail.pass(&head[..3]);
        self.feed(text)
    }

    fn feed(&mut self, bytes: &[u8]) -> Vec<Block> {
        let mut blocks = Vec::new();
        match &mut self.machine {
            Machine::Lines(lines) => lines.push(bytes, &mut blocks),
            Machine::Document(document) => document.push(bytes, &mut blocks),
            Machine::Csv(csv) => csv.push(bytes, &mut blocks),
        }
        blocks
    }
}

/// A record that became too long to be kept, while its end is being looked for.
struct Over {
    place: Place,
    start: Vec<u8>,
    bytes: usize,
}

impl Over {
    fn new(tail: &mut Tail) -> Self {
        let place = tail.place();
        let start = tail.bytes().get(..tail.len().min(128 << 10)).unwrap_or_default().to_vec();
        Self { place, start, bytes: tail.drop_front(tail.len()) }
    }

    fn reject(&self, limits: Limits) -> Reject {
        let reason = format!("a record of {} bytes; up to {} are read", self.bytes, limits.record);
        Reject::cut(self.place.line, reason, &self.start, self.bytes)
    }
}

fn block(first_line: u64, bytes: bytes::Bytes, framing: super::block::Framing) -> Block {
    Block { first_line, bytes, rejects: Vec::new(), repeated_headers: 0, framing }
}
