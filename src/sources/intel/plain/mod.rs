//! A plain table of indicators, as Parquet, CSV or JSON.
//!
//! Some column must hold the value: a general one (`Indicator`, `ioc`, `value`, …) or one that says what it holds (`ip`,
//! `domain`, `url`, …). Every other column is taken where a file has it, under any of its usual names, in any case and with
//! any separators between words. The value decides what a row is; the type column helps where the value tells nothing.

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
    Address,
    Domain,
    Url,
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
    Port,
}

const FIELDS: usize = 15;

/// Columns that hold the value, and the word that says what it is.
const VALUES: [(Field, &str); 4] =
    [(Field::Indicator, ""), (Field::Address, "ip"), (Field::Domain, "domain"), (Field::Url, "url")];

/// The names of columns in small letters and without separators; where several of one field have a value, the one that
/// stands first here counts.
const NAMES: [(&str, Field); 69] = [
    ("indicator", Field::Indicator),
    ("indicatorvalue", Field::Indicator),
    ("ioc", Field::Indicator),
    ("iocvalue", Field::Indicator),
    ("observable", Field::Indicator),
    ("observablevalue", Field::Indicator),
    ("value", Field::Indicator),
    ("tiindicator", Field::Indicator),
    ("ip", Field::Address),
    ("ipaddress", Field::Address),
    ("ipaddr", Field::Address),
    ("ipv4", Field::Address),
    ("ipv6", Field::Address),
    ("srcip", Field::Address),
    ("dstip", Field::Address),
    ("destip", Field::Address),
    ("destinationip", Field::Address),
    ("cidr", Field::Address),
    ("network", Field::Address),
    ("domain", Field::Domain),
    ("domainname", Field::Domain),
    ("hostname", Field::Domain),
    ("host", Field::Domain),
    ("fqdn", Field::Domain),
    ("url", Field::Url),
    ("uri", Field::Url),
    ("indicatortype", Field::IndicatorType),
    ("ioctype", Field::IndicatorType),
    ("observabletype", Field::IndicatorType),
    ("type", Field::IndicatorType),
    ("kind", Field::IndicatorType),
    ("confidencescore", Field::Confidence),
    ("confidence", Field::Confidence),
    ("confidencelevel", Field::Confidence),
    ("ticonfidence", Field::Confidence),
    ("threattype", Field::ThreatType),
    ("threat", Field::ThreatType),
    ("malwarefamily", Field::ThreatType),
    ("malware", Field::ThreatType),
    ("category", Field::ThreatType),
    ("tlplevel", Field::Tlp),
    ("tlp", Field::Tlp),
    ("trafficlightprotocollevel", Field::Tlp),
    ("tags", Field::Tags),
    ("labels", Field::Tags),
    ("tag", Field::Tags),
    ("validfrom", Field::ValidFrom),
    // When it was seen says more about validity than when it was added.
    ("firstseen", Field::ValidFrom),
    ("firstseenutc", Field::ValidFrom),
    ("dateadded", Field::ValidFrom),
    ("created", Field::ValidFrom),
    ("date", Field::ValidFrom),
    ("validuntil", Field::ValidUntil),
    ("validto", Field::ValidUntil),
    ("expirationdatetime", Field::ValidUntil),
    ("expiration", Field::ValidUntil),
    ("expires", Field::ValidUntil),
    ("expirationdate", Field::ValidUntil),
    ("name", Field::Name),
    ("description", Field::Name),
    ("comment", Field::Name),
    ("title", Field::Name),
    ("source", Field::Source),
    ("feed", Field::Source),
    ("provider", Field::Source),
    ("reporter", Field::Source),
    ("id", Field::Id),
    ("indicatorid", Field::Id),
    ("port", Field::Port),
];

/// The rank of a column's name, if it is a known one.
fn known(name: &str) -> Option<usize> {
    let plain: String = name.chars().filter(|c| !" _-.".contains(*c)).flat_map(char::to_lowercase).collect();
    NAMES.iter().position(|(known, _)| *known == plain)
}

/// Whether these are the columns of a plain table.
fn has_indicator<'a>(names: impl IntoIterator<Item = &'a str>) -> bool {
    let is_value = |field: Field| VALUES.iter().any(|(value, _)| *value == field);
    names.into_iter().filter_map(known).any(|rank| NAMES.get(rank).is_some_and(|(_, field)| is_value(*field)))
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
        let said = self.take(Field::IndicatorType).unwrap_or_default();
        let port = self.take(Field::Port).and_then(|port| port.parse().ok());
        let mut cells: Vec<(String, &str)> = Vec::new();
        for (field, word) in VALUES {
            if let Some(text) = self.take(field) {
                cells.push((text, if field == Field::Indicator { said.as_str() } else { word }));
            }
        }
        if cells.is_empty() {
            cells.push((String::new(), &said));
        }
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
        let values: Vec<Value<'_>> =
            cells.iter().map(|(text, called)| Value { text, called, port, also: None }).collect();
        Content::of(&values, details, context.private, place)
    }
}
