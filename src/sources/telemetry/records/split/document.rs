//! JSON documents: records in an array or in a wrapper's array, pretty-printed or not, one document or several.
//!
//! Only strings and depth are followed, so a record that is no JSON but balanced costs that record alone. Wrappers are
//! left as soon as their array begins: a document of any size needs the memory of one block.

use std::ops::Range;

use memchr::memchr2;

use super::super::block::Framing;
use super::super::{Block, Reject, walk};
use super::lines::rejected;
use super::tail::line_ends;
use super::{Finish, Limits, Over, Place, Tail, block};

/// Where records begin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    /// Outside everything.
    Top,
    /// In an array that is the document.
    Array,
    /// In the array of a wrapper.
    Wrapped,
    /// In a wrapper behind its array: nowhere.
    Rest,
}

impl Level {
    fn depth(self) -> Option<u64> {
        match self {
            Self::Top => Some(0),
            Self::Array => Some(1),
            Self::Wrapped => Some(2),
            Self::Rest => None,
        }
    }
}

pub(super) struct Document {
    pub(super) tail: Tail,
    limits: Limits,
    level: Level,
    depth: u64,
    /// Bytes of the tail that were scanned.
    at: usize,
    is_string: bool,
    is_escaped: bool,
    /// Where a string begins that may be a wrapper's key.
    key: Option<usize>,
    /// Whether the last such string, and a colon, was a key that wraps records.
    is_wrapper: bool,
    /// Where the open record begins, and the lines of the tail before it.
    open: Option<(usize, u64)>,
    /// Lines of the tail counted so far, and up to which byte.
    counted: (u64, usize),
    values: Vec<(Range<usize>, u64)>,
    over: Option<Over>,
}

impl Document {
    pub(super) fn new(tail: Tail, limits: Limits) -> Self {
        Self {
            tail,
            limits,
            level: Level::Top,
            depth: 0,
            at: 0,
            is_string: false,
            is_escaped: false,
            key: None,
            is_wrapper: false,
            open: None,
            counted: (0, 0),
            values: Vec::new(),
            over: None,
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8], blocks: &mut Vec<Block>) {
        self.tail.extend(bytes);
        while let Some(byte) = self.tail.bytes().get(self.at) {
            if self.is_string {
                self.string();
            } else if self.is_inside() {
                self.inside(blocks);
            } else {
                self.structure(*byte, blocks);
            }
        }
        let keep = self.open.map_or(self.at, |(start, _)| start);
        if self.at - keep > self.limits.record || self.over.is_some() {
            self.cut(keep, blocks);
            match &mut self.over {
                Some(over) => over.bytes += self.tail.drop_front(self.tail.len()),
                None => self.over = Some(Over::new(&mut self.tail)),
            }
            (self.at, self.counted, self.key) = (0, (0, 0), None);
            self.open = self.open.map(|_| (0, 0));
        } else if self.values.is_empty() {
            // Nothing but packaging before the open record, or before a key that may go on in the next bytes.
            let keep =
                self.key.filter(|key| self.at - key <= walk::WRAPPER_KEY_BYTES).map_or(keep, |key| key.min(keep));
            self.forget(keep);
        }
    }

    /// Goes on in a string, to its end or to the end of the bytes.
    fn string(&mut self) {
        if self.is_escaped {
            (self.is_escaped, self.at) = (false, self.at + 1);
            return;
        }
        let rest = self.tail.bytes().get(self.at..).unwrap_or_default();
        let Some(found) = memchr2(b'"', b'\\', rest) else {
            self.at = self.tail.len();
            return;
        };
        self.is_escaped = rest.get(found) == Some(&b'\\');
        self.at += found + 1;
        if !self.is_escaped {
            self.is_string = false;
            let key = self.key.take().and_then(|start| self.tail.bytes().get(start..self.at));
            self.is_wrapper = key.is_some_and(walk::is_wrapper_key);
        }
    }

    /// Whether only strings and brackets matter here.
    fn is_inside(&self) -> bool {
        // At depth 1 at the top, a key may yet turn out to wrap records.
        let level = self.level.depth().map(|depth| depth.max(1));
        self.open.is_some() && level.is_some_and(|level| level < self.depth)
    }

    /// Goes on in a record, behind the next string's first quote or bracket.
    fn inside(&mut self, blocks: &mut Vec<Block>) {
        let rest = self.tail.bytes().get(self.at..).unwrap_or_default();
        let found = rest.iter().position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']'));
        self.at += found.unwrap_or(rest.len());
        if let Some(byte) = self.tail.bytes().get(self.at) {
            self.structure(*byte, blocks);
        }
    }

    fn structure(&mut self, byte: u8, blocks: &mut Vec<Block>) {
        let is_record_level = self.level.depth() == Some(self.depth);
        self.at += 1;
        match byte {
            b'"' => {
                self.is_string = true;
                let may_wrap = self.depth == 1 && matches!(self.level, Level::Top | Level::Rest);
                self.key = may_wrap.then_some(self.at - 1);
                self.is_wrapper = false;
                self.begin(is_record_level);
            }
            b'{' | b'[' => self.enter(byte, is_record_level, blocks),
            b'}' | b']' => self.leave(is_record_level, blocks),
            b',' | b'\n' => {
                if is_record_level {
                    self.end(self.at - 1, blocks);
                }
                self.is_wrapper &= byte == b'\n';
            }
            b':' | b' ' | b'\t' | b'\r' => {}
            _ => self.begin(is_record_level),
        }
    }

    fn enter(&mut self, byte: u8, is_record_level: bool, blocks: &mut Vec<Block>) {
        if is_record_level {
            self.end(self.at - 1, blocks);
        }
        if byte == b'[' && self.depth == 0 {
            self.level = Level::Array;
        } else if byte == b'[' && self.depth == 1 && self.is_wrapper && self.over.is_none() {
            self.level = Level::Wrapped;
            self.open = None;
        } else {
            self.begin(is_record_level);
        }
        self.is_wrapper = false;
        self.depth += 1;
    }

    fn leave(&mut self, is_record_level: bool, blocks: &mut Vec<Block>) {
        if is_record_level {
            self.end(self.at - 1, blocks);
            if self.depth == 0 {
                // A bracket that closes nothing is a broken record.
                self.begin(true);
                return;
            }
            self.level = if self.level == Level::Array { Level::Top } else { Level::Rest };
        } else if self.level == Level::Rest && self.depth == 1 {
            self.level = Level::Top;
        } else if self.level.depth().is_some_and(|level| level + 1 == self.depth) {
            self.end(self.at, blocks);
        }
        self.depth = self.depth.saturating_sub(1);
    }

    /// A record begins with the byte just scanned, if none is open.
    fn begin(&mut self, is_record_level: bool) {
        if is_record_level && self.open.is_none() {
            let start = self.at - 1;
            let passed = self.tail.bytes().get(self.counted.1..start).unwrap_or_default();
            self.counted = (self.counted.0 + line_ends(passed), start);
            self.open = Some((start, self.counted.0));
        }
    }

    /// The open record, if there is one, ends before this byte of the tail.
    fn end(&mut self, end: usize, blocks: &mut Vec<Block>) {
        let Some((start, line)) = self.open.take() else { return };
        if let Some(mut over) = self.over.take() {
            over.bytes += end;
            blocks.push(rejected(over.reject(self.limits)));
        } else if end - start > self.limits.record {
            self.cut(start, blocks);
            let mut over = Over { place: self.tail.place(), start: Vec::new(), bytes: end - start };
            over.start = self.tail.bytes().get(..over.bytes.min(128 << 10)).unwrap_or_default().to_vec();
            blocks.push(rejected(over.reject(self.limits)));
        } else {
            self.values.push((start..end, line));
            if end >= self.limits.block {
                self.cut(end, blocks);
            }
        }
    }

    /// Hands out the records before this byte of the tail.
    fn cut(&mut self, end: usize, blocks: &mut Vec<Block>) {
        if self.values.is_empty() {
            return self.forget(end);
        }
        let values = std::mem::take(&mut self.values);
        let (line, bytes) = self.tail.take(end);
        blocks.push(block(line, bytes.clone(), Framing::Values(values)));
        self.moved(end, line_ends(&bytes));
    }

    fn forget(&mut self, length: usize) {
        let (_, dropped) = self.tail.take(length);
        self.moved(length, line_ends(&dropped));
    }

    /// The first bytes of the tail, with so many lines, are gone.
    fn moved(&mut self, length: usize, gone: u64) {
        self.at -= length;
        self.key = self.key.and_then(|key| key.checked_sub(length));
        self.open = self.open.map(|(start, line)| (start.saturating_sub(length), line.saturating_sub(gone)));
        self.counted = match self.counted.1.checked_sub(length) {
            Some(rest) => (self.counted.0 - gone, rest),
            None => (0, 0),
        };
    }

    pub(super) fn finish(mut self) -> Finish {
        let mut blocks = Vec::new();
        let is_scalar = self.depth == 0 && !self.is_string;
        if is_scalar {
            self.end(self.at, &mut blocks);
        }
        let is_whole = is_scalar && self.open.is_none() && self.over.is_none();
        let keep = self.open.map_or(self.at, |(start, _)| start);
        self.cut(keep, &mut blocks);
        let place = if is_whole { self.tail.place() } else { Place::START };
        let reason = "the document ends before it is whole";
        let partial = match self.over {
            Some(over) => Some(over.reject(self.limits)),
            None => (!is_whole).then(|| Reject::new(self.tail.place().line, reason, self.tail.bytes())),
        };
        Finish { blocks, partial, place }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Layout, Splitter, block::Framing};
    use super::super::Finish;

    /// The records and their lines, cut from chunks of this size.
    fn records(text: &str, chunk: usize) -> (Vec<(u64, String)>, Finish) {
        let mut splitter = Splitter::small(&Layout::JsonDocument, 40, 1000);
        let mut blocks = Vec::new();
        for chunk in text.as_bytes().chunks(chunk) {
            blocks.extend(splitter.push(chunk));
        }
        let mut finish = splitter.finish();
        blocks.append(&mut finish.blocks);
        let mut found = Vec::new();
        for block in &blocks {
            let Framing::Values(values) = &block.framing else { panic!("{block:?}") };
            for (range, line) in values {
                let text = String::from_utf8_lossy(&block.bytes[range.clone()]).into_owned();
                found.push((block.first_line + line, text));
            }
        }
        (found, finish)
    }

    fn same_in_all_chunks(text: &str) -> Vec<(u64, String)> {
        let (whole, finish) = records(text, text.len());
        assert_eq!(finish.partial, None, "{text}");
        for chunk in 1..text.len() {
            assert_eq!(records(text, chunk).0, whole, "chunks of {chunk}: {text}");
        }
        whole
    }

    fn texts(found: &[(u64, String)]) -> Vec<&str> {
        found.iter().map(|(_, text)| text.as_str()).collect()
    }

    #[test]
    fn arrays_wrappers_and_bare_values_give_their_records() {
        let found = same_in_all_chunks("[\n  {\"a\": \"]}\\\"\"},\n  {\"b\": [1, {}]}\n]\n");
        assert_eq!(found, [(2, "{\"a\": \"]}\\\"\"}".to_owned()), (3, "{\"b\": [1, {}]}".to_owned())]);
        let graph = "{\"@odata.context\":\"x\",\"schema\":[{\"name\":\"results\"}],\n\"results\" :\n[{\"a\":1},{\"a\":2}],\"z\":{}}";
        assert_eq!(texts(&same_in_all_chunks(graph)), ["{\"a\":1}", "{\"a\":2}"]);
        let old = "{\"Stats\":{\"Results\":1},\"Schema\":[],\"Results\":[{\"a\":1}]}{\"records\":[{\"b\":1},2]}";
        assert_eq!(texts(&same_in_all_chunks(old)), ["{\"a\":1}", "{\"b\":1}", "2"]);
        assert_eq!(
            texts(&same_in_all_chunks("{\"a\":[{}]}\n{\"results\":null} {\"records\":[]}")),
            ["{\"a\":[{}]}", "{\"results\":null}"]
        );
    }

    #[test]
    fn what_is_no_object_is_a_record_too() {
        let found = same_in_all_chunks("[1, \"a,b\", {\"a\":1}, null]\nrubbish }\n{\"b\":2}");
        assert_eq!(texts(&found), ["1", "\"a,b\"", "{\"a\":1}", "null", "rubbish ", "}", "{\"b\":2}"]);
    }

    #[test]
    fn a_document_that_is_cut_off_says_so() {
        let (found, finish) = records("{\"records\":[\n{\"a\":1},\n{\"b\":", 5);
        assert_eq!(texts(&found), ["{\"a\":1}"]);
        let partial = finish.partial.unwrap();
        assert_eq!((partial.line, partial.record.as_str(), finish.place.offset), (3, "{\"b\":", 0));
        let (_, finish) = records("[{\"a\":1},", 5);
        assert!(finish.partial.is_some());
    }

    #[test]
    fn a_record_over_the_limit_is_one_reject_and_the_next_is_read() {
        let text = format!("[{{\"a\":\"{}\"}},\n{{\"b\":1}}]", "x".repeat(2000));
        for chunk in [1, 7, 500, 5000] {
            let mut splitter = Splitter::small(&Layout::JsonDocument, 40, 1000);
            let mut blocks = Vec::new();
            for chunk in text.as_bytes().chunks(chunk) {
                blocks.extend(splitter.push(chunk));
            }
            blocks.extend(splitter.finish().blocks);
            let rejects: Vec<_> = blocks.iter().flat_map(|block| &block.rejects).collect();
            assert_eq!(rejects.len(), 1);
            assert_eq!(rejects[0].reason, "a record of 2008 bytes; up to 1000 are read");
            let last = blocks.last().unwrap();
            let Framing::Values(values) = &last.framing else { panic!("{last:?}") };
            assert_eq!(&last.bytes[values[0].0.clone()], b"{\"b\":1}");
            assert_eq!(last.first_line + values[0].1, 2);
        }
    }
}
