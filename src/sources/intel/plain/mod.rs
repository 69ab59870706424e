//! A plain table of indicators with the hunt's own columns, as Parquet, CSV or JSON lines.
//!
//! Only `Indicator` must be there; every other column is taken where a file has it, under any of its usual names and in
//! any case. The value decides what a row is; `IndicatorType` only helps where the value tells nothing.

pub(super) mod csv;
pub(super) mod json;
pub(super) mod parquet;

#[cfg(test)]
mod tests;

use super::Context;
use super::content::{Content, Date, Details, Value};

/// What a column can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Field {
    Indicator,
    IndicatorType,
    Confidence,
    ThreatType,
    Tlp,
    Tags,
    ValidFrom,
    ValidUntil,
    Name,
    Source,
    Id,
}

const FIELDS: usize = 11;

/// The names of columns; where several of one field have a value, the one that stands first here counts.
const NAMES: [(&str, Field); 19] = [
    ("Indicator", Field::Indicator),
    ("IndicatorType", Field::IndicatorType),
    ("ConfidenceScore", Field::Confidence),
    ("Confidence", Field::Confidence),
    ("ThreatType", Field::ThreatType),
    ("TlpLevel", Field::Tlp),
    ("TLP", Field::Tlp),
    ("TrafficLightProtocolLevel", Field::Tlp),
    ("Tags", Field::Tags),
    ("ValidFrom", Field::ValidFrom),
    // Microsoft's published lists: when it was seen says more about validity than when it was added.
    ("FirstSeen", Field::ValidFrom),
    ("DateAdded", Field::ValidFrom),
    ("ValidUntil", Field::ValidUntil),
    ("ExpirationDateTime", Field::ValidUntil),
    ("Name", Field::Name),
    ("Description", Field::Name),
    ("Source", Field::Source),
    ("Id", Field::Id),
    ("IndicatorId", Field::Id),
];

/// The rank of a column's name, if it is a known one.
fn known(name: &str) -> Option<usize> {
    NAMES.iter().position(|(known, _)| known.eq_ignore_ascii_case(name.trim()))
}

/// Whether these are the columns of a plain table.
fn has_indicator<'a>(names: impl IntoIterator<Item = &'a str>) -> bool {
    names.into_iter().any(|name| known(name) == Some(0))
}

/// One row's cells, the best-named of each field.
#[derive(Default)]
struct Record {
    cells: [Option<(usize, String)>; FIELDS],
}

impl Record {
    /// Puts a cell where its column belongs; blank cells and unknown columns are passed over.
    fn put(&mut self, column: Option<usize>, text: &str) {
        let Some((rank, field)) = column.and_then(|rank| NAMES.get(rank).map(|(_, field)| (rank, *field))) else {
            return;
        };
        let text = text.trim();
        if let Some(slot) = self.cells.get_mut(field as usize).filter(|_| !text.is_empty())
            && slot.as_ref().is_none_or(|(held, _)| rank < *held)
        {
            *slot = Some((rank, text.to_string()));
        }
    }

    fn take(&mut self, field: Field) -> Option<String> {
        self.cells.get_mut(field as usize).and_then(Option::take).map(|(_, text)| text)
    }

    /// The row's indicator, or why there is none.
    fn content(mut self, context: &Context<'_>, place: impl Fn() -> String) -> Content {
        let value = self.take(Field::Indicator).unwrap_or_default();
        let called = self.take(Field::IndicatorType).unwrap_or_default();
        let details = Details {
            confidence: self.take(Field::Confidence),
            threat_type: self.take(Field::ThreatType),
            tlp: self.take(Field::Tlp),
            tags: self.take(Field::Tags).filter(|tags| tags != "[]"),
            name: self.take(Field::Name),
            source: self.take(Field::Source).or_else(|| Some(context.file.display.clone())),
            id: self.take(Field::Id),
            valid_from: Date::parse(self.take(Field::ValidFrom).as_deref()),
            valid_until: Date::parse(self.take(Field::ValidUntil).as_deref()),
            to_ids: None,
        };
        Content::of(&[Value::new(&value, &called)], details, context.private, place)
    }
}
