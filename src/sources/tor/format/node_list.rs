//! The node list of 17 columns: a CSV row for each address and port of a relay or bridge.
//!
//! A row is an observation at its `metadata_last_seen`; when the relay was first seen says nothing of the address.
//! Bridges appear with addresses that were made unreadable and lie in private ranges; they are refused as what they are.

mod rows;

use csv::StringRecord;

use super::super::listing::Listing;
use super::record::{self, Facts, OR_ADDRESS, SCAN};
use super::{Format, HEADER_CELLS_MAX, field};
use crate::model::prefix::Refusal;
use crate::model::relay::Role;

/// The format.
pub(super) const FORMAT: Format = Format { name: "node list", recognises, read };

const ADDRESS: &str = "dest_ip";
const PORT: &str = "dest_port";
const ROLE: &str = "metadata_dest_role";
const SEEN: &str = "metadata_last_seen";
const FINGERPRINT: &str = "metadata_fingerprint";

const BRIDGE: &str = "bridge with a sanitised address";
const TOO_FEW: &str = "too few columns";

fn recognises(text: &str) -> bool {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let names: Vec<&str> = header.split(',').take(HEADER_CELLS_MAX).map(|cell| cell.trim().trim_matches('"')).collect();
    names.contains(&ADDRESS) && names.contains(&ROLE)
}

/// Where the columns stand; all but the address can be missing.
struct Columns {
    address: usize,
    port: Option<usize>,
    role: Option<usize>,
    seen: Option<usize>,
    fingerprint: Option<usize>,
}

impl Columns {
    fn of(header: &StringRecord) -> Option<Self> {
        let place = |name: &str| header.iter().position(|cell| cell.trim() == name);
        Some(Self {
            address: place(ADDRESS)?,
            port: place(PORT),
            role: place(ROLE),
            seen: place(SEEN),
            fingerprint: place(FINGERPRINT),
        })
    }
}

fn read(text: &str) -> Result<Listing, String> {
    let mut list = Listing::default();
    let mut columns = None;
    let mut is_header = true;
    rows::each(text, &mut |line, record| {
        if std::mem::take(&mut is_header) {
            columns = Columns::of(record);
        } else if let Some(columns) = &columns {
            list.records += 1;
            row(&mut list, line, record, columns);
        }
    });
    Ok(list)
}

fn row(list: &mut Listing, line: usize, record: &StringRecord, columns: &Columns) {
    let cell = |at: Option<usize>| at.and_then(|at| record.get(at)).map(str::trim);
    let Some(address) = cell(Some(columns.address)) else {
        return list.refuse(TOO_FEW, &format!("line {line}"), record.get(0).unwrap_or_default());
    };
    let is_bridge = columns.fingerprint.is_some() && cell(columns.fingerprint).is_none_or(str::is_empty);
    let before = list.entries.len();
    let role = cell(columns.role).map_or(Role::Unspecified, role);
    match record::try_add(list, address, Facts { role, ..Facts::NONE }) {
        Err(Refusal::Private) if is_bridge => return list.refuse(BRIDGE, &format!("line {line}"), address),
        Err(refusal) => return list.refuse(refusal.reason(), &format!("line {line}"), address),
        Ok(()) => {}
    }
    let port = cell(columns.port).and_then(|text| field::port(list, format_args!("line {line}"), text));
    let time = cell(columns.seen).and_then(|text| field::own_time(list, format_args!("line {line}"), text));
    // The list has a port with every OR address, so an address without one is where an exit was seen to come from.
    let observed_by = if cell(columns.port).is_some_and(str::is_empty) { SCAN } else { OR_ADDRESS };
    for entry in list.entries.iter_mut().skip(before) {
        (entry.port, entry.time, entry.observed_by) = (port, time, observed_by);
    }
}

/// The list's word; `unknown` is what it writes when it cannot tell.
fn role(text: &str) -> Role {
    text.to_ascii_lowercase().parse().unwrap_or(Role::Unspecified)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Micros;

    const HEADER: &str = "metadata_nickname,metadata_fingerprint,metadata_last_seen,metadata_first_seen,\
        metadata_running,metadata_country,metadata_country_name,metadata_as,metadata_as_name,metadata_contact,\
        metadata_guard_probability,metadata_exit_probability,metadata_middle_probability,dest_ip,dest_port,\
        metadata_dest_role,dest_nt_host";

    fn line(fingerprint: &str, seen: &str, contact: &str, end: &str) -> String {
        format!("n,{fingerprint},{seen},1970-01-01 00:00:00,True,us,US,AS1,\"A, B\",{contact},0.0,,1e-05,{end}\n")
    }

    fn list(rows: &[String]) -> String {
        format!("{HEADER}\n{}", rows.concat())
    }

    #[test]
    fn rows_keep_role_port_and_their_own_time() {
        let text = list(&[
            line(
                "AA",
                "2024-08-05 03:00:00",
                "\"say \"\"hi\"\", ünique\"",
                "192.0.2.1,9001,exit,\"a.example, b.example\"",
            ),
            line("BB", "2024-08-05 03:00:00", "", "2001:db8::1,443,guard,"),
            line("CC", "2024-08-01 03:00:00", "", "192.0.2.3,,exit,"),
            line("DD", "2024-08-05 03:00:00", "", "192.0.2.4,1,unknown,"),
            line("EE", "2024-08-05 03:00:00", "", "192.0.2.5,1,middle,"),
        ]);
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            assert!(recognises(&text));
            let list = read(&text).unwrap();
            let read: Vec<_> =
                list.entries.iter().map(|e| (e.prefix.to_string(), e.port, e.role.as_str(), e.observed_by)).collect();
            let want = [
                ("192.0.2.1", Some(9001), "exit", "or address"),
                ("2001:db8::1", Some(443), "guard", "or address"),
                ("192.0.2.3", None, "exit", "scan"),
                ("192.0.2.4", Some(1), "unspecified", "or address"),
                ("192.0.2.5", Some(1), "middle", "or address"),
            ];
            assert_eq!(read, want.map(|(address, port, role, by)| (address.to_string(), port, role, by)));
            assert_eq!(list.entries[2].time, Micros::parse("2024-08-01T03:00:00Z"));
            assert_eq!((list.records, list.refused.len(), list.dated), (5, 0, None));
        }
    }

    #[test]
    fn a_contact_with_a_stray_quote_costs_one_row() {
        let seen = "2024-08-05 03:00:00";
        let good = |address: &str| line("AA", seen, "", &format!("{address},1,exit,"));
        let text = list(&[good("192.0.2.1"), line("AA", seen, "\"me", "192.0.2.2,1,exit,"), good("192.0.2.3")]);
        let list = read(&text).unwrap();
        let kept: Vec<_> = list.entries.iter().map(|entry| entry.prefix.to_string()).collect();
        assert_eq!(kept, ["192.0.2.1", "192.0.2.3"]);
        assert_eq!((list.records, list.examples.as_slice()), (3, &["line 3: n (too few columns)".to_string()][..]));
    }

    #[test]
    fn bridges_and_dates_that_are_none_are_counted() {
        let text = list(&[
            line("", "2024-08-05 03:00:00", "", "10.1.2.3,1,unknown,"),
            line("", "2024-08-05 03:00:00", "", "fd9f:2e19::1,1,unknown,"),
            line("AA", "2024-08-05 03:00:00", "", "10.1.2.3,1,exit,"),
            line("AA", "1970-01-01 00:00:00", "", "192.0.2.1,1,exit,"),
            line("", "2024-08-05 03:00:00", "", "192.0.2.2,1,unknown,"),
            "n,AA\n".to_string(),
        ]);
        let list = read(&text).unwrap();
        assert_eq!((list.records, list.entries.len(), list.entries[0].time), (6, 2, None));
        let refused: Vec<_> = list.refused.into_iter().collect();
        let private = "private, loopback, link-local or multicast range";
        assert_eq!(refused, [(BRIDGE, 2), ("no usable date (kept without it)", 1), (private, 1), (TOO_FEW, 1)]);
        assert_eq!(list.examples[0], "line 2: 10.1.2.3 (bridge with a sanitised address)");
    }
}
