//! CSV records, whose quoted fields may hold line ends, and header lines that are met again.

use std::sync::Arc;

use memchr::memmem;

use super::super::block::Framing;
use super::super::csv_text::{Field, Scanner, fields};
use super::super::{Block, Header, Reject, marks};
use super::lines::rejected;
use super::{Finish, Limits, Over, Place, Tail, block};

pub(super) struct Csv {
    pub(super) tail: Tail,
    limits: Limits,
    header: Arc<Header>,
    scanner: Scanner,
    /// Bytes of the tail that were scanned.
    scanned: usize,
    /// Where in the tail the open record begins.
    record: usize,
    over: Option<Over>,
    /// Whether nothing was met yet, so that a header is the file's own.
    is_fresh: bool,
    repeated: u64,
    has_changed: bool,
    fields: Vec<Field>,
}

impl Csv {
    pub(super) fn new(tail: Tail, limits: Limits, header: &Arc<Header>) -> Self {
        let is_fresh = tail.place().offset == 0;
        let scanner = Scanner::default();
        let header = Arc::clone(header);
        let (scanned, record, over, repeated, has_changed, fields) = (0, 0, None, 0, false, Vec::new());
        Self { tail, limits, header, scanner, scanned, record, over, is_fresh, repeated, has_changed, fields }
    }

    pub(super) fn push(&mut self, bytes: &[u8], blocks: &mut Vec<Block>) {
        self.tail.extend(bytes);
        while let Some(length) = {
            let rest = self.tail.bytes().get(self.scanned..).unwrap_or_default();
            self.scanner.record_end(rest, self.header.delimiter)
        } {
            self.scanned += length;
            self.end_record(blocks);
        }
        self.scanned = self.tail.len();
        if self.tail.len() - self.record > self.limits.record || self.over.is_some() {
            self.cut(self.record, blocks);
            match &mut self.over {
                Some(over) => over.bytes += self.tail.drop_front(self.tail.len()),
                None => self.over = Some(Over::new(&mut self.tail)),
            }
            self.scanned = 0;
        }
    }

    /// Between `self.record` and `self.scanned` lies a record.
    fn end_record(&mut self, blocks: &mut Vec<Block>) {
        let length = self.scanned - self.record;
        if self.over.is_some() || length > self.limits.record {
            self.cut(self.record, blocks);
            let mut over = self.over.take().unwrap_or_else(|| {
                let start = self.tail.bytes().get(..length.min(128 << 10)).unwrap_or_default().to_vec();
                Over { place: self.tail.place(), start, bytes: 0 }
            });
            over.bytes += self.tail.drop_front(self.scanned);
            self.scanned = 0;
            blocks.push(rejected(over.reject(self.limits)));
        } else if let Some(header) = self.met_header() {
            self.cut(self.record, blocks);
            self.tail.drop_front(self.scanned);
            self.scanned = 0;
            self.repeated += u64::from(!self.is_fresh);
            if header != *self.header {
                self.header = Arc::new(header);
                self.has_changed = true;
            }
        } else if self.scanned >= self.limits.block {
            self.record = self.scanned;
            self.cut(self.scanned, blocks);
        } else {
            self.record = self.scanned;
        }
        self.is_fresh = false;
    }

    /// The record as a header, if it is one: the same as before, or one that names columns of this table.
    fn met_header(&mut self) -> Option<Header> {
        let record = self.tail.bytes().get(self.record..self.scanned)?;
        let first = self.header.names.first().map_or(&b""[..], String::as_bytes);
        let starts = record.strip_prefix(b"\"").unwrap_or(record).starts_with(first);
        if !starts && memmem::find(record, b"RemoteIP").is_none() {
            return None;
        }
        let text = std::str::from_utf8(record).ok()?;
        fields(record, self.header.delimiter, &mut self.fields).ok()?;
        let names: Vec<String> = self.fields.iter().map(|field| field.text(text).into_owned()).collect();
        let is_header = names == self.header.names || names.iter().filter(|name| marks::is_mark(name)).count() > 1;
        is_header.then(|| Header { names, delimiter: self.header.delimiter })
    }

    /// Hands out the first bytes of the tail, which are whole records.
    fn cut(&mut self, length: usize, blocks: &mut Vec<Block>) {
        if length == 0 {
            return;
        }
        let (line, bytes) = self.tail.take(length);
        let mut block = block(line, bytes, Framing::Csv(Arc::clone(&self.header)));
        block.repeated_headers = std::mem::take(&mut self.repeated);
        blocks.push(block);
        self.scanned -= length;
        self.record -= length;
    }

    pub(super) fn finish(mut self) -> Finish {
        let mut blocks = Vec::new();
        if let Some(over) = self.over {
            return Finish { blocks, partial: Some(over.reject(self.limits)), place: over.place };
        }
        let last = self.tail.bytes().get(self.record..).unwrap_or_default();
        let is_blank = last.trim_ascii().is_empty();
        let is_whole = !self.scanner.is_quoted()
            && fields(last, self.header.delimiter, &mut self.fields).is_ok()
            && self.fields.len() == self.header.names.len();
        if is_whole && !is_blank {
            self.scanned = self.tail.len();
            self.end_record(&mut blocks);
        } else if is_blank {
            self.record = self.tail.len();
        }
        self.cut(self.record, &mut blocks);
        if self.repeated > 0 {
            let empty = block(self.tail.place().line, bytes::Bytes::new(), Framing::Csv(Arc::clone(&self.header)));
            blocks.push(Block { repeated_headers: self.repeated, ..empty });
        }
        let place = self.tail.place();
        let reason = "the last record has no line end and is not whole";
        let rest = self.tail.bytes();
        let partial = (!rest.is_empty()).then(|| Reject::new(place.line, reason, rest));
        Finish { blocks, partial, place: if self.has_changed { Place::START } else { place } }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::super::{Header, Layout, Splitter};
    use super::super::{Finish, Place};

    const HEADER: &str = "RemoteIP,DeviceName\n";

    fn layout() -> Layout {
        let names = vec!["RemoteIP".to_owned(), "DeviceName".to_owned()];
        Layout::Csv(Arc::new(Header { names, delimiter: b',' }))
    }

    /// The text of all blocks, the lines of all rejects, and the end.
    fn split(mut splitter: Splitter, text: &str, chunk: usize) -> (String, Vec<u64>, Finish) {
        let mut blocks = Vec::new();
        for chunk in text.as_bytes().chunks(chunk) {
            blocks.extend(splitter.push(chunk));
        }
        let mut finish = splitter.finish();
        blocks.append(&mut finish.blocks);
        let lines = blocks.iter().flat_map(|block| &block.rejects).map(|reject| reject.line).collect();
        (blocks.iter().map(|block| String::from_utf8_lossy(&block.bytes)).collect(), lines, finish)
    }

    #[test]
    fn a_record_over_the_limit_is_one_reject_however_it_comes() {
        let text = format!("{HEADER}a,b\n\"{}\n\",b\nc,d\n", "x\n".repeat(100));
        for chunk in [1, 7, 1000] {
            let (kept, lines, finish) = split(Splitter::small(&layout(), 8, 50), &text, chunk);
            assert_eq!((kept.as_str(), &lines[..], finish.partial), ("a,b\nc,d\n", &[3][..], None), "{chunk}");
        }
    }

    #[test]
    fn a_last_record_counts_when_it_is_whole() {
        for (last, is_whole) in [("a,b", true), ("a,\"b\nc\"", true), ("a,\"b\nc", false), ("a", false), ("\r\n", true)]
        {
            let (_, _, finish) = split(Splitter::new(&layout()), &format!("{HEADER}x,y\n{last}"), 1000);
            assert_eq!(finish.partial.is_none(), is_whole, "{last}");
            let place = if is_whole { 24 + last.len() as u64 } else { 24 };
            assert_eq!(finish.place.offset, place, "{last}");
        }
    }

    #[test]
    fn a_later_run_goes_on_without_the_header() {
        let splitter = Splitter::resume(&layout(), Place { offset: 24, line: 3 });
        let (kept, _, finish) = split(splitter, "c,d\n", 1000);
        assert_eq!((kept.as_str(), finish.place), ("c,d\n", Place { offset: 28, line: 4 }));
    }
}
