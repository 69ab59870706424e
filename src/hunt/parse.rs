//! From a file's text to a [`Hunt`]: what every header value must look like.

use std::fmt;
use std::path::Path;

use super::attack::{self, AttackEntry};
use super::error::{HuntError, LineError};
use super::header::{Field, Header};
use super::nearest::did_you_mean;
use super::param::{self, Param};
use super::value::{is_name, split};
use crate::model::Severity;

/// The tables that a hunt may read.
pub const TABLES: [&str; 3] = ["DeviceNetworkEvents", "TorRelays", "ThreatIndicators"];

/// How far a hunt can be relied upon.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Being tried out; may have no fixtures.
    Experimental,
    /// Has fixtures; its results are still being judged.
    Test,
    /// In regular use.
    Stable,
}

impl Status {
    const ALL: [Self; 3] = [Self::Experimental, Self::Test, Self::Stable];

    /// The word in a header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Experimental => "experimental",
            Self::Test => "test",
            Self::Stable => "stable",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A checked hunt: its header's values and its SQL.
#[derive(Clone, PartialEq, Debug)]
pub struct Hunt {
    /// The file's stem.
    pub id: String,
    /// One line.
    pub title: String,
    /// What it finds and how.
    pub description: String,
    /// How serious its findings can be taken to be, before they are judged one by one.
    pub severity: Severity,
    /// How far it can be relied upon.
    pub status: Status,
    /// The tables that it reads.
    pub tables: Vec<String>,
    /// Its parameters, in the order of the header.
    pub params: Vec<Param>,
    /// ATT&CK tactics.
    pub tactics: Vec<AttackEntry>,
    /// ATT&CK techniques.
    pub techniques: Vec<AttackEntry>,
    /// Who wrote it.
    pub author: String,
    /// What kind of hunt it is.
    pub category: String,
    /// What it cannot see.
    pub blind_spots: Vec<String>,
    /// What it finds and should not.
    pub false_positives: Vec<String>,
    /// Where to read on.
    pub references: Vec<String>,
    /// Its must-hit and must-miss examples.
    pub fixtures: Vec<String>,
    /// The text after the header, as it stands in the file.
    pub sql: String,
    /// The 1-based line of the file on which `sql` begins.
    pub sql_line: usize,
    /// The file, as it was named.
    pub path: String,
}

impl Hunt {
    /// Whether the hunt reads this table.
    #[must_use]
    pub fn reads(&self, table: &str) -> bool {
        self.tables.iter().any(|name| name == table)
    }
}

/// Reads the text of the file `path`, which is opened by whoever calls.
pub fn parse(text: &str, path: &str) -> Result<Hunt, HuntError> {
    read(text, path).map_err(|error| error.at(path))
}

fn read(text: &str, path: &str) -> Result<Hunt, LineError> {
    let header = Header::read(text)?;
    let field = |key| header.field(key);
    let (tactics, techniques) = attack::read(filled(field("attack")?)?)?;
    let status = status(field("status")?)?;
    Ok(Hunt {
        id: id(field("id")?, path)?,
        title: filled(field("title")?)?.value.clone(),
        description: filled(field("description")?)?.value.clone(),
        severity: severity(field("severity")?)?,
        status,
        tables: tables(field("tables")?)?,
        params: param::read(field("params")?)?,
        tactics,
        techniques,
        author: filled(field("author")?)?.value.clone(),
        category: filled(field("category")?)?.value.clone(),
        blind_spots: list(filled(field("blind_spots")?)?)?,
        false_positives: list(field("false_positives")?)?,
        references: list(field("references")?)?,
        fixtures: fixtures(field("fixtures")?, status)?,
        sql: header.sql.to_owned(),
        sql_line: header.sql_line,
        path: path.to_owned(),
    })
}

fn filled(field: &Field) -> Result<&Field, LineError> {
    if field.value.is_empty() {
        return Err(LineError::new(field.line, format!("`{}` is empty", field.key)));
    }
    Ok(field)
}

fn list(field: &Field) -> Result<Vec<String>, LineError> {
    split(&field.value, ',').ok_or_else(|| {
        LineError::new(
            field.line,
            format!("`{}` has an empty item; delete a comma (one inside an item is `\\,`)", field.key),
        )
    })
}

fn id(field: &Field, path: &str) -> Result<String, LineError> {
    let id = &filled(field)?.value;
    if !is_name(id) {
        return Err(LineError::new(
            field.line,
            format!("id `{id}` must be small letters, digits and underscores, a letter first"),
        ));
    }
    let stem = Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if stem != id {
        return Err(LineError::new(
            field.line,
            format!("id `{id}` is not the file's name; call the file {id}.sql, or the id `{stem}`"),
        ));
    }
    Ok(id.clone())
}

fn severity(field: &Field) -> Result<Severity, LineError> {
    let word = &filled(field)?.value;
    word.parse().map_err(|()| {
        let known = ["low", "medium", "high", "critical"];
        LineError::new(
            field.line,
            format!("severity `{word}` is none of {}{}", known.join(", "), did_you_mean(word, known)),
        )
    })
}

fn status(field: &Field) -> Result<Status, LineError> {
    let word = &filled(field)?.value;
    let known = Status::ALL.map(Status::as_str);
    Status::ALL.into_iter().find(|status| status.as_str() == word).ok_or_else(|| {
        LineError::new(
            field.line,
            format!("status `{word}` is none of {}{}", known.join(", "), did_you_mean(word, known)),
        )
    })
}

fn tables(field: &Field) -> Result<Vec<String>, LineError> {
    let tables = list(filled(field)?)?;
    for (index, table) in tables.iter().enumerate() {
        if !TABLES.contains(&table.as_str()) {
            let hint = did_you_mean(table, TABLES);
            return Err(LineError::new(
                field.line,
                format!("no table `{table}`; there are {}{hint}", TABLES.join(", ")),
            ));
        }
        if tables.iter().take(index).any(|earlier| earlier == table) {
            return Err(LineError::new(field.line, format!("`tables` names {table} twice")));
        }
    }
    Ok(tables)
}

fn fixtures(field: &Field, status: Status) -> Result<Vec<String>, LineError> {
    let fixtures = list(field)?;
    if fixtures.is_empty() && status != Status::Experimental {
        let message =
            format!("a hunt of status {status} must have fixtures; name them, or make the status experimental");
        return Err(LineError::new(field.line, message));
    }
    Ok(fixtures)
}

/// The hunt that the tests of this room share.
#[cfg(test)]
pub(super) const SAMPLE: &str = "\
-- id: beacon
-- title: Beaconing to rented servers
-- description: Finds addresses that a device
--   comes back to.
-- severity: medium
-- status: test
-- tables: DeviceNetworkEvents, TorRelays
-- params: tor_role string = exit; min_days integer = 3; share number = 0.5; loud boolean = false;
--   since timestamp = 2026-01-01; note string = a\\; b, c
-- attack: tactics TA0011 Command and Control; techniques T1071 Application Layer Protocol, T1573 Encrypted Channel
-- author: A. Hunter
-- category: command and control
-- blind_spots: proxies\\, which hide the address, devices without the sensor
-- false_positives:
-- references: https://example.org/a?b=1
-- fixtures: must_hit, must_miss

-- Comes back on several days.
SELECT 1
";

#[cfg(test)]
pub(super) fn sample() -> Hunt {
    parse(SAMPLE, "hunts/beacon.sql").expect("the sample is a hunt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_its_type() {
        let hunt = sample();
        assert_eq!(hunt.description, "Finds addresses that a device comes back to.");
        assert_eq!((hunt.severity, hunt.status), (Severity::Medium, Status::Test));
        assert_eq!(hunt.blind_spots, ["proxies, which hide the address", "devices without the sensor"]);
        assert_eq!(hunt.false_positives, [""; 0]);
        assert_eq!(hunt.params.len(), 6);
        assert_eq!((hunt.sql.as_str(), hunt.sql_line), ("-- Comes back on several days.\nSELECT 1\n", 18));
        assert!(hunt.reads("TorRelays") && !hunt.reads("ThreatIndicators"));
    }

    #[test]
    fn line_ends_of_windows_and_a_byte_order_mark_change_nothing() {
        let text = format!("\u{feff}{}", SAMPLE.replace('\n', "\r\n"));
        let hunt = parse(&text, "hunts/beacon.sql").unwrap();
        assert_eq!(hunt.sql_line, 18);
        assert_eq!(Hunt { sql: sample().sql, ..hunt }, sample());
    }

    #[test]
    fn fixtures_may_wait_while_a_hunt_is_experimental() {
        let text = SAMPLE
            .replace("status: test", "status: experimental")
            .replace("fixtures: must_hit, must_miss", "fixtures:");
        assert_eq!(parse(&text, "beacon.sql").unwrap().fixtures, [""; 0]);
    }

    /// Named pairs: what is changed in the sample, to what, and the whole message.
    const MISTAKES: &[(&str, &str, &str)] = &[
        ("-- severity", "-- severty", "beacon.sql:5: unknown key `severty`; did you mean `severity`?"),
        (
            "-- author:",
            "-- xyz:",
            "beacon.sql:11: unknown key `xyz`; the keys are id, title, description, severity, status, tables, params, attack, author, category, blind_spots, false_positives, references, fixtures",
        ),
        (
            "-- category: command",
            "-- title: command",
            "beacon.sql:12: `title` stands here a second time; the first is on line 2",
        ),
        ("-- author: A. Hunter\n", "", "beacon.sql:15: the header lacks author; add `-- author: …`"),
        (
            "-- author: A. Hunter",
            "-- author:A. Hunter",
            "beacon.sql:11: a header line is `-- key: value`, its continuation `--   more` (three blanks); a blank line ends the header",
        ),
        (
            "-- author: A. Hunter",
            "--",
            "beacon.sql:11: a header line is `-- key: value`, its continuation `--   more` (three blanks); a blank line ends the header",
        ),
        (
            "-- author: A. Hunter",
            "--  author: A. Hunter",
            "beacon.sql:11: a header line is `-- key: value`, its continuation `--   more` (three blanks); a blank line ends the header",
        ),
        ("-- author: A. Hunter", "-- author:", "beacon.sql:11: `author` is empty"),
        ("-- id: beacon", "--   id: beacon", "beacon.sql:1: a continuation line (`--   …`) with no key above it"),
        ("-- id: beacon", "SELECT 1", "beacon.sql:1: no header: the file must begin with lines such as `-- id: …`"),
        (
            "-- id: beacon",
            "-- id: Beacon",
            "beacon.sql:1: id `Beacon` must be small letters, digits and underscores, a letter first",
        ),
        (
            "-- id: beacon",
            "-- id: beacons",
            "beacon.sql:1: id `beacons` is not the file's name; call the file beacons.sql, or the id `beacon`",
        ),
        (
            "severity: medium",
            "severity: mediun",
            "beacon.sql:5: severity `mediun` is none of low, medium, high, critical; did you mean `medium`?",
        ),
        ("status: test", "status: beta", "beacon.sql:6: status `beta` is none of experimental, test, stable"),
        (
            "fixtures: must_hit, must_miss",
            "fixtures:",
            "beacon.sql:16: a hunt of status test must have fixtures; name them, or make the status experimental",
        ),
        (
            "TorRelays",
            "TorRelay",
            "beacon.sql:7: no table `TorRelay`; there are DeviceNetworkEvents, TorRelays, ThreatIndicators; did you mean `TorRelays`?",
        ),
        ("TorRelays", "DeviceNetworkEvents", "beacon.sql:7: `tables` names DeviceNetworkEvents twice"),
        (
            "must_hit, must_miss",
            "must_hit,, must_miss",
            "beacon.sql:16: `fixtures` has an empty item; delete a comma (one inside an item is `\\,`)",
        ),
        (
            "min_days integer = 3",
            "min_days integer",
            "beacon.sql:8: params: `min_days integer` is no parameter; write `name type = default`",
        ),
        (
            "min_days integer = 3",
            "min_days int = 3",
            "beacon.sql:8: params: `int` is no type (string, integer, number, boolean, timestamp)",
        ),
        (
            "min_days integer = 3",
            "min_days integer = x",
            "beacon.sql:8: params: the default of `min_days` is `x`, which is not a whole number such as 30",
        ),
        (
            "min_days integer = 3",
            "Min integer = 3",
            "beacon.sql:8: params: `Min` is no name; use small letters, digits and underscores",
        ),
        ("min_days integer", "share integer", "beacon.sql:8: params: `share` is declared twice"),
        (
            "string = exit",
            "string = entry",
            "beacon.sql:8: params: `tor_role` is `entry`; it must be exit, guard or any",
        ),
        (
            "string = exit",
            "integer = 1",
            "beacon.sql:8: params: `tor_role` declares the default --tor-role and must be a string",
        ),
        (
            "T1071 App",
            "T71 App",
            "beacon.sql:10: attack: `T71 Application Layer Protocol` is no technique; write its id and its name, such as `T1090 Proxy`",
        ),
        ("\n-- Comes back on several days.\nSELECT 1\n", " \n", "beacon.sql:16: no SQL after the header"),
        ("SELECT 1", "SELECT '\u{1b}[2J'", "beacon.sql:19: a hidden character (U+001B); delete it"),
        ("A. Hunter", "A. \u{202e}Hunter", "beacon.sql:11: a hidden character (U+202E); delete it"),
    ];

    #[test]
    fn each_mistake_has_its_message() {
        for (change, to, want) in MISTAKES {
            let text = SAMPLE.replacen(change, to, 1);
            assert_ne!(text, SAMPLE, "{change}");
            assert_eq!(parse(&text, "beacon.sql").unwrap_err().to_string(), *want);
        }
    }
}
