//! CSV records with the line on which they begin, so that a message can name it.
//!
//! The csv crate counts from the end of the record before, which is off by the blank lines between and, in files with
//! CRLF, by one. Counting back from a record's own end is right once every line ends in one LF.

use std::io::{BufRead, BufReader, Read};

use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord};

use super::text::excerpt;

/// Records of one file, in order.
pub(super) struct CsvLines<R> {
    reader: Reader<UnixLines<R>>,
    record: StringRecord,
}

impl<R: Read> CsvLines<R> {
    pub(super) fn new(builder: &ReaderBuilder, input: R) -> Self {
        Self { reader: builder.from_reader(UnixLines::new(input)), record: StringRecord::new() }
    }

    pub(super) fn headers(&mut self) -> Result<StringRecord, csv::Error> {
        self.reader.headers().cloned()
    }

    /// The next record's first line (from 1) and its cells, or why they cannot be read; reading can go on after that.
    pub(super) fn next_record(&mut self) -> Option<(u64, Result<&StringRecord, csv::Error>)> {
        let read = self.reader.read_record(&mut self.record);
        let breaks = self.record.iter().map(|cell| cell.bytes().filter(|b| *b == b'\n').count() as u64).sum::<u64>();
        let line = self.reader.position().line().saturating_sub(1 + breaks);
        match read {
            Ok(false) => None,
            Ok(true) => Some((line, Ok(&self.record))),
            Err(error) => Some((line, Err(error))),
        }
    }
}

/// What is wrong with one record.
///
/// # Errors
/// The system's own errors, which are not the record's.
pub(super) fn reason(error: csv::Error) -> Result<String, std::io::Error> {
    match error.into_kind() {
        ErrorKind::Io(error) => Err(error),
        ErrorKind::Utf8 { .. } => Ok("not UTF-8 text".into()),
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            Ok(format!("{len} cells, but the header has {expected_len}"))
        }
        other => Ok(excerpt(&format!("{other:?}"))),
    }
}

/// CRLF becomes LF, and the last line ends in one too.
struct UnixLines<R> {
    input: BufReader<R>,
    last: u8,
}

impl<R: Read> UnixLines<R> {
    fn new(input: R) -> Self {
        Self { input: BufReader::with_capacity(1 << 16, input), last: b'\n' }
    }
}

impl<R: Read> Read for UnixLines<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let mut written = 0;
        while written < out.len() {
            let available = self.input.fill_buf()?;
            if available.is_empty() {
                if self.last != b'\n' {
                    self.last = b'\n';
                    if let Some(slot) = out.get_mut(written) {
                        *slot = b'\n';
                        written += 1;
                    }
                }
                break;
            }
            let mut taken = 0;
            for (byte, after) in available.iter().zip(available.iter().skip(1).map(Some).chain([None])) {
                let Some(slot) = out.get_mut(written) else { break };
                taken += 1;
                self.last = *byte;
                // A CR that ends the buffer is dropped too: alone it would only be a second kind of line end.
                if *byte == b'\r' && after.is_none_or(|next| *next == b'\n') {
                    continue;
                }
                *slot = *byte;
                written += 1;
            }
            self.input.consume(taken);
            if written > 0 {
                break;
            }
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u64, Option<String>)> {
        let mut lines = CsvLines::new(&ReaderBuilder::new(), text.as_bytes());
        lines.headers().unwrap();
        let mut read = Vec::new();
        while let Some((line, record)) = lines.next_record() {
            read.push((line, record.ok().map(|r| r.iter().collect::<Vec<_>>().join("|"))));
        }
        read
    }

    #[test]
    fn lines_are_those_of_the_file() {
        let want =
            [(2, Some("1|2".to_string())), (5, Some("3|4\n5".to_string())), (7, None), (8, Some("6|7".to_string()))];
        let text = "a,b\n1,2\n\n\n3,\"4\n5\"\nx\n6,7";
        assert_eq!(lines(text), want);
        assert_eq!(lines(&text.replace('\n', "\r\n")), want);
        assert_eq!(lines(&format!("{text}\n")), want);
    }
}
