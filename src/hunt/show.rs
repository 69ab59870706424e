//! Hunts for people at a terminal: the list, and one hunt with everything its header says.
//!
//! Plain text; who prints decides on colour. The values were checked for hidden characters when they were read.

use std::fmt::Write as _;

use super::parse::Hunt;

/// Columns of text, so that a line stays readable on every terminal.
const WIDTH: usize = 80;
/// Where values begin.
const INDENT: usize = 17;

/// One row per hunt: id, severity, status, title.
#[must_use]
pub fn rows(hunts: &[Hunt]) -> Vec<[String; 4]> {
    hunts
        .iter()
        .map(|hunt| [hunt.id.clone(), hunt.severity.to_string(), hunt.status.to_string(), hunt.title.clone()])
        .collect()
}

/// The rows under a heading, in columns.
#[must_use]
pub fn list(hunts: &[Hunt]) -> String {
    let mut rows = rows(hunts);
    rows.insert(0, ["HUNT", "SEVERITY", "STATUS", "TITLE"].map(str::to_owned));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let (id, severity, status) = (width(0), width(1), width(2));
    rows.iter().fold(String::new(), |mut text, [a, b, c, title]| {
        let _ = writeln!(text, "{a:id$}  {b:severity$}  {c:status$}  {title}");
        text
    })
}

/// Everything about one hunt: the header, then the SQL as it stands in the file.
#[must_use]
pub fn show(hunt: &Hunt) -> String {
    let mut text = format!("{}: {}\n\n", hunt.id, hunt.title);
    let mut put = |name: &str, values: &[String]| {
        let none = ["none".to_owned()];
        let values = if values.is_empty() { &none } else { values };
        for (index, value) in values.iter().enumerate() {
            let label = if index == 0 { name } else { "" };
            let mark = if values.len() > 1 { "- " } else { "" };
            put_wrapped(&mut text, label, mark, value);
        }
    };
    put("description", std::slice::from_ref(&hunt.description));
    put("severity", &[hunt.severity.to_string()]);
    put("status", &[hunt.status.to_string()]);
    put("tables", &[hunt.tables.join(", ")]);
    put("parameters", &parameters(hunt));
    put("tactics", &hunt.tactics.iter().map(ToString::to_string).collect::<Vec<_>>());
    put("techniques", &hunt.techniques.iter().map(ToString::to_string).collect::<Vec<_>>());
    put("author", std::slice::from_ref(&hunt.author));
    put("category", std::slice::from_ref(&hunt.category));
    put("cannot see", &hunt.blind_spots);
    put("false positives", &hunt.false_positives);
    put("references", &hunt.references);
    put("fixtures", &[hunt.fixtures.join(", ")].into_iter().filter(|names| !names.is_empty()).collect::<Vec<_>>());
    put("file", std::slice::from_ref(&hunt.path));
    let _ = writeln!(text, "\n{}", hunt.sql.trim_end());
    text
}

/// Each parameter as its header declares it.
pub(super) fn parameters(hunt: &Hunt) -> Vec<String> {
    hunt.params.iter().map(|param| format!("{} {} = {}", param.name, param.kind.as_str(), param.default)).collect()
}

fn put_wrapped(text: &mut String, label: &str, mark: &str, value: &str) {
    let room = WIDTH - INDENT - mark.len();
    for (index, line) in wrap(value, room).iter().enumerate() {
        let (label, mark) = if index == 0 { (label, mark) } else { ("", if mark.is_empty() { "" } else { "  " }) };
        let _ = writeln!(text, "{label:INDENT$}{mark}{line}");
    }
}

/// Words in lines of at most `room` characters; a longer word has a line of its own.
fn wrap(value: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in value.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::parse::sample;
    use super::*;

    #[test]
    fn everything_in_the_header_is_shown() {
        let want = "\
beacon: Beaconing to rented servers

description      Finds addresses that a device comes back to.
severity         MEDIUM
status           test
tables           DeviceNetworkEvents, TorRelays
parameters       - tor_role string = exit
                 - min_days integer = 3
                 - share number = 0.5
                 - loud boolean = false
                 - since timestamp = 2026-01-01T00:00:00.000000Z
                 - note string = a; b, c
tactics          TA0011 Command and Control
techniques       - T1071 Application Layer Protocol
                 - T1573 Encrypted Channel
author           A. Hunter
category         command and control
cannot see       - proxies, which hide the address
                 - devices without the sensor
false positives  none
references       https://example.org/a?b=1
fixtures         must_hit, must_miss
file             hunts/beacon.sql

-- Comes back on several days.
SELECT 1
";
        assert_eq!(show(&sample()), want);
    }

    #[test]
    fn the_list_has_columns() {
        let want = "\
HUNT    SEVERITY  STATUS  TITLE
beacon  MEDIUM    test    Beaconing to rented servers
";
        assert_eq!(list(&[sample()]), want);
    }

    #[test]
    fn long_values_go_on_below_themselves() {
        let hunt = Hunt { description: "word ".repeat(20), blind_spots: vec!["x ".repeat(40), "y".into()], ..sample() };
        let shown = show(&hunt);
        assert!(shown.lines().take_while(|line| !line.starts_with("--")).all(|line| line.len() <= WIDTH), "{shown}");
        assert!(shown.contains("cannot see       - x x"), "{shown}");
        assert!(shown.contains("\n                   x x"), "{shown}");
    }
}
