//! One address or prefix a line: bulk exit lists, one-column CSV, ipsets.

use super::super::listing::{Entry, Listing};
use super::Format;
use super::lines;
use super::shape::Shape;
use crate::model::Prefix;
use crate::model::prefix::PrivateRanges;
use crate::model::relay::Role;

/// The format.
pub(super) const FORMAT: Format = Format { name: "one column", recognises, read };

fn recognises(text: &str) -> bool {
    Shape::of(text) == Shape::OneColumn
}

fn read(text: &str) -> Listing {
    let mut list = Listing::default();
    for (at, (line, text)) in lines::entries(text).enumerate() {
        let value = lines::value(text);
        if at == 0 && is_header(value) {
            continue;
        }
        list.records += 1;
        match Prefix::parse_listed(value, PrivateRanges::Refuse) {
            Ok(prefix) => list.entries.push(Entry {
                prefix,
                role: Role::Unspecified,
                port: None,
                observed_by: "list",
                time: None,
            }),
            Err(refusal) => list.refuse(refusal.reason(), &format!("line {line}"), value),
        }
    }
    list
}

/// A column's name: one word of letters. A host name or a broken address on the first line is junk, not a header.
fn is_header(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || "_- ".contains(c))
}
