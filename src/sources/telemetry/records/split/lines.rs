//! One JSON value per line.

use memchr::{memchr, memrchr};

use super::super::block::Framing;
use super::super::{Block, Reject};
use super::{Finish, Limits, Over, Tail, block};

pub(super) struct Lines {
    pub(super) tail: Tail,
    limits: Limits,
    /// Bytes of the tail in which there is no line end.
    searched: usize,
    over: Option<Over>,
}

impl Lines {
    pub(super) fn new(tail: Tail, limits: Limits) -> Self {
        Self { tail, limits, searched: 0, over: None }
    }

    pub(super) fn push(&mut self, mut bytes: &[u8], blocks: &mut Vec<Block>) {
        if let Some(over) = &mut self.over {
            let end = memchr(b'\n', bytes);
            let (line, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
            over.bytes += end.unwrap_or(bytes.len());
            self.tail.pass(line);
            if end.is_none() {
                return;
            }
            let over = self.over.take();
            blocks.extend(over.map(|over| rejected(over.reject(self.limits))));
            bytes = rest;
        }
        self.tail.extend(bytes);
        while self.tail.len() >= self.limits.block.max(1) && self.cut(blocks) {}
    }

    /// Cuts one block off, if a line ends.
    fn cut(&mut self, blocks: &mut Vec<Block>) -> bool {
        let bytes = self.tail.bytes();
        let first = bytes.get(..self.limits.block).unwrap_or(bytes);
        let end = memrchr(b'\n', first).or_else(|| {
            let from = self.limits.block.max(self.searched);
            memchr(b'\n', bytes.get(from..)?).map(|end| from + end)
        });
        match end {
            Some(end) if end > self.limits.record && memrchr(b'\n', first).is_none() => {
                let line = self.tail.place().line;
                let (_, record) = self.tail.take(end + 1);
                let mut over = Over { place: self.tail.place(), start: record.to_vec(), bytes: end };
                over.place.line = line;
                blocks.push(rejected(over.reject(self.limits)));
            }
            Some(end) => {
                let (line, bytes) = self.tail.take(end + 1);
                blocks.push(block(line, bytes, Framing::Lines));
            }
            None if bytes.len() > self.limits.record => self.over = Some(Over::new(&mut self.tail)),
            None => {
                self.searched = bytes.len();
                return false;
            }
        }
        self.searched = 0;
        end.is_some()
    }

    pub(super) fn finish(mut self) -> Finish {
        if let Some(over) = self.over {
            return Finish { blocks: Vec::new(), partial: Some(over.reject(self.limits)), place: over.place };
        }
        let bytes = self.tail.bytes();
        let start = memrchr(b'\n', bytes).map_or(0, |end| end + 1);
        let last = bytes.get(start..).unwrap_or_default();
        let is_whole = last.trim_ascii().is_empty() || serde_json::from_slice::<serde::de::IgnoredAny>(last).is_ok();
        let whole = if is_whole { bytes.len() } else { start };
        let (line, bytes) = self.tail.take(whole);
        let place = self.tail.place();
        let reason = "the last line has no end and is not whole";
        let partial = (!is_whole).then(|| Reject::new(place.line, reason, self.tail.bytes()));
        let blocks = if bytes.is_empty() { Vec::new() } else { vec![block(line, bytes, Framing::Lines)] };
        Finish { blocks, partial, place }
    }
}

/// A block that holds nothing but a reject.
pub(super) fn rejected(reject: Reject) -> Block {
    let empty = block(reject.line, bytes::Bytes::new(), Framing::Lines);
    Block { rejects: vec![reject], ..empty }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Layout, Splitter};
    use super::super::Place;

    #[test]
    fn the_last_line_of_a_growing_file_is_kept_back() {
        let mut splitter = Splitter::new(&Layout::JsonLines);
        assert!(splitter.push(b"{\"a\":1}\r\n{\"a\":2}\r\n{\"a\":").is_empty());
        let finish = splitter.finish();
        assert_eq!(finish.blocks[0].bytes, "{\"a\":1}\r\n{\"a\":2}\r\n");
        assert_eq!(finish.place, Place { offset: 18, line: 3 });
        assert_eq!(finish.partial.unwrap().record, "{\"a\":");
        let mut splitter = Splitter::resume(&Layout::JsonLines, finish.place);
        splitter.push(b"{\"a\":3}");
        let finish = splitter.finish();
        assert_eq!((finish.blocks[0].first_line, finish.blocks[0].bytes.as_ref()), (3, &b"{\"a\":3}"[..]));
        assert_eq!((finish.place, finish.partial), (Place { offset: 25, line: 3 }, None));
    }

    #[test]
    fn a_line_over_the_limit_is_one_reject_however_it_comes() {
        let text = format!("{{\"a\":1}}\n{{\"b\":\"{}\"}}\n{{\"c\":1}}\n", "x".repeat(200));
        for chunk in [1, 3, 50, 1000] {
            let mut splitter = Splitter::small(&Layout::JsonLines, 16, 100);
            let mut blocks = Vec::new();
            for chunk in text.as_bytes().chunks(chunk) {
                blocks.extend(splitter.push(chunk));
            }
            blocks.extend(splitter.finish().blocks);
            let lines: String = blocks.iter().map(|block| String::from_utf8_lossy(&block.bytes)).collect();
            assert_eq!(lines, "{\"a\":1}\n{\"c\":1}\n");
            let rejects: Vec<_> = blocks.iter().flat_map(|block| &block.rejects).collect();
            assert_eq!((rejects.len(), rejects[0].line), (1, 2));
            assert_eq!(rejects[0].reason, "a record of 208 bytes; up to 100 are read");
            assert!(rejects[0].record.starts_with("{\"b\":\"xxx"), "{}", rejects[0].record);
            assert_eq!(blocks.last().unwrap().first_line, 3);
        }
    }

    #[test]
    fn a_byte_order_mark_is_passed_over() {
        let mut splitter = Splitter::new(&Layout::JsonLines);
        splitter.push(b"\xef");
        splitter.push(b"\xbb\xbf{}\n");
        let finish = splitter.finish();
        assert_eq!((finish.blocks[0].bytes.as_ref(), finish.place.offset), (&b"{}\n"[..], 6));
    }
}
