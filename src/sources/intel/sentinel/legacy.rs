//! `ThreatIntelligenceIndicator`, the table until July 2025: one row per indicator, an observable in each of many columns.

use super::super::columns::{Dates, Flag, ParquetFile, Rows, Texts};
use super::super::content::{Content, Details};
use super::super::tally::{DOMAIN, EMAIL, FILE_HASH, OTHER_KIND, URL};
use super::super::{Context, FileYield, Holds, ParquetFormat};
use super::described;
use super::log::{Log, Row, Standing};
use crate::sources::SourceError;

/// The format.
pub(in crate::sources::intel) const FORMAT: ParquetFormat =
    ParquetFormat { name: "Sentinel ThreatIntelligenceIndicator", recognises, read };

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

/// What a row without an address is about, by the first column that says something.
const OTHERS: [(&str, &str); 7] = [
    ("DomainName", DOMAIN),
    ("Url", URL),
    ("FileHashValue", FILE_HASH),
    ("EmailSenderAddress", EMAIL),
    ("EmailSourceDomain", EMAIL),
    ("EmailRecipient", EMAIL),
    ("EmailSubject", EMAIL),
];

const DETAILS: [&str; 11] = [
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
];

fn recognises(file: &ParquetFile) -> bool {
    file.has("IndicatorId") && ADDRESSES.iter().any(|column| file.has(column))
}

fn read(file: ParquetFile, context: &Context<'_>) -> Result<FileYield, SourceError> {
    let columns = [&ADDRESSES[..], &OTHERS.map(|(column, _)| column), &DETAILS].concat();
    let mut log = Log::default();
    let mut records = 0;
    for rows in file.batches(&columns)? {
        let rows = rows?;
        let batch = Batch::of(&rows)?;
        for row in 0..rows.len() {
            records += 1;
            batch.take(row, records, context, &mut log);
        }
    }
    Ok(FileYield::new(records, Holds::Legacy(log)))
}

struct Batch {
    addresses: Vec<Texts>,
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
}

impl Batch {
    fn of(rows: &Rows) -> Result<Self, SourceError> {
        let other = |(column, kind): (&str, &'static str)| rows.texts(column).map(|texts| (texts, kind));
        Ok(Self {
            addresses: ADDRESSES.iter().map(|column| rows.texts(column)).collect::<Result<_, _>>()?,
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
        let values: Vec<(&str, &str)> =
            self.addresses.iter().filter_map(|texts| texts.get(row)).map(|text| (text, "ip")).collect();
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
        }
    }
}
