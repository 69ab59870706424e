//! Rejected records on their way into one file: with their source, line and reason, in the order of files and lines.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::engine::{Rejected, Rejects};
use crate::sources::telemetry::End;
use crate::sources::telemetry::records::Place;

/// Hexadecimal digits of the content's hash that a name has.
const NAME_DIGITS: usize = 12;

/// The wire form of one rejected record; its keys tell a later run that this is no telemetry.
#[derive(Serialize)]
struct Line<'a> {
    source: &'a str,
    line: Option<u64>,
    reason: &'a str,
    record: &'a str,
}

/// What one file gave.
#[derive(Debug, Default)]
struct OfFile {
    /// The spool of its records.
    spool: Option<PathBuf>,
    count: u64,
    /// The first, as `file:line: reason`.
    first: Option<String>,
    end: Option<Place>,
    unfinished: Option<Rejected>,
}

/// Collects what is no event, on disk.
#[derive(Debug)]
pub(super) struct Collected {
    folder: PathBuf,
    files: Mutex<BTreeMap<String, OfFile>>,
    failure: Mutex<Option<std::io::Error>>,
}

impl Collected {
    /// Collects below an existing folder.
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), files: Mutex::default(), failure: Mutex::default() }
    }

    fn add(&self, file: &str, records: &[Rejected]) -> std::io::Result<()> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let number = files.len();
        let of_file = files.entry(file.to_owned()).or_default();
        let path = of_file.spool.get_or_insert_with(|| self.folder.join(format!("rejects-{number}")));
        let mut out = BufWriter::new(OpenOptions::new().create(true).append(true).open(path)?);
        for record in records {
            let (line, reason, text) = (record.line, &record.reason, &record.record);
            serde_json::to_writer(&mut out, &Line { source: file, line, reason, record: text })?;
            out.write_all(b"\n")?;
            let place = line.map(|line| format!(":{line}")).unwrap_or_default();
            of_file.first.get_or_insert_with(|| format!("{file}{place}: {reason}"));
        }
        of_file.count += records.len() as u64;
        out.flush()
    }

    /// Where reading of a text export ended.
    pub(super) fn end(&self, file: &str) -> Option<Place> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).get(file).and_then(|of_file| of_file.end)
    }

    /// Files whose last record is not finished, and which may still grow.
    pub(super) fn unfinished(&self) -> Vec<String> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.iter().filter(|(_, of_file)| of_file.unfinished.is_some()).map(|(file, _)| file.clone()).collect()
    }

    /// A last record of a file that cannot grow is one that is cut off.
    pub(super) fn settle(&self, file: &str, may_grow: bool) -> std::io::Result<()> {
        if may_grow {
            return Ok(());
        }
        let partial = {
            let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
            files.get_mut(file).and_then(|of_file| of_file.unfinished.take())
        };
        partial.map_or(Ok(()), |partial| self.add(file, &[partial]))
    }

    /// How many records were rejected, and the first of them.
    pub(super) fn count(&self) -> (u64, Option<String>) {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        (files.values().map(|f| f.count).sum(), files.values().find_map(|f| f.first.clone()))
    }

    /// Writes all of them into a folder, under a name that their content gives; nothing if there are none.
    pub(super) fn write(&self, folder: &Path) -> std::io::Result<Option<PathBuf>> {
        if let Some(error) = self.failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(error);
        }
        if self.count().0 == 0 {
            return Ok(None);
        }
        let temporary = folder.join(".rejects.tmp");
        let mut out = BufWriter::new(File::create(&temporary)?);
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        for of_file in self.files.lock().unwrap_or_else(PoisonError::into_inner).values() {
            let Some(spool) = &of_file.spool else { continue };
            let mut spooled = BufReader::new(File::open(spool)?);
            loop {
                let read = spooled.read(&mut buffer)?;
                let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
                hash.update(bytes);
                out.write_all(bytes)?;
            }
        }
        out.flush()?;
        drop(out);
        let digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let named = folder.join(format!("rejects-{}.ndjson", &digits[..NAME_DIGITS]));
        std::fs::rename(&temporary, &named)?;
        Ok(Some(named))
    }
}

impl Rejects for Collected {
    fn rejected(&self, file: &str, records: Vec<Rejected>) {
        if let Err(error) = self.add(file, &records) {
            self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }

    fn ended(&self, file: &str, end: End) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let of_file = files.entry(file.to_owned()).or_default();
        of_file.end = Some(end.place);
        of_file.unfinished = end.partial.map(Rejected::from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(line: u64) -> Rejected {
        Rejected { line: Some(line), reason: "not JSON".into(), record: format!("{{\"a\": {line}") }
    }

    #[test]
    fn records_come_out_by_file_and_line_whatever_order_files_were_read_in() {
        let write = |order: [&str; 2]| {
            let folder = tempfile::tempdir().unwrap();
            let collected = Collected::new(folder.path());
            for file in order {
                collected.rejected(file, vec![record(1), record(2)]);
                collected.rejected(file, vec![record(7)]);
            }
            assert_eq!(collected.count(), (6, Some("a.json:1: not JSON".to_owned())));
            let path = collected.write(folder.path()).unwrap().unwrap();
            (path.file_name().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap())
        };
        let (name, text) = write(["a.json", "b.json"]);
        assert_eq!((name, text.clone()), write(["b.json", "a.json"]));
        let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!((first["source"].as_str(), first["line"].as_u64()), (Some("a.json"), Some(1)));
        assert_eq!(text.lines().count(), 6);
    }

    #[test]
    fn a_cut_record_counts_only_where_the_file_cannot_grow() {
        let folder = tempfile::tempdir().unwrap();
        let collected = Collected::new(folder.path());
        for file in ["packed", "plain"] {
            let partial = Some(crate::sources::telemetry::Reject { line: 9, reason: "cut".into(), record: "{".into() });
            collected.ended(file, End { partial, place: Place { offset: 100, line: 9 } });
        }
        collected.settle("packed", false).unwrap();
        collected.settle("plain", true).unwrap();
        assert_eq!((collected.count().0, collected.unfinished()), (1, vec!["plain".to_owned()]));
        assert_eq!(collected.end("plain"), Some(Place { offset: 100, line: 9 }));
    }
}
