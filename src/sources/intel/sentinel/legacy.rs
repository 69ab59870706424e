//! `ThreatIntelligenceIndicator`, the table until July 2025: one row per indicator, an observable in each of many columns.

use super::super::columns::{Dates, Flag, ParquetFile, Rows, Texts};
use super::super::content::{Content, Details, Value};
use super::super::tally::{EMAIL, FILE_HASH, OTHER_KIND};
use super::super::{Context, ParquetFormat, Sink};
use super::described;
use super::log::{Log, Row, Standing};
use crate::sources::SourceError;

/// The format.
pub(in crate::sources::intel) const FORMAT: ParquetFormat =
    ParquetFormat { name: NAME, recognises: |file| has_columns(|name| file.has(name)), read };

/// As coverage names it.
pub(super) const NAME: &str = "Sentinel ThreatIntelligenceIndicator";

/// Every column that can hold an address or prefix.
const ADDRESSES: [&str; 7] = [
    "NetworkIP",
    "NetworkDestinationIP",
    "NetworkSourceIP",
    "EmailSourceIpAddress",
    "NetworkCidrBlock",
    "NetworkDestinationCidrBlock",
    "NetworkSourceCidrBlock",
];

/// Every column that can hold a name, with the word that says what it is.
const NAMES: [(&str, &str); 2] = [("DomainName", "domain"), ("Url", "url")];

/// What a row without any of these is about, by the first column that says something.
const OTHERS: [(&str, &str); 5] = [
    ("FileHashValue", FILE_HASH),
    ("EmailSenderAddress", EMAIL),
    ("EmailSourceDomain", EMAIL),
    ("EmailRecipient", EMAIL),
    ("EmailSubject", EMAIL),
];

const DETAILS: [&str; 13] = [
    "IndicatorId",
    "TimeGenerated",
    "Active",
    "Description",
    "ConfidenceScore",
    "ThreatType",
    "TrafficLightProtocolLevel",
    "Tags",
    "IndicatorProvider",
    "SourceSystem",
    "ExpirationDateTime",
    "NetworkDestinationPort",
    "NetworkPort",
];

/// Whether these are the table's columns.
pub(super) fn has_columns(has: impl Fn(&str) -> bool) -> bool {
    has("IndicatorId") && ADDRESSES.iter().chain(&NAMES.map(|(column, _)| column)).any(|column| has(column))
}

fn read(file: ParquetFile, context: &Context<'_>, sink: &mut Sink<'_>) -> Result<(), SourceError> {
    let columns =
        [&ADDRESSES[..], &NAMES.map(|(column, _)| column), &OTHERS.map(|(column, _)| column), &DETAILS].concat();
    file.batches(&columns)?.try_for_each(|rows| take(&rows?, context, sink))
}

/// Takes rows of the table, whatever file they stand in.
pub(super) fn take(rows: &Rows, context: &Context<'_>, sink: &mut Sink<'_>) -> Result<(), SourceError> {
    let batch = Batch::of(rows)?;
    for row in 0..rows.len() {
        sink.record();
        batch.take(row, sink.tally.records, context, &mut sink.legacy);
    }
    Ok(())
}

struct Batch {
    addresses: Vec<Texts>,
    names: Vec<(Texts, &'static str)>,
    others: Vec<(Texts, &'static str)>,
    id: Texts,
    written: Dates,
    active: Texts,
    description: Texts,
    confidence: Texts,
    threat_type: Texts,
    tlp: Texts,
    tags: Texts,
    publisher: [Texts; 2],
    expires: Dates,
    port: [Texts; 2],
}

impl Batch {
    fn of(rows: &Rows) -> Result<Self, SourceError> {
        let other = |(column, word): (&str, &'static str)| rows.texts(column).map(|texts| (texts, word));
        Ok(Self {
            addresses: ADDRESSES.iter().map(|column| rows.texts(column)).collect::<Result<_, _>>()?,
            names: NAMES.into_iter().map(other).collect::<Result<_, _>>()?,
            others: OTHERS.into_iter().map(other).collect::<Result<_, _>>()?,
            id: rows.texts("IndicatorId")?,
            written: rows.dates("TimeGenerated")?,
            active: rows.texts("Active")?,
            description: rows.texts("Description")?,
            confidence: rows.texts("ConfidenceScore")?,
            threat_type: rows.texts("ThreatType")?,
            tlp: rows.texts("TrafficLightProtocolLevel")?,
            tags: rows.texts("Tags")?,
            publisher: [rows.texts("IndicatorProvider")?, rows.texts("SourceSystem")?],
            expires: rows.dates("ExpirationDateTime")?,
            port: [rows.texts("NetworkDestinationPort")?, rows.texts("NetworkPort")?],
        })
    }

    fn take(&self, row: usize, number: u64, context: &Context<'_>, log: &mut Log) {
        let id = context.key(self.id.get(row), number);
        let time = self.written.get(row).micros();
        if log.is_superseded(id, time, context.source) {
            return;
        }
        let active = if self.active.says(row, Flag::No) { Standing::Retired } else { Standing::Active };
        let standing = active.max(described(self.description.get(row)));
        let addresses = self.addresses.iter().map(|texts| (texts, "ip"));
        let names = self.names.iter().map(|(texts, word)| (texts, *word));
        let port = self.port.iter().find_map(|texts| texts.get(row)?.trim().parse().ok());
        let values: Vec<Value<'_>> = addresses
            .chain(names)
            .filter_map(|(texts, called)| Some(Value { text: texts.get(row)?, called, port, also: None }))
            .collect();
        let content = if values.is_empty() {
            let kind =
                self.others.iter().find(|(texts, _)| texts.get(row).is_some()).map_or(OTHER_KIND, |(_, kind)| kind);
            Content::other(kind)
        } else {
            Content::of(&values, self.details(row, context), context.private, || context.place("row", number))
        };
        log.insert(Row { id, observable: id, time, standing, content, source: context.source });
    }

    fn details(&self, row: usize, context: &Context<'_>) -> Details {
        let [provider, system] = &self.publisher;
        Details {
            confidence: self.confidence.owned(row),
            threat_type: self.threat_type.owned(row),
            tlp: self.tlp.owned(row),
            tags: self.tags.owned(row).filter(|tags| tags != "[]"),
            name: self.description.owned(row),
            source: provider.owned(row).or_else(|| system.owned(row)).or_else(|| Some(context.file.display.clone())),
            id: self.id.owned(row),
            valid_from: Default::default(),
            valid_until: self.expires.get(row),
            to_ids: None,
        }
    }
}
