//! The merged file read back: rows go straight into the table, without a copy of their text in between.
//!
//! One thread decodes and another fills the table. Rows are judged by whichever has less to do: by the one that decodes
//! where batches wait already, else by the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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
    let private = context.private;
    let waiting = Arc::new(AtomicUsize::new(0));
    let added = Arc::clone(&waiting);
    let make = move |rows: Rows| {
        let mut batch = Batch::of(&rows)?;
        if added.fetch_add(1, Ordering::Relaxed) > 0 {
            batch.judge_all(private);
        }
        Ok(batch)
    };
    for batch in file.batches_as(&COLUMNS, make)? {
        waiting.fetch_sub(1, Ordering::Relaxed);
        let mut batch = batch?;
        batch.judge_all(private);
        for (row, judged) in batch.judged.iter().enumerate() {
            sink.record();
            match judged {
                Ok(judged) => sink.push(batch.indicator(row, judged)),
                Err(reason) => {
                    let number = sink.tally.records;
                    sink.reject(reason, || format!("{}: {reason}", context.place("row", number)));
                }
            }
        }
    }
    Ok(())
}

/// Some rows: their columns, and what each row comes to or why it is not used.
struct Batch {
    rows: usize,
    /// None yet, or all.
    judged: Vec<Result<Judged, &'static str>>,
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

/// What the checks of a row leave.
struct Judged {
    kind: Kind,
    prefix: Option<Prefix>,
    also: Option<Prefix>,
}

impl Batch {
    fn of(rows: &Rows) -> Result<Self, SourceError> {
        Ok(Self {
            rows: rows.len(),
            judged: Vec::new(),
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

    fn judge_all(&mut self, private: PrivateRanges) {
        if self.judged.is_empty() {
            self.judged = (0..self.rows).map(|row| self.judge(row, private)).collect();
        }
    }

    /// Looks at everything again: a row that was written by something else must not match more than a feed's own could.
    fn judge(&self, row: usize, private: PrivateRanges) -> Result<Judged, &'static str> {
        let kind = self.kind.get(row).and_then(|word| Kind::ALL.into_iter().find(|kind| kind.as_str() == word));
        let kind = kind.ok_or(UNREADABLE_RECORD)?;
        self.value.get(row).ok_or(UNREADABLE_RECORD)?;
        let prefix = match kind {
            Kind::Address | Kind::Prefix => Some(listed(self.prefix.get(row).unwrap_or_default(), private)?),
            Kind::Domain => {
                self.target.get(row).filter(|name| host::is_domain(name)).ok_or(NO_DOMAIN)?;
                None
            }
            Kind::Url => {
                self.target.get(row).filter(|key| key.contains('/')).ok_or(NO_URL)?;
                None
            }
        };
        let kind = match prefix {
            Some(prefix) if prefix.is_host() => Kind::Address,
            Some(_) => Kind::Prefix,
            None => kind,
        };
        // One that cannot be read must not turn a demand for both into one for the first alone.
        let also = self.also.get(row).map(|text| listed(text, private)).transpose()?;
        Ok(Judged { kind, prefix, also })
    }

    fn indicator(&self, row: usize, judged: &Judged) -> IndicatorRef<'_> {
        let [threat_type, tlp, tags, name, source, id] = &self.details;
        let [valid_from, valid_until] = &self.valid;
        let flag = |word| self.to_ids.says(row, word);
        IndicatorRef {
            value: self.value.get(row).unwrap_or_default(),
            kind: judged.kind,
            prefix: judged.prefix,
            target_name: if judged.prefix.is_some() { None } else { self.target.get(row) },
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
            also: judged.also,
        }
    }
}

fn listed(text: &str, private: PrivateRanges) -> Result<Prefix, &'static str> {
    Prefix::parse_listed(text, private).map_err(Refusal::reason)
}
