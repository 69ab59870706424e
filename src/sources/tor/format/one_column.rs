//! One address or prefix a line: bulk exit lists, one-column CSV, ipsets.

use super::super::listing::Listing;
use super::record::{self, Facts};
use super::shape::Shape;
use super::{Format, header_date, lines};

/// The format.
pub(super) const FORMAT: Format = Format { name: "one column", recognises, read };

fn recognises(text: &str) -> bool {
    Shape::of(text) == Shape::OneColumn
}

fn read(text: &str) -> Result<Listing, String> {
    let mut list = Listing { dated: header_date::find(text), ..Listing::default() };
    for (at, (line, text)) in lines::entries(text).enumerate() {
        let value = lines::value(text);
        if at == 0 && is_header(value) {
            continue;
        }
        list.records += 1;
        record::add(&mut list, format_args!("line {line}"), value, Facts::NONE);
    }
    Ok(list)
}

/// A column's name: one word of letters. A host name or a broken address on the first line is junk, not a header.
fn is_header(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || "_- ".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Micros;

    fn kept(text: &str) -> Vec<String> {
        read(text).unwrap().entries.iter().map(|entry| entry.prefix.to_string()).collect()
    }

    #[test]
    fn a_header_is_no_entry_and_no_junk() {
        for header in ["dest_ip\n", "ip\r\n", "\"IP Address\"\n", "# list\nip\n", ""] {
            let list = read(&format!("{header}192.0.2.1\n")).unwrap();
            assert_eq!((list.records, list.entries.len(), list.refused.len()), (1, 1, 0), "{header}");
        }
        let junk = read("exit.example.org\n192.0.2.1\nip\n").unwrap();
        assert_eq!(junk.refused.get("not an address or prefix"), Some(&2));
    }

    #[test]
    fn every_form_of_entry_is_read() {
        assert_eq!(
            kept("192.0.2.1\r\n\"192.0.2.2\"\n2001:DB8::1\n198.51.100.7/24\n::ffff:192.0.2.3 # mapped\n192.0.2.1"),
            ["192.0.2.1", "192.0.2.2", "2001:db8::1", "198.51.100.0/24", "192.0.2.3", "192.0.2.1"]
        );
    }

    #[test]
    fn an_ipset_is_dated_by_its_header() {
        let text = "#\n# exits\n#\n# Source File Date: Sun Nov 15 01:02:22 UTC 2015\n192.0.2.1\n198.51.100.160/28\n";
        assert_eq!(kept(text), ["192.0.2.1", "198.51.100.160/28"]);
        assert_eq!(read(text).unwrap().dated, Micros::parse("2015-11-15T01:02:22Z"));
    }

    #[test]
    fn refused_entries_are_counted_and_the_first_shown() {
        let list = read("192.0.2.1\n10.0.0.1\n0.0.0.0/0\nx\u{1b}[2J\n1.2.3.4:443\n999.1.1.1\nfd9f::1\n").unwrap();
        let refused: Vec<_> = list.refused.into_iter().collect();
        assert_eq!(
            refused,
            [
                ("not an address or prefix", 3),
                ("prefix wider than /8 (IPv4) or /16 (IPv6)", 1),
                ("private, loopback, link-local or multicast range", 2)
            ]
        );
        assert_eq!(list.examples.len(), 5);
        assert_eq!(list.examples[0], "line 2: 10.0.0.1 (private, loopback, link-local or multicast range)");
        assert_eq!(list.examples[2], "line 4: x\\u{1b}[2J (not an address or prefix)");
    }
}
