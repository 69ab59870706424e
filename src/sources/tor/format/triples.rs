//! `fingerprint, ipaddr, port`: a row for each OR address of a relay, with a blank after each comma.

use super::super::listing::Listing;
use super::record::{self, Facts, LIST, OR_ADDRESS};
use super::{Format, HEADER_CELLS_MAX, field, lines};

/// The format.
pub(super) const FORMAT: Format = Format { name: "fingerprint, ipaddr, port", recognises, read };

const TOO_FEW: &str = "too few columns";

/// Where the columns stand.
#[derive(Clone, Copy)]
struct Columns {
    address: usize,
    port: usize,
}

fn recognises(text: &str) -> bool {
    columns(text).is_some()
}

/// Its first line names the columns; their order is the file's own matter.
fn columns(text: &str) -> Option<Columns> {
    let (_, header) = lines::entries(text).next()?;
    // A line of a hundred megabytes is no header, and must not become a vector of its cells.
    let names: Vec<String> = cells(header).take(HEADER_CELLS_MAX).map(str::to_ascii_lowercase).collect();
    let place = |name: &str| names.iter().position(|cell| cell == name);
    place("fingerprint")?;
    Some(Columns { address: place("ipaddr")?, port: place("port")? })
}

fn cells(line: &str) -> impl Iterator<Item = &str> {
    line.split(',').map(lines::value)
}

fn read(text: &str) -> Result<Listing, String> {
    let mut list = Listing::default();
    let Some(columns) = columns(text) else { return Ok(list) };
    for (line, text) in lines::entries(text).skip(1) {
        list.records += 1;
        let (address, port) = (cells(text).nth(columns.address), cells(text).nth(columns.port));
        let (Some(address), Some(port)) = (address, port) else {
            list.refuse(TOO_FEW, &format!("line {line}"), text);
            continue;
        };
        let port = field::port(&mut list, format_args!("line {line}"), port);
        let observed_by = if port.is_some() { OR_ADDRESS } else { LIST };
        record::add(&mut list, format_args!("line {line}"), address, Facts { port, observed_by, ..Facts::NONE });
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_with_and_without_blanks_and_quotes() {
        let text = "fingerprint, ipaddr, port\nAA, 192.0.2.1, 443\nAA, 2001:db8::1, 81\nBB, 192.0.2.2,\n";
        for text in [
            text.to_string(),
            text.replace('\n', "\r\n"),
            text.replace(", ", ","),
            text.replace("192.0.2.1", "\"192.0.2.1\""),
            format!("# made today\n\n{text}\n\n"),
        ] {
            assert!(recognises(&text), "{text}");
            let list = read(&text).unwrap();
            let read: Vec<_> = list.entries.iter().map(|e| (e.prefix.to_string(), e.port, e.observed_by)).collect();
            let want = [
                ("192.0.2.1", Some(443), "or address"),
                ("2001:db8::1", Some(81), "or address"),
                ("192.0.2.2", None, "list"),
            ];
            assert_eq!(read, want.map(|(address, port, by)| (address.to_string(), port, by)), "{text}");
            assert_eq!((list.records, list.refused.len()), (3, 0), "{text}");
        }
    }

    #[test]
    fn columns_are_found_by_name_and_odd_rows_are_counted() {
        let text = "port,ipaddr,fingerprint\n443,192.0.2.1,AA\n444\n99999,192.0.2.2,BB\n1,10.0.0.1,CC\n";
        let list = read(text).unwrap();
        assert_eq!((list.records, list.entries.len(), list.entries[0].port), (4, 2, Some(443)));
        let want = ["line 3: 444 (too few columns)", "line 4: 99999 (no usable port (kept without it))"];
        assert_eq!(list.examples[..2], want);
        assert_eq!(list.examples[2], "line 5: 10.0.0.1 (private, loopback, link-local or multicast range)");
        assert!(!recognises("ipaddr,port\n192.0.2.1,443\n"));
    }
}
