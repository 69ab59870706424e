//! `ThreatIntelIndicators`, the table since April 2025: one row per observable of an indicator.

use super::super::columns::{Dates, Flag, ParquetFile, Rows, Texts};
use super::super::content::{Content, Details, Value};
use super::super::stix::patterned;
use super::super::tally::OTHER_KIND;
use super::super::{Context, ParquetFormat, Sink};
use super::described;
use super::log::{Key, Log, Row, Standing};
use super::stix::Dynamic;
use crate::model::Micros;
use crate::sources::SourceError;

/// The format.
pub(in crate::sources::intel) const FORMAT: ParquetFormat =
    ParquetFormat { name: NAME, recognises: |file| has_columns(|name| file.has(name)), read };

/// As coverage names it.
pub(super) const NAME: &str = "Sentinel ThreatIntelIndicators";

const COLUMNS: [&str; 19] = [
    "Id",
    "ObservableKey",
    "ObservableValue",
    "TimeGenerated",
    "Modified",
    "Created",
    "IsDeleted",
    "Revoked",
    "IsActive",
    "Description",
    "Data",
    "AdditionalFields",
    "Confidence",
    "Tags",
    "Source",
    "SourceSystem",
    "ValidFrom",
    "ValidUntil",
    "Pattern",
];

/// Whether these are the table's columns.
pub(super) fn has_columns(has: impl Fn(&str) -> bool) -> bool {
    has("Id") && has("ObservableKey") && has("ObservableValue")
}

fn read(file: ParquetFile, context: &Context<'_>, sink: &mut Sink<'_>) -> Result<(), SourceError> {
    file.batches(&COLUMNS)?.try_for_each(|rows| take(&rows?, context, sink))
}

/// Takes rows of the table, whatever file they stand in.
pub(super) fn take(rows: &Rows, context: &Context<'_>, sink: &mut Sink<'_>) -> Result<(), SourceError> {
    let batch = Batch::of(rows)?;
    for row in 0..rows.len() {
        sink.record();
        batch.take(row, sink.tally.records, context, &mut sink.current);
    }
    Ok(())
}

struct Batch {
    id: Texts,
    key: Texts,
    value: Texts,
    written: [Dates; 3],
    deleted: Texts,
    revoked: Texts,
    active: Texts,
    description: Texts,
    data: Dynamic,
    additional: Dynamic,
    confidence: Texts,
    tags: Texts,
    publisher: [Texts; 2],
    valid: [Dates; 2],
    pattern: Texts,
}

impl Batch {
    fn of(rows: &Rows) -> Result<Self, SourceError> {
        Ok(Self {
            id: rows.texts("Id")?,
            key: rows.texts("ObservableKey")?,
            value: rows.texts("ObservableValue")?,
            written: [rows.dates("TimeGenerated")?, rows.dates("Modified")?, rows.dates("Created")?],
            deleted: rows.texts("IsDeleted")?,
            revoked: rows.texts("Revoked")?,
            active: rows.texts("IsActive")?,
            description: rows.texts("Description")?,
            data: Dynamic::of(rows, "Data")?,
            additional: Dynamic::of(rows, "AdditionalFields")?,
            confidence: rows.texts("Confidence")?,
            tags: rows.texts("Tags")?,
            publisher: [rows.texts("Source")?, rows.texts("SourceSystem")?],
            valid: [rows.dates("ValidFrom")?, rows.dates("ValidUntil")?],
            pattern: rows.texts("Pattern")?,
        })
    }

    fn take(&self, row: usize, number: u64, context: &Context<'_>, log: &mut Log) {
        let (key, value) = (self.key.get(row).unwrap_or_default(), self.value.get(row).unwrap_or_default());
        let observable = context.observable(self.id.get(row), number, &[key, value]);
        let time = newest_of(&self.written, row);
        if log.is_superseded(observable, time, context.source) {
            return;
        }
        let id = context.key(self.id.get(row), number);
        let data = self.data.get(row);
        let standing =
            self.standing(row).max(described(self.description.get(row))).max(described(data.description.as_deref()));
        let [source, system] = &self.publisher;
        let [valid_from, valid_until] = &self.valid;
        let details = Details {
            confidence: self.confidence.owned(row),
            threat_type: data.indicator_type,
            tlp: self.additional.get(row).tlp,
            tags: self.tags.owned(row).filter(|tags| tags != "[]"),
            name: data.name,
            source: source.owned(row).or_else(|| system.owned(row)).or_else(|| Some(context.file.display.clone())),
            id: self.id.owned(row),
            valid_from: valid_from.get(row),
            valid_until: valid_until.get(row),
            to_ids: None,
        };
        let place = || context.place("row", number);
        let content = match self.pattern.get(row).filter(|_| value.is_empty()) {
            // The platform does not split every pattern.
            Some(pattern) => patterned::content(pattern, None, details, context.private, place),
            None if value.is_empty() => Content::other(OTHER_KIND),
            None => Content::of(&[Value::new(value, key)], details, context.private, place),
        };
        log.insert(Row { id, observable, time, standing, content, source: context.source });
    }

    fn standing(&self, row: usize) -> Standing {
        if self.deleted.says(row, Flag::Yes) {
            Standing::Deleted
        } else if self.revoked.says(row, Flag::Yes) || self.active.says(row, Flag::No) {
            Standing::Retired
        } else {
            Standing::Active
        }
    }
}

/// When the row was written, by the first of these columns that says so.
fn newest_of(columns: &[Dates], row: usize) -> Option<Micros> {
    columns.iter().find_map(|dates| dates.get(row).micros())
}

impl Context<'_> {
    /// The indicator's key; a row without an id is an indicator of its own.
    pub(super) fn key(&self, id: Option<&str>, number: u64) -> Key {
        self.observable(id, number, &[])
    }

    pub(super) fn observable(&self, id: Option<&str>, number: u64, parts: &[&str]) -> Key {
        match id {
            Some(id) => Key::of(&[&[id], parts].concat()),
            None => Key::of(&["", &self.file.display, &number.to_string()]),
        }
    }
}
