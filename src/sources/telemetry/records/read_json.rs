//! JSON records of a block.

use std::ops::Range;

use memchr::{memchr, memmem};
use serde_json::value::RawValue;

use super::read::Reading;
use super::row::Row;
use super::walk::{Found, elements, walk};
use super::{Block, Reject, count};

/// Packagings within packagings that are opened: a shipper's record, a wrapper, an array, an envelope.
const LEVELS: u8 = 4;

/// Reads every line that is not blank.
pub(super) fn lines(block: &Block, reading: &mut Reading<'_>) {
    let whole = std::str::from_utf8(&block.bytes).ok();
    let (mut start, mut line) = (0, block.first_line);
    while start < block.bytes.len() {
        let rest = block.bytes.get(start..).unwrap_or_default();
        let end = start + memchr(b'\n', rest).unwrap_or(rest.len());
        record(block, start..end, whole, line, reading);
        (start, line) = (end + 1, line + 1);
    }
}

/// Reads the records of a document.
pub(super) fn values(block: &Block, values: &[(Range<usize>, u64)], reading: &mut Reading<'_>) {
    let whole = std::str::from_utf8(&block.bytes).ok();
    for (range, line) in values {
        record(block, range.clone(), whole, block.first_line + line, reading);
    }
}

fn record(block: &Block, range: Range<usize>, whole: Option<&str>, line: u64, reading: &mut Reading<'_>) {
    let bytes = block.bytes.get(range.clone()).unwrap_or_default();
    let checked = whole.and_then(|text| text.get(range)).map_or_else(|| std::str::from_utf8(bytes), Ok);
    match checked {
        Ok(text) if text.trim_ascii().is_empty() => {}
        Ok(text) => value(text.trim_ascii(), line, LEVELS, reading),
        Err(error) => {
            let reason = format!("not UTF-8 text at byte {}", count(error.valid_up_to()) + 1);
            reading.tally.reject(Reject::new(line, reason, bytes));
        }
    }
}

/// Reads a value; what cannot be read of it is one reject.
fn value(text: &str, line: u64, levels: u8, reading: &mut Reading<'_>) {
    if let Err(reason) = open(text, line, levels, reading) {
        reading.tally.reject(Reject::new(line, reason, text.as_bytes()));
    }
}

fn open(text: &str, line: u64, levels: u8, reading: &mut Reading<'_>) -> Result<(), String> {
    let Some(levels) = levels.checked_sub(1) else { return Err("records within records within records".to_owned()) };
    unpaired_surrogate(text)?;
    match text.as_bytes().first() {
        Some(b'{') => {}
        Some(b'[') => {
            each(&elements(text)?, line, levels, reading);
            return Ok(());
        }
        _ => return Err("not a JSON object".to_owned()),
    }
    let mut row = Row::new(&mut reading.keys);
    match walk(text, &mut row)? {
        Found::Event => {
            reading.columns.push_json(&row.slots)?;
            row.count_unknown();
            reading.tally.row(line);
        }
        Found::OtherTable(name) => reading.tally.other_table(&name),
        Found::Records(records) => each(&records, line, levels, reading),
        Found::Payload(key, payload) => {
            return open(payload.trim(), line, levels, reading).map_err(|reason| format!("in its {key}: {reason}"));
        }
        Found::Nothing => {
            return Err("no event: neither RemoteIP, ActionType, DeviceId nor another column of the table".to_owned());
        }
    }
    Ok(())
}

fn each(elements: &[&RawValue], line: u64, levels: u8, reading: &mut Reading<'_>) {
    for element in elements {
        value(element.get(), line, levels, reading);
    }
}

/// Looks for `\ud800` to `\udfff` that is not half of a pair: no character, although the JSON reader lets it pass where
/// nobody asks for the text.
fn unpaired_surrogate(text: &str) -> Result<(), String> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = memmem::find(bytes.get(at..).unwrap_or_default(), b"\\u") {
        let start = at + found;
        at = start + 2;
        let before = bytes.get(..start).unwrap_or_default();
        if before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1 {
            continue;
        }
        match unit(bytes, start) {
            Some(0xd800..=0xdbff) if matches!(unit(bytes, start + 6), Some(0xdc00..=0xdfff)) => at = start + 12,
            Some(0xd800..=0xdfff) => return Err(format!("half of a surrogate pair at byte {}", start + 1)),
            _ => {}
        }
    }
    Ok(())
}

/// The code unit of the escape that begins here.
fn unit(bytes: &[u8], start: usize) -> Option<u32> {
    let digits = bytes.get(start..start + 6)?.strip_prefix(b"\\u")?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
