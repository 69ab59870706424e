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

use std::borrow::Cow;

use super::Context;
use super::content::{Content, Date, Details, Value};
use super::spelling::{refanged, without_port};
use super::tally::NO_PORT;

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
const NAMES: [(&str, Field); 72] = [
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
    ("dstport", Field::Port),
    ("destport", Field::Port),
    ("destinationport", Field::Port),
];

/// The rank of a column's name, if it is a known one.
fn known(name: &str) -> Option<usize> {
    let plain: String = name.chars().filter(|c| !" _-.".contains(*c)).flat_map(char::to_lowercase).collect();
    NAMES.iter().position(|(known, _)| *known == plain)
}

fn field_of(rank: usize) -> Option<Field> {
    NAMES.get(rank).map(|(_, field)| *field)
}

const fn is_date(field: Field) -> bool {
    matches!(field, Field::ValidFrom | Field::ValidUntil)
}

/// Whether these are the columns of a plain table.
fn has_indicator<'a>(names: impl IntoIterator<Item = &'a str>) -> bool {
    let is_value = |field: Field| VALUES.iter().any(|(value, _)| *value == field);
    names.into_iter().filter_map(known).any(|rank| field_of(rank).is_some_and(is_value))
}

/// One row's cells, the best-named of each field.
#[derive(Default)]
struct Record<'a> {
    cells: [Option<(usize, &'a str)>; FIELDS],
    /// The two dates, which a file may have as such.
    valid_from: Option<(usize, Date)>,
    valid_until: Option<(usize, Date)>,
}

impl<'a> Record<'a> {
    /// Puts a cell where its column belongs; blank cells and unknown columns are passed over.
    fn put(&mut self, column: Option<usize>, text: &'a str) {
        let Some((rank, field)) = column.and_then(|rank| Some((rank, field_of(rank)?))) else { return };
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        if is_date(field) {
            self.put_date(rank, Date::parse(Some(text)));
        } else if let Some(slot) = self.cells.get_mut(field as usize)
            && slot.is_none_or(|(held, _)| rank < held)
        {
            *slot = Some((rank, text));
        }
    }

    fn put_date(&mut self, rank: usize, date: Date) {
        let slot = match field_of(rank) {
            Some(Field::ValidFrom) => &mut self.valid_from,
            Some(Field::ValidUntil) => &mut self.valid_until,
            _ => return,
        };
        if date != Date::Missing && slot.is_none_or(|(held, _)| rank < held) {
            *slot = Some((rank, date));
        }
    }

    fn get(&self, field: Field) -> Option<&'a str> {
        self.cells.get(field as usize).copied().flatten().map(|(_, text)| text)
    }

    fn owned(&self, field: Field) -> Option<String> {
        self.get(field).map(str::to_owned)
    }

    /// The row's indicator, or why there is none.
    fn content(&self, context: &Context<'_>, place: impl Fn() -> String) -> Content {
        let said = self.get(Field::IndicatorType).unwrap_or_default();
        let port = self.get(Field::Port).map(whole_number);
        let cells: Vec<(Cow<'_, str>, &str)> = VALUES
            .into_iter()
            .filter_map(|(field, word)| {
                Some((refanged(self.get(field)?), if field == Field::Indicator { said } else { word }))
            })
            .collect();
        let mut values: Vec<Value<'_>> = cells
            .iter()
            .map(|(cell, called)| {
                let (text, beside) = without_port(cell);
                Value { text, called, port: beside.or(port.flatten()), also: None }
            })
            .collect();
        if values.is_empty() {
            values.push(Value::new("", said));
        }
        let details = Details {
            confidence: self.owned(Field::Confidence),
            threat_type: self.owned(Field::ThreatType),
            tlp: self.owned(Field::Tlp),
            tags: self.owned(Field::Tags).filter(|tags| tags != "[]"),
            name: self.owned(Field::Name),
            source: self.owned(Field::Source).or_else(|| Some(context.file.display.clone())),
            id: self.owned(Field::Id),
            valid_from: self.valid_from.map_or(Date::Missing, |(_, date)| date),
            valid_until: self.valid_until.map_or(Date::Missing, |(_, date)| date),
            to_ids: None,
        };
        let content = Content::of(&values, details, context.private, place);
        if port == Some(None) && !content.indicators.is_empty() { content.noted(NO_PORT, None) } else { content }
    }
}

/// A port in any type of column: `443`, `443.0`.
fn whole_number(text: &str) -> Option<u16> {
    text.strip_suffix(".0").unwrap_or(text).parse().ok()
}
