//! What a conversion remembers between runs: which inputs it has read, how far, and which files it has written.
//!
//! The state is the commit: files that it does not name do not count and are removed by the next run, so a run that was
//! killed leaves nothing behind that a later one would count twice.

use std::collections::BTreeMap;

use arrow::datatypes::{DataType, Field, Schema};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::sources::telemetry::records::Place;
use crate::sources::telemetry::{Found, ObjectError};

/// The version of this form.
pub(super) const STATE_VERSION: u32 = 1;

/// Bytes before the end of what was read that tell whether a file only grew.
const CHECK_BYTES: u64 = 64 << 10;

/// The state of one output.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// [`STATE_VERSION`].
    pub(super) state_version: u32,
    /// Program and version that wrote it last.
    pub(super) tool: String,
    /// Columns beyond Defender's that the files have, with their types.
    pub(super) columns: BTreeMap<String, String>,
    /// What was read, by the object's name.
    pub(super) inputs: BTreeMap<String, Input>,
    /// Files by date, in order.
    pub(super) days: BTreeMap<String, Vec<Output>>,
    /// Files of rejected records.
    pub(super) rejects: Vec<String>,
    /// Sums over all runs.
    pub(super) totals: Totals,
}

/// One input that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Input {
    /// Its bytes then.
    pub(super) size: u64,
    /// Its ETag, or its time of change in microseconds.
    pub(super) version: String,
    /// How far it was read, where it may grow.
    pub(super) offset: Option<u64>,
    /// The line behind that.
    pub(super) line: Option<u64>,
    /// SHA-256 of the last bytes that were read.
    pub(super) check: Option<String>,
}

/// One file that was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Output {
    /// Below the output.
    pub(super) path: String,
    /// Events in it.
    pub(super) rows: u64,
    /// Its bytes.
    pub(super) bytes: u64,
}

/// Records in, and what became of them: `records = events + copies + rejects`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Totals {
    /// Records of this table, rejected ones included.
    pub(super) records: u64,
    /// Events written.
    pub(super) events: u64,
    /// Copies left out.
    pub(super) copies: u64,
    /// Records rejected.
    pub(super) rejects: u64,
    /// Rows of other tables, which are no records of this one.
    pub(super) other_tables: u64,
}

impl Totals {
    pub(super) fn add(&mut self, other: Self) {
        self.records += other.records;
        self.events += other.events;
        self.copies += other.copies;
        self.rejects += other.rejects;
        self.other_tables += other.other_tables;
    }
}

/// What is to be done with an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// Nothing: it was read.
    Done,
    /// All of it.
    Whole,
    /// What lies behind a place.
    From(Place),
    /// It was read and is now something else, whose old events cannot be told from the new ones.
    Changed,
}

impl State {
    /// The columns beyond Defender's.
    pub(super) fn schema(&self) -> Schema {
        let field = |(name, text): (&String, &String)| Some(Field::new(name, text.parse::<DataType>().ok()?, true));
        Schema::new(self.columns.iter().filter_map(field).collect::<Vec<_>>())
    }

    /// Compares a listed file with what was read of it.
    pub(super) async fn work(&self, found: &Found) -> Result<Work, ObjectError> {
        let Some(input) = self.inputs.get(&found.object.identity()) else { return Ok(Work::Whole) };
        if input.size == found.object.size && input.version == version(found) {
            return Ok(Work::Done);
        }
        let read_to = input.offset.unwrap_or(input.size);
        let same_start = match &input.check {
            Some(check) if read_to <= found.object.size => check_of(found, read_to).await? == *check,
            _ => false,
        };
        Ok(match (same_start, input.offset.zip(input.line)) {
            (true, _) if found.object.size == input.size => Work::Done,
            (true, Some((offset, line))) => Work::From(Place { offset, line }),
            _ => Work::Changed,
        })
    }
}

/// The version of a listed file.
pub(super) fn version(found: &Found) -> String {
    found.object.etag.clone().unwrap_or_else(|| format!("modified {}", found.modified.0))
}

/// The hash of the bytes before a place.
pub(super) async fn check_of(found: &Found, to: u64) -> Result<String, ObjectError> {
    let bytes = found.object.range(to.saturating_sub(CHECK_BYTES)..to).await?;
    Ok(Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_keep_their_types() {
        let types = [
            DataType::Utf8,
            DataType::Int64,
            DataType::Float64,
            DataType::Boolean,
            crate::sources::telemetry::time_type(),
        ];
        let columns = types.iter().enumerate().map(|(at, t)| (format!("c{at}"), t.to_string())).collect();
        let state = State { columns, ..State::default() };
        let read: Vec<DataType> = state.schema().fields().iter().map(|field| field.data_type().clone()).collect();
        assert_eq!(read, types);
    }
}
