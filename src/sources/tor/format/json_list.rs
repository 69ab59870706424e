//! Addresses and prefixes as JSON texts: a MISP warning list (`list` of a document), or an array and nothing else.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::listing::Listing;
use super::Format;
use super::record::{self, Facts};

/// A warning list.
pub(super) const WARNING_LIST: Format =
    Format { name: "MISP warning list", recognises: is_document, read: read_document };

/// A bare array.
pub(super) const ARRAY: Format = Format { name: "JSON array", recognises: is_array, read: read_array };

const NO_TEXT: &str = "not a JSON text";

fn is_document(text: &str) -> bool {
    text.trim_start().starts_with('{') && text.contains("\"list\"")
}

fn is_array(text: &str) -> bool {
    text.trim_start().starts_with('[')
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    list: Vec<&'a RawValue>,
}

fn read_document(text: &str) -> Result<Listing, String> {
    let document: Document<'_> = serde_json::from_str(text).map_err(|error| damaged(&error))?;
    Ok(read_members(&document.list, "list"))
}

fn read_array(text: &str) -> Result<Listing, String> {
    let members: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| damaged(&error))?;
    Ok(read_members(&members, ""))
}

/// Each by itself, so that one number among the texts costs no other.
fn read_members(members: &[&RawValue], name: &str) -> Listing {
    let mut list = Listing::default();
    for (at, raw) in members.iter().enumerate() {
        list.records += 1;
        match serde_json::from_str::<Cow<'_, str>>(raw.get()) {
            Ok(text) => record::add(&mut list, format_args!("{name}[{at}]"), &text, Facts::NONE),
            Err(_) => list.refuse(NO_TEXT, &format!("{name}[{at}]"), raw.get()),
        }
    }
    list
}

/// Why a document cannot be read at all.
pub(super) fn damaged(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let what = if error.is_data() { "not the members that the list should have" } else { "not JSON, or broken off" };
    format!("damaged JSON at line {line}, column {column} ({what}); fetch it again")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(list: &Listing) -> Vec<String> {
        list.entries.iter().map(|entry| entry.prefix.to_string()).collect()
    }

    #[test]
    fn warning_lists_and_arrays_are_read() {
        let members = "[\"192.0.2.1/32\",\"198.51.100.0/28\",7,\"10.0.0.1\",{\"a\":[]},\" 2001:db8::\\u0031 \"]";
        for (text, read, place) in [
            (
                format!("{{\"name\":\"x\",\"version\":1,\n\"list\":{members},\"type\":\"cidr\"}}"),
                WARNING_LIST,
                "list[2]",
            ),
            (format!("\n{members}\n"), ARRAY, "[2]"),
        ] {
            assert!((read.recognises)(&text));
            let list = (read.read)(&text).unwrap();
            assert_eq!(kept(&list), ["192.0.2.1", "198.51.100.0/28", "2001:db8::1"]);
            assert_eq!((list.records, list.refused.get(NO_TEXT)), (6, Some(&2)));
            assert_eq!(list.examples[0], format!("{place}: 7 (not a JSON text)"));
        }
    }

    #[test]
    fn what_is_damaged_is_said_with_its_place() {
        let cut = read_array("[\"192.0.2.1\",\n\"19").err().unwrap();
        assert_eq!(cut, "damaged JSON at line 2, column 3 (not JSON, or broken off); fetch it again");
        let other = read_document("{\"list\":7}").err().unwrap();
        assert!(other.contains("not the members that the list should have"), "{other}");
    }
}
