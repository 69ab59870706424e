//! Fields beside the address: what is unreadable there is counted and costs the field, not the record.

use std::fmt::Arguments;

use super::super::listing::Listing;
use crate::model::Micros;

const NO_DATE: &str = "no usable date (kept without it)";
const NO_PORT: &str = "no usable port (kept without it)";

/// 2002-01-01 to 2100-01-01: before there was no Tor, and 1970 is what a missing date is often written as.
const YEARS: std::ops::Range<i64> = 1_009_843_200_000_000..4_102_444_800_000_000;

/// A time that can be one of a Tor list.
pub(super) fn time(text: &str) -> Option<Micros> {
    Micros::parse(text).filter(|time| YEARS.contains(&time.0))
}

/// A record's own time.
pub(super) fn own_time(list: &mut Listing, place: Arguments<'_>, text: &str) -> Option<Micros> {
    let read = time(text);
    if read.is_none() {
        list.refuse(NO_DATE, &place.to_string(), text);
    }
    read
}

/// A record's OR port; an empty field is none.
pub(super) fn port(list: &mut Listing, place: Arguments<'_>, text: &str) -> Option<u16> {
    let text = text.trim();
    let read = text.parse().ok().filter(|port| *port != 0);
    if read.is_none() && !text.is_empty() {
        list.refuse(NO_PORT, &place.to_string(), text);
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_tor() {
        for text in ["2002-01-01 00:00:00", "2024-08-05 03:00:00", "2099-12-31T23:59:59Z"] {
            assert_eq!(time(text), Micros::parse(text), "{text}");
            assert!(time(text).is_some(), "{text}");
        }
        for text in ["1970-01-01 00:00:00", "2001-12-31 23:59:59", "2100-01-01", "9999-12-31", "", "yesterday"] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_unreadable_is_counted() {
        let mut list = Listing::default();
        let ports = ["443", " 9001 ", "", "0", "65536", "-1", "99999999999999999999", "port"];
        let read: Vec<_> = ports.iter().filter_map(|text| port(&mut list, format_args!("line 1"), text)).collect();
        assert_eq!(read, [443, 9001]);
        assert_eq!(own_time(&mut list, format_args!("line 2"), "1970-01-01 00:00:00"), None);
        let refused: Vec<_> = list.refused.into_iter().collect();
        assert_eq!(refused, [(NO_DATE, 1), (NO_PORT, 5)]);
        assert_eq!(list.examples[0], "line 1: 0 (no usable port (kept without it))");
    }
}
