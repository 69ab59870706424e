//! The file of `--exclude`: findings that somebody has already looked at.
//!
//! Strict where a mistake would hide findings: an unknown column would make its lines match more than was meant, and a
//! line without device, address and process would match everything. What a line does is [`Exclusion`]'s business.

use std::path::Path;

use csv::{ReaderBuilder, StringRecord, Trim};

use super::SourceError;
use super::csv_lines::CsvLines;
use super::text::{self, excerpt, unreadable};
use crate::model::exclusion::Exclusion;
use crate::model::{Micros, Prefix};

const COLUMNS: [&str; 5] = ["devicename", "remoteip", "process", "reason", "until"];

/// Reads the file: CSV with a header that names any of DeviceName, RemoteIP (address or prefix), process, reason and
/// until (date or RFC 3339), in any order and case. Lines are in file order.
///
/// # Errors
/// The file cannot be read; an unknown or repeated column; a line with no device, address and process, with a bad
/// address or date, or with more cells than the header.
pub fn load(path: &str, base: &Path) -> Result<Vec<Exclusion>, SourceError> {
    let text = text::read(&base.join(path), path)?;
    let mut lines = CsvLines::new(ReaderBuilder::new().trim(Trim::All).flexible(true), text.as_bytes());
    let header = lines.headers().map_err(|error| unreadable(path, &error.to_string()))?;
    let columns = Columns::of(&header).map_err(|reason| unreadable(path, &reason))?;
    let mut exclusions = Vec::new();
    while let Some((line, record)) = lines.next_record() {
        let record = record.map_err(|error| unreadable(path, &error.to_string()))?;
        let exclusion =
            columns.exclusion(record, line).map_err(|reason| unreadable(path, &format!("line {line}: {reason}")))?;
        exclusions.push(exclusion);
    }
    Ok(exclusions)
}

/// Which cell of a line is what.
struct Columns {
    at: [Option<usize>; COLUMNS.len()],
    count: usize,
}

impl Columns {
    fn of(header: &StringRecord) -> Result<Self, String> {
        let mut at = [None; COLUMNS.len()];
        for (cell, name) in header.iter().enumerate() {
            let column = COLUMNS.iter().position(|known| name.eq_ignore_ascii_case(known));
            let slot = column.and_then(|column| at.get_mut(column)).ok_or_else(|| {
                format!(
                    "unknown column {:?}; the columns are DeviceName, RemoteIP, process, reason, until",
                    excerpt(name)
                )
            })?;
            if slot.replace(cell).is_some() {
                return Err(format!("the column {} stands there twice", excerpt(name)));
            }
        }
        Ok(Self { at, count: header.len() })
    }

    fn exclusion(&self, record: &StringRecord, line: u64) -> Result<Exclusion, String> {
        if record.len() > self.count {
            return Err(format!(
                "{} cells, but the header has {}; put quotes around a cell with commas",
                record.len(),
                self.count
            ));
        }
        let [device, address, process, reason, until] =
            self.at.map(|cell| cell.and_then(|cell| record.get(cell)).filter(|text| !text.is_empty()));
        if device.is_none() && address.is_none() && process.is_none() {
            return Err("no DeviceName, RemoteIP or process, so it would hide every finding".into());
        }
        let prefix = address.map(|text| {
            Prefix::parse(text).map_err(|_| format!("RemoteIP {:?} is neither an address nor a prefix", excerpt(text)))
        });
        let until = until.map(|text| {
            Micros::parse(text)
                .ok_or_else(|| format!("until {:?} is neither a date (2026-07-01) nor RFC 3339", excerpt(text)))
        });
        Ok(Exclusion {
            line,
            device: device.map(str::to_string),
            prefix: prefix.transpose()?,
            process: process.map(str::to_string),
            reason: reason.unwrap_or_default().to_string(),
            until: until.transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Exclusion>, String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("x.csv"), text).unwrap();
        load("x.csv", dir.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn any_cell_and_column_may_be_missing() {
        let lines = read("\u{feff}reason,remoteip,DEVICENAME,Process,Until\r\nresearch, 192.0.2.0/24 ,,,2026-07-01\r\n,,\"wks-1\",tor.exe\r\n").unwrap();
        let want = Exclusion {
            line: 2,
            device: None,
            prefix: Prefix::parse("192.0.2.0/24").ok(),
            process: None,
            reason: "research".into(),
            until: Micros::parse("2026-07-01T00:00:00Z"),
        };
        assert_eq!(lines[0], want);
        assert_eq!(
            (lines[1].line, lines[1].device.as_deref(), lines[1].process.as_deref()),
            (3, Some("wks-1"), Some("tor.exe"))
        );
        assert_eq!((lines[1].prefix, lines[1].until, lines[1].reason.as_str()), (None, None, ""));
        assert_eq!(read("RemoteIP\n10.0.0.0/8\n").unwrap().len(), 1);
        assert_eq!(read("RemoteIP\n").unwrap(), []);
    }

    #[test]
    fn what_would_hide_too_much_is_an_error_with_its_line() {
        for (text, want) in [
            (
                "DeviceName,reason\nwks-1,x\n,all\n",
                "x.csv: line 3: no DeviceName, RemoteIP or process, so it would hide every finding",
            ),
            ("RemoteIP\n192.0.2.0/40\n", "x.csv: line 2: RemoteIP \"192.0.2.0/40\" is neither an address nor a prefix"),
            (
                "DeviceName,until\nwks-1,tomorrow\n",
                "x.csv: line 2: until \"tomorrow\" is neither a date (2026-07-01) nor RFC 3339",
            ),
            (
                "DeviceName,Host\n",
                "x.csv: unknown column \"Host\"; the columns are DeviceName, RemoteIP, process, reason, until",
            ),
            ("DeviceName,devicename\n", "x.csv: the column devicename stands there twice"),
            (
                "DeviceName\nwks-1,wks-2\n",
                "x.csv: line 2: 2 cells, but the header has 1; put quotes around a cell with commas",
            ),
            ("", "x.csv: an empty file (0 bytes); fetch it again"),
        ] {
            assert_eq!(read(text), Err(want.to_string()));
        }
    }
}
