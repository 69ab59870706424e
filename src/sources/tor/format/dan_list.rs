//! The full list of dan.me.uk, plain or as the page that it is published in:
//! `address|name|router port|directory port|flags|uptime|version|contact`.

use super::super::listing::Listing;
use super::record::{self, Facts, OR_ADDRESS};
use super::{Format, field, lines};
use crate::model::Prefix;
use crate::model::relay::Role;

/// The format.
pub(super) const FORMAT: Format = Format { name: "dan.me.uk list", recognises, read };

const BEGIN: &str = "__BEGIN_TOR_NODE_LIST__";
const END: &str = "__END_TOR_NODE_LIST__";

const TOO_FEW: &str = "too few columns";

/// Lines with text that are looked at.
const SAMPLE_LINES: usize = 50;

/// Columns up to the flags.
const COLUMNS: usize = 5;

fn recognises(text: &str) -> bool {
    let mut sample = lines::entries(text).take(SAMPLE_LINES);
    text.contains(BEGIN) || sample.any(|(_, line)| is_record(line))
}

fn is_record(line: &str) -> bool {
    let cells: Vec<&str> = line.splitn(COLUMNS + 1, '|').collect();
    let (address, port) = (cells.first().copied().unwrap_or_default(), cells.get(2).copied().unwrap_or_default());
    cells.len() >= COLUMNS && Prefix::parse(address).is_ok() && port.trim().parse::<u16>().is_ok()
}

fn read(text: &str) -> Result<Listing, String> {
    let mut list = Listing::default();
    let has_marks = text.contains(BEGIN);
    let mut is_inside = !has_marks;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.contains(BEGIN) {
            is_inside = true;
        } else if line.contains(END) {
            is_inside = false;
        } else if is_inside && !line.is_empty() && !line.starts_with('#') {
            relay(&mut list, at + 1, line.trim_end_matches("<br />").trim_end_matches("<br>"));
        }
    }
    Ok(list)
}

fn relay(list: &mut Listing, line: usize, text: &str) {
    list.records += 1;
    let cells: Vec<&str> = text.splitn(COLUMNS + 1, '|').collect();
    let [address, _, port, _, flags, ..] = cells.as_slice() else {
        return list.refuse(TOO_FEW, &format!("line {line}"), text);
    };
    let port = field::port(list, format_args!("line {line}"), port);
    for role in roles(flags) {
        let before = list.entries.len();
        let facts = Facts { role, port, observed_by: OR_ADDRESS, ..Facts::NONE };
        record::add(list, format_args!("line {line}"), address, facts);
        if list.entries.len() == before {
            break;
        }
    }
}

/// `E` exit and `X` (exit whose policy is not the usual one), `G` guard; a relay can be both.
fn roles(flags: &str) -> Vec<Role> {
    let exit = flags.contains(['E', 'X']).then_some(Role::Exit);
    let guard = flags.contains('G').then_some(Role::Guard);
    let roles: Vec<Role> = exit.into_iter().chain(guard).collect();
    if roles.is_empty() { vec![Role::Middle] } else { roles }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELAYS: &str = "192.0.2.1|one|9001|9030|EFHRSDV|1000|Tor 0.4.5.10|a|b <c>\n2001:db8::1|two|443|0|FGRSV|5|Tor|\n\
        192.0.2.3|three|9001|0|EG|5|Tor|\n192.0.2.4|four||0||5|Tor|\n192.0.2.5|x|0|0|X|5|Tor|\n10.0.0.1|five|1|0|EG|5|Tor|\n\
        192.0.2.6|short\n";

    #[test]
    fn relays_have_ports_and_roles() {
        let page = format!(
            "<html>1.1.1.1|no|1|2|E<br />\n<!-- {BEGIN} //-->\n{}<!-- {END} //-->\n</html>",
            RELAYS.replace('\n', "<br />\n")
        );
        for text in [RELAYS.to_string(), RELAYS.replace('\n', "\r\n"), page] {
            assert!(recognises(&text));
            let list = read(&text).unwrap();
            let read: Vec<_> = list.entries.iter().map(|e| (e.prefix.to_string(), e.port, e.role.as_str())).collect();
            let want = [
                ("192.0.2.1", Some(9001), "exit"),
                ("2001:db8::1", Some(443), "guard"),
                ("192.0.2.3", Some(9001), "exit"),
                ("192.0.2.3", Some(9001), "guard"),
                ("192.0.2.4", None, "middle"),
                ("192.0.2.5", None, "exit"),
            ];
            assert_eq!(read, want.map(|(address, port, role)| (address.to_string(), port, role)));
            assert_eq!(list.records, 7);
            let refused: Vec<_> = list.refused.into_iter().collect();
            let private = "private, loopback, link-local or multicast range";
            assert_eq!(refused, [("no usable port (kept without it)", 1), (private, 1), (TOO_FEW, 1)]);
        }
        assert!(!recognises("192.0.2.1|x\n") && !recognises("a|b|c|d|e\n"));
    }
}
