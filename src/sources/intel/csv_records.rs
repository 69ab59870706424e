//! CSV records in which a stray quote costs one line and not the rest of the file.
//!
//! To CSV a quote that nobody closes is a cell that goes on, over any number of records, to the next quote or to the end
//! of the file. A cell that spans lines is believed only if it ends as a quoted cell must: its first line is a broken
//! record otherwise, and what follows is read again from the next line.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::rc::Rc;

use csv::{ReaderBuilder, StringRecord};

use crate::sources::csv_lines::{self, CsvLines};

/// Longest cell that may span lines, in bytes: beyond, its quote is a stray one.
const CELL_BYTES_MAX: usize = 1 << 22;

/// How much is read a second time, in bytes. A file can be made so that every line opens a cell without end; after this
/// much no cell that spans lines is believed any more.
const AGAIN_BYTES_MAX: usize = 1 << 24;

/// Records of one file, in order.
pub(super) struct Records<R> {
    lines: CsvLines<WholeCells<BufReader<R>>>,
    broken: Rc<RefCell<VecDeque<u64>>>,
}

/// Why a record cannot be read.
pub(super) enum Fault {
    /// A quote that opens in it is not closed.
    OpenQuote,
    /// Anything else.
    Csv(csv::Error),
}

impl<R: Read> Records<R> {
    /// `delimiter` and `comment` are those of the builder, which does not tell them.
    pub(super) fn new(builder: &ReaderBuilder, delimiter: u8, comment: Option<u8>, input: R) -> Self {
        let broken = Rc::default();
        let cells = WholeCells {
            input: BufReader::with_capacity(1 << 16, input),
            delimiter,
            comment,
            ahead: VecDeque::new(),
            ready: VecDeque::new(),
            line: 0,
            again: 0,
            broken: Rc::clone(&broken),
        };
        Self { lines: CsvLines::new(builder, cells), broken }
    }

    pub(super) fn headers(&mut self) -> Result<StringRecord, csv::Error> {
        self.lines.headers()
    }

    /// The next record's first line (from 1) and its cells, or why they cannot be read; reading can go on after that.
    pub(super) fn next_record(&mut self) -> Option<(u64, Result<&StringRecord, Fault>)> {
        if let Some(line) = self.broken.borrow_mut().pop_front() {
            return Some((line, Err(Fault::OpenQuote)));
        }
        // Reading on can bring the file's last broken line to light.
        let Some((line, record)) = self.lines.next_record() else {
            let line = self.broken.borrow_mut().pop_front()?;
            return Some((line, Err(Fault::OpenQuote)));
        };
        Some((line, record.map_err(Fault::Csv)))
    }
}

/// What is wrong with one record.
///
/// # Errors
/// The system's own errors, which are not the record's.
pub(super) fn reason(fault: Fault) -> Result<String, std::io::Error> {
    match fault {
        Fault::OpenQuote => Ok("a quote that is not closed".into()),
        Fault::Csv(error) => csv_lines::reason(error),
    }
}

/// The file's text, with an empty line for every one in which a stray quote opens.
struct WholeCells<R> {
    input: R,
    delimiter: u8,
    comment: Option<u8>,
    /// Lines that were read, and whose record has not begun yet.
    ahead: VecDeque<Vec<u8>>,
    /// Lines of the record that is handed out.
    ready: VecDeque<Vec<u8>>,
    /// Number of the last line that was handed out or dropped.
    line: u64,
    /// Bytes that were read a second time.
    again: usize,
    broken: Rc<RefCell<VecDeque<u64>>>,
}

/// Where in a record a byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    CellStart,
    Plain,
    /// Inside quotes; whether they opened in an earlier line.
    Quoted(Spans),
    /// Behind a quote that may have closed them.
    MaybeClosed(Spans),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Spans {
    No,
    Yes,
}

impl<R: BufRead> WholeCells<R> {
    /// Makes the lines of the next record ready; none at the end.
    fn record(&mut self) -> std::io::Result<()> {
        let Some(first) = self.next_line()? else { return Ok(()) };
        let is_comment = self.comment.is_some_and(|mark| first.first() == Some(&mark));
        let mut state = if is_comment { None } else { Some(self.scan(&first, State::CellStart)) };
        let mut bytes = first.len();
        self.ready.push_back(first);
        while let Some(Some(State::Quoted(_))) = state {
            state = match self.next_line()? {
                Some(line) if bytes + line.len() <= CELL_BYTES_MAX && self.again <= AGAIN_BYTES_MAX => {
                    bytes += line.len();
                    let next = self.scan(&line, State::Quoted(Spans::Yes));
                    self.ready.push_back(line);
                    Some(next)
                }
                other => {
                    self.ready.extend(other);
                    Some(None)
                }
            };
        }
        if state == Some(None) {
            self.line += 1;
            self.broken.borrow_mut().push_back(self.line);
            self.again += bytes;
            // What follows is to be read again; its number is still to come.
            while let Some(line) = self.ready.pop_back() {
                self.ahead.push_front(line);
            }
            self.ahead.pop_front();
            self.ready.push_back(b"\n".to_vec());
        } else {
            self.line += self.ready.len() as u64;
        }
        Ok(())
    }

    fn next_line(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        if let Some(line) = self.ahead.pop_front() {
            return Ok(Some(line));
        }
        let mut line = Vec::new();
        self.input.read_until(b'\n', &mut line)?;
        Ok(Some(line).filter(|line| !line.is_empty()))
    }

    /// The state behind a line; `None` if a cell that spans lines does not end as it must.
    fn scan(&self, line: &[u8], mut state: State) -> Option<State> {
        if !line.contains(&b'"') {
            return Some(match state {
                State::Quoted(_) => state,
                _ => State::CellStart,
            });
        }
        for byte in line {
            state = match (state, *byte) {
                (State::CellStart, b'"') => State::Quoted(Spans::No),
                (State::Quoted(spans), b'"') => State::MaybeClosed(spans),
                (State::MaybeClosed(spans), b'"') => State::Quoted(spans),
                (State::Quoted(_), _) => state,
                (_, byte) if byte == self.delimiter || byte == b'\n' => State::CellStart,
                (State::MaybeClosed(_), b'\r' | b' ') => state,
                (State::MaybeClosed(Spans::Yes), _) => return None,
                _ => State::Plain,
            };
        }
        Some(state)
    }
}

impl<R: BufRead> Read for WholeCells<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.ready.is_empty() {
            self.record()?;
        }
        let Some(line) = self.ready.front_mut() else { return Ok(0) };
        let taken = line.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..taken), line.get(..taken)) {
            to.copy_from_slice(from);
        }
        if taken == line.len() {
            self.ready.pop_front();
        } else {
            line.drain(..taken);
        }
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Records as `line:cells`, broken ones as `line!`, by line.
    fn read(text: &str) -> Vec<String> {
        let mut builder = ReaderBuilder::new();
        builder.has_headers(false).flexible(true).comment(Some(b'#'));
        let mut records = Records::new(&builder, b',', Some(b'#'), text.as_bytes());
        let mut found = Vec::new();
        while let Some((line, record)) = records.next_record() {
            let shown =
                record.map_or("!".to_owned(), |record| format!(":{}", record.iter().collect::<Vec<_>>().join("|")));
            found.push((line, shown));
        }
        found.sort();
        found.into_iter().map(|(line, shown)| format!("{line}{shown}")).collect()
    }

    #[test]
    fn sound_records_are_as_csv_has_them() {
        assert_eq!(read("a,\"b\nc\",d\ne,\"f\"\"\r\n\"\"g\"\r\n"), ["1:a|b\nc|d", "3:e|f\"\n\"g"]);
        assert_eq!(read("a,b\"c\",\"d\"e\nf"), ["1:a|b\"c\"|de", "2:f"]);
        assert_eq!(read("# it is \"open\na,\"\"\n\n\"\",b"), ["2:a|", "4:|b"]);
        assert!(read("").is_empty());
    }

    proptest! {
        #[test]
        fn every_line_is_handed_on_or_is_one_of_the_broken(text in "[a,\"#\\r\\n]{0,60}") {
            let broken = Rc::<RefCell<VecDeque<u64>>>::default();
            let mut cells = WholeCells {
                input: text.as_bytes(),
                delimiter: b',',
                comment: Some(b'#'),
                ahead: VecDeque::new(),
                ready: VecDeque::new(),
                line: 0,
                again: 0,
                broken: Rc::clone(&broken),
            };
            let mut got = String::new();
            cells.read_to_string(&mut got).unwrap();
            let broken = broken.borrow();
            let want: String = text
                .split_inclusive('\n')
                .zip(1u64..)
                .map(|(line, number)| if broken.contains(&number) { "\n" } else { line })
                .collect();
            prop_assert_eq!(got, want);
            let has_quote = |number: &u64| usize::try_from(*number - 1).is_ok_and(|at| text.split('\n').nth(at).is_some_and(|line| line.contains('"')));
            prop_assert!(broken.iter().is_sorted() && broken.iter().all(has_quote));
        }
    }

    #[test]
    fn a_stray_quote_costs_its_line() {
        assert_eq!(read("a,\"open\nb,c\nd,e\n"), ["1!", "2:b|c", "3:d|e"]);
        assert_eq!(read("a,\"open\r\nb,c\r\nd,\"e\"\r\nf,g\r\n"), ["1!", "2:b|c", "3:d|e", "4:f|g"]);
        assert_eq!(read("a,b\nc,\"open"), ["1:a|b", "2!"]);
        assert_eq!(read("\"x\n\"y\n\"z\n"), ["1!", "2!", "3!"]);
        let many: String = (0..2000).map(|n| format!("{n},\"open {n}\n{n},whole\n")).collect();
        let lines = read(&many);
        assert_eq!(lines.iter().filter(|line| line.ends_with('!')).count(), 2000);
        assert_eq!(lines.len(), 4000);
    }

    #[test]
    fn a_file_of_nothing_but_stray_quotes_is_read_in_good_time() {
        let text = "a\",\"\n".repeat(100_000);
        let mut records = Records::new(ReaderBuilder::new().has_headers(false), b',', None, text.as_bytes());
        let (mut faults, mut last) = (0, 0);
        while let Some((line, record)) = records.next_record() {
            assert!(record.is_err() && line > last);
            (faults, last) = (faults + 1, line);
        }
        assert_eq!((faults, last), (100_000, 100_000));
    }

    #[test]
    fn a_cell_without_end_is_given_up_after_a_while() {
        let text = format!("a,\"open\n{}b,\"c\"\n", "x,y\n".repeat(CELL_BYTES_MAX / 4));
        let mut records = Records::new(ReaderBuilder::new().has_headers(false), b',', None, text.as_bytes());
        let (mut whole, mut broken) = (0, Vec::new());
        while let Some((line, record)) = records.next_record() {
            match record {
                Ok(_) => whole += 1,
                Err(_) => broken.push(line),
            }
        }
        assert_eq!((whole, broken), (CELL_BYTES_MAX / 4 + 1, vec![1]));
    }
}
