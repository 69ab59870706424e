//! The merged file read back: rows go straight into the table, without a copy of their text in between.

use super::super::columns::{Dates, Flag, Numbers, ParquetFile, Rows, Texts};
use super::super::tally::{NO_DOMAIN, NO_URL, UNREADABLE_RECORD};
use super::super::{Context, ParquetFormat, Sink};
use super::{COLUMNS, KEY};
use crate::model::Prefix;
use crate::model::host;
use crate::model::indicator::{IndicatorRef, Kind, State};
use crate::model::prefix::{PrivateRanges, Refusal};
use crate::sources::SourceError;

/// The format.
pub(in crate::sources::intel) const FORMAT: ParquetFormat =
    ParquetFormat { name: "merged indicators", recognises: |file| file.has_key(KEY), read };

fn read(file: ParquetFile, context: &Context<'_>, sink: &mut Sink<'_>) -> Result<(), SourceError> {
    for rows in file.batches(&COLUMNS)? {
        let rows = rows?;
        let batch = Batch::of(&rows)?;
        for row in 0..rows.len() {
            sink.record();
            match batch.indicator(row, context.private) {
                Ok(indicator) => sink.push(indicator),
                Err(reason) => {
                    let number = sink.tally.records;
                    sink.reject(reason, || format!("{}: {reason}", context.place("row", number)));
                }
            }
        }
    }
    Ok(())
}

/// The columns of some rows.
struct Batch {
    value: Texts,
    kind: Texts,
    prefix: Texts,
    confidence: Numbers,
    /// ThreatType, TLP, Tags, Name, Source, Id.
    details: [Texts; 6],
    valid: [Dates; 2],
    state: Texts,
    port: Texts,
    to_ids: Texts,
    also: Texts,
    target: Texts,
}

impl Batch {
    fn of(rows: &Rows) -> Result<Self, SourceError> {
        Ok(Self {
            value: rows.texts("TI_Indicator")?,
            kind: rows.texts("Kind")?,
            prefix: rows.texts("Prefix")?,
            confidence: rows.numbers("TI_Confidence")?,
            details: [
                rows.texts("ThreatType")?,
                rows.texts("TLP")?,
                rows.texts("Tags")?,
                rows.texts("Name")?,
                rows.texts("Source")?,
                rows.texts("Id")?,
            ],
            valid: [rows.dates("ValidFrom")?, rows.dates("ValidUntil")?],
            state: rows.texts("State")?,
            port: rows.texts("Port")?,
            to_ids: rows.texts("ToIds")?,
            also: rows.texts("Also")?,
            target: rows.texts("Target")?,
        })
    }

    /// The row's indicator, or why there is none. Everything is looked at again: a row that was written by something else
    /// must not match more than a feed's own could.
    fn indicator(&self, row: usize, private: PrivateRanges) -> Result<IndicatorRef<'_>, &'static str> {
        let kind = self.kind.get(row).and_then(|word| Kind::ALL.into_iter().find(|kind| kind.as_str() == word));
        let kind = kind.ok_or(UNREADABLE_RECORD)?;
        let (prefix, target_name) = match kind {
            Kind::Address | Kind::Prefix => (Some(listed(self.prefix.get(row).unwrap_or_default(), private)?), None),
            Kind::Domain => {
                let name = self.target.get(row).ok_or(NO_DOMAIN)?;
                (None, Some(host::domain(name).filter(|known| known == name).map(|_| name).ok_or(NO_DOMAIN)?))
            }
            Kind::Url => (None, Some(self.target.get(row).filter(|key| key.contains('/')).ok_or(NO_URL)?)),
        };
        let [threat_type, tlp, tags, name, source, id] = &self.details;
        let [valid_from, valid_until] = &self.valid;
        let flag = |word| self.to_ids.says(row, word);
        Ok(IndicatorRef {
            value: self.value.get(row).ok_or(UNREADABLE_RECORD)?,
            kind: match prefix {
                Some(prefix) if prefix.is_host() => Kind::Address,
                Some(_) => Kind::Prefix,
                None => kind,
            },
            prefix,
            target_name,
            confidence: self.confidence.get(row).filter(|number| (0.0..=100.0).contains(number)),
            threat_type: threat_type.get(row),
            tlp: tlp.get(row),
            tags: tags.get(row),
            name: name.get(row),
            source: source.get(row),
            id: id.get(row),
            valid_from: valid_from.get(row).micros(),
            valid_until: valid_until.get(row).micros(),
            state: match self.state.get(row) {
                Some("active") => State::Active,
                // What is not said to be in use must not match for ever.
                _ => State::Retired,
            },
            port: self.port.get(row).and_then(|port| port.parse().ok()),
            to_ids: if flag(Flag::Yes) { Some(true) } else { flag(Flag::No).then_some(false) },
            // One that cannot be read must not turn a demand for both into one for the first alone.
            also: self.also.get(row).map(|text| listed(text, private)).transpose()?,
        })
    }
}

fn listed(text: &str, private: PrivateRanges) -> Result<Prefix, &'static str> {
    Prefix::parse_listed(text, private).map_err(Refusal::reason)
}
