//! Exit lists of Tor's own scanner (`exit-addresses`, and CollecTor's files with two lines before it).
//!
//! A file is the union of one to two days of scans, so each address has the time of its own scan and the file's time is
//! no observation of any. A download that broke off ends in half a record, which is counted and costs no other.

use super::super::listing::Listing;
use super::record::{self, Facts, SCAN};
use super::{Format, field};
use crate::model::relay::Role;

/// The format.
pub(super) const FORMAT: Format = Format { name: "exit list", recognises, read };

const TRUNCATED: &str = "truncated last record";
const NO_ADDRESS: &str = "relay without an address";
const UNKNOWN: &str = "not a line of an exit list";

/// Lines with text that are looked at.
const SAMPLE_LINES: usize = 50;

/// Letters of a whole `YYYY-MM-DD HH:MM:SS`.
const TIME_LETTERS: usize = 19;

fn recognises(text: &str) -> bool {
    let mut sample = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(SAMPLE_LINES);
    sample.any(|line| ["ExitNode ", "ExitAddress ", "@type tordnsel"].iter().any(|start| line.starts_with(start)))
}

/// The relay whose lines are being read.
#[derive(Clone, Copy)]
enum Relay<'a> {
    /// Before the first, where only the header's lines are known and others are nobody's.
    None,
    /// None of its addresses has come yet.
    Open { line: usize, fingerprint: &'a str },
    /// At least one has.
    Complete,
}

fn read(text: &str) -> Result<Listing, String> {
    let mut list = Listing::default();
    let mut relay = Relay::None;
    let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())).peekable();
    while let Some((line, text_of_line)) = lines.next() {
        let is_cut = lines.peek().is_none() && !text.ends_with('\n');
        let (word, rest) = text_of_line.split_once(' ').unwrap_or((text_of_line, ""));
        match word {
            "ExitNode" => {
                close(&mut list, relay, NO_ADDRESS);
                relay = Relay::Open { line, fingerprint: rest };
            }
            "ExitAddress" => {
                list.records += 1;
                relay = Relay::Complete;
                address(&mut list, line, rest, is_cut);
            }
            "Downloaded" => list.dated = list.dated.max(field::time(rest)),
            "" | "Published" | "LastStatus" | "@type" => {}
            _ if matches!(relay, Relay::None) || is_cut || word.starts_with('#') => {}
            _ => {
                list.records += 1;
                list.refuse(UNKNOWN, &format!("line {line}"), text_of_line);
            }
        }
    }
    close(&mut list, relay, TRUNCATED);
    Ok(list)
}

/// A relay that ends without an address.
fn close(list: &mut Listing, relay: Relay<'_>, reason: &'static str) {
    if let Relay::Open { line, fingerprint } = relay {
        list.records += 1;
        list.refuse(reason, &format!("line {line}"), fingerprint);
    }
}

/// `192.0.2.1 2018-11-01 00:10:29`. Where the text breaks off within the line, the address may be cut too.
fn address(list: &mut Listing, line: usize, text: &str, is_cut: bool) {
    let (address, time) = text.trim().split_once(' ').unwrap_or((text, ""));
    let time = time.trim();
    if is_cut && time.len() < TIME_LETTERS {
        return list.refuse(TRUNCATED, &format!("line {line}"), text);
    }
    let before = list.entries.len();
    record::add(
        list,
        format_args!("line {line}"),
        address,
        Facts { role: Role::Exit, observed_by: SCAN, ..Facts::NONE },
    );
    if list.entries.len() > before {
        let time = field::own_time(list, format_args!("line {line}"), time);
        list.entries.iter_mut().skip(before).for_each(|entry| entry.time = time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Micros;

    const TWO: &str = "ExitNode 00000000000000000000000000000000000000AA\nPublished 2018-11-01 00:00:00\n\
        LastStatus 2018-11-01 01:00:00\nExitAddress 192.0.2.1 2018-11-01 01:10:29\nExitAddress 192.0.2.2 2018-11-01 \
        01:11:00\nExitNode 00000000000000000000000000000000000000BB\nPublished 2018-11-01 00:00:00\nLastStatus \
        2018-11-01 01:00:00\nExitAddress 198.51.100.7 2018-10-31 02:03:04\n";

    fn refused(list: &Listing) -> Vec<(&'static str, u64)> {
        list.refused.iter().map(|(reason, count)| (*reason, *count)).collect()
    }

    #[test]
    fn each_address_has_the_time_of_its_scan() {
        for text in [TWO.to_string(), TWO.replace('\n', "\r\n"), TWO.trim_end().to_string()] {
            let list = read(&text).unwrap();
            let read: Vec<_> = list.entries.iter().map(|e| (e.prefix.to_string(), e.time, e.role)).collect();
            let want = [
                ("192.0.2.1", "2018-11-01 01:10:29"),
                ("192.0.2.2", "2018-11-01 01:11:00"),
                ("198.51.100.7", "2018-10-31 02:03:04"),
            ];
            assert_eq!(read, want.map(|(address, time)| (address.to_string(), Micros::parse(time), Role::Exit)));
            assert!(list.entries.iter().all(|entry| entry.observed_by == "scan" && entry.port.is_none()));
            assert_eq!((list.records, list.dated, refused(&list)), (3, None, vec![]));
        }
    }

    #[test]
    fn a_collector_file_is_dated() {
        let text = format!("@type tordnsel 1.0\nDownloaded 2018-11-01 02:02:03\n{TWO}");
        assert!(recognises(&text) && recognises(TWO) && !recognises("192.0.2.1\n"));
        let list = read(&text).unwrap();
        assert_eq!((list.records, list.dated), (3, Micros::parse("2018-11-01T02:02:03Z")));
        assert!(refused(&list).is_empty());
    }

    #[test]
    fn a_text_that_breaks_off_anywhere_loses_one_record_at_most() {
        let whole = read(TWO).unwrap();
        for at in 0..TWO.len() {
            let list = read(&TWO[..at]).unwrap();
            let count = list.entries.len();
            assert_eq!(list.entries, whole.entries[..count], "{at}");
            assert!(refused(&list).iter().all(|(reason, count)| *reason == TRUNCATED && *count == 1), "{at}");
            let complete = TWO[..at].lines().filter(|l| l.starts_with("ExitAddress ") && TWO.lines().any(|w| w == *l));
            assert_eq!(count, complete.count(), "{at}");
        }
        let list = read(&format!("{TWO}ExitNode 00000000000000000000000000000000000000CC\n")).unwrap();
        assert_eq!((list.records, refused(&list)), (4, vec![(TRUNCATED, 1)]));
    }

    #[test]
    fn odd_lines_are_counted_and_cost_no_other() {
        let text = "ExitNode AA\nExitNode BB\nExitAddress 10.0.0.1 2018-11-01 01:10:29\nExitAddress 192.0.2.1 soon\n\
            ExitAddress\nnonsense\nExitNode CC\nExitAddress 192.0.2.3 2018-11-01 01:10:29\n";
        let list = read(text).unwrap();
        let times: Vec<_> = list.entries.iter().map(|entry| entry.time.is_some()).collect();
        assert_eq!((list.records, times), (6, vec![false, true]));
        let want = [
            "line 1: AA (relay without an address)",
            "line 3: 10.0.0.1 (private, loopback, link-local or multicast range)",
            "line 4: soon (no usable date (kept without it))",
            "line 5:  (not an address or prefix)",
            "line 6: nonsense (not a line of an exit list)",
        ];
        assert_eq!(list.examples, want);
    }
}
