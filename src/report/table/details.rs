//! The labelled lines below a finding's head: what an analyst asks first, each shortened to the width.
//!
//! A column that is missing or empty has no line. Columns that only a user's own hunt has are shown under their names.

use super::lines::{Column, Lines, Parts};
use super::paint::Tint;
use super::text;
use crate::model::finding::COLUMNS;
use crate::model::{Direction, Micros};
use crate::report::ReportError;
use crate::report::cell::Cell;
use crate::report::cell::text::plain;
use crate::report::facts::number::{counted, second, thousands};
use crate::report::hostile::visible;
use crate::report::record::Record;

const COLUMN: Column = Column { indent: 2, label: 7 };

/// Command lines that are shown of a finding.
const COMMANDS_MAX: usize = 2;

/// A column of the relay hunt, told with what the Tor lists say.
const TOR_PORT: &str = "TorPort";

/// Ports that are shown of a finding.
const PORTS_MAX: usize = 6;

/// Risk factors that are shown of a finding: the level's floor and what adds most.
const FACTORS_MAX: usize = 6;

/// Writes the details of one finding; `tint` is its level's.
pub(super) fn write(record: Record<'_>, tint: Option<Tint>, lines: &mut Lines<'_>) -> Result<(), ReportError> {
    dotted("traffic", &traffic(record), None, lines)?;
    dotted("seen", &seen(record), None, lines)?;
    set_line("process", record, "Processes", lines)?;
    set_line("account", record, "Accounts", lines)?;
    commands(record, lines)?;
    set_line("url", record, "RemoteUrls", lines)?;
    let hit = record.text("TI_Hit");
    dotted("intel", &intel(record, hit.as_deref()), tint.filter(|_| hit.is_some()), lines)?;
    dotted("tor", &tor(record), None, lines)?;
    lines.parts(COLUMN, "why", &factors(record), Parts { separator: ", ", tint: None })?;
    dotted("capped", &truncated(record), Some(Tint::Warning), lines)?;
    for (name, cell) in record.cells().filter(|(name, _)| !COLUMNS.contains(name) && *name != TOR_PORT) {
        if let Some(value) = plain(cell).filter(|value| !value.is_empty()) {
            let line = format!("{}: {}", visible(name), visible(&value));
            one_line("", &text::fit(&line, lines.room(COLUMN)), lines)?;
        }
    }
    dotted("id", &id(record, lines.room(COLUMN)), None, lines)
}

/// The whole name of a device that is cut in the head line.
pub(super) fn device(name: &str, lines: &mut Lines<'_>) -> Result<(), ReportError> {
    lines.labelled(COLUMN, "device", name, None)
}

/// Parts with a dot between, over as many lines as they need.
fn dotted(label: &str, parts: &[String], tint: Option<Tint>, lines: &mut Lines<'_>) -> Result<(), ReportError> {
    lines.parts(COLUMN, label, parts, Parts { separator: " · ", tint })
}

/// The id, and the page about the address where it fits beside it.
fn id(record: Record<'_>, room: usize) -> Vec<String> {
    let mut parts: Vec<String> = record.text("FindingId").into_iter().collect();
    let used = parts.iter().map(|id| text::width(id) + " · ".chars().count()).sum::<usize>();
    parts.extend(record.text("VT_Link").filter(|link| used + text::width(&visible(link)) <= room));
    parts
}

/// Text that fits one line already.
fn one_line(label: &str, text: &str, lines: &mut Lines<'_>) -> Result<(), ReportError> {
    if text.is_empty() { Ok(()) } else { lines.labelled(COLUMN, label, text, None) }
}

/// A set on one line, with what does not fit as a number.
fn set_line(label: &str, record: Record<'_>, name: &str, lines: &mut Lines<'_>) -> Result<(), ReportError> {
    one_line(label, &text::shorten(&set(record, name), cut(record, name), ", ", lines.room(COLUMN)), lines)
}

fn set(record: Record<'_>, name: &str) -> Vec<String> {
    record.items(name).iter().map(|item| visible(item).into_owned()).collect()
}

/// Elements of a set that the hunt itself left out.
fn cut(record: Record<'_>, name: &str) -> u64 {
    let entries = record.structs("SetsTruncated");
    let entry = entries.iter().find(|entry| field(**entry, "Set").as_deref() == Some(name));
    entry.and_then(|entry| entry.field("Cut")?.int()).and_then(|cut| u64::try_from(cut).ok()).unwrap_or_default()
}

fn field(entry: Cell<'_>, name: &str) -> Option<String> {
    entry.field(name).and_then(plain).filter(|text| !text.is_empty())
}

fn commands(record: Record<'_>, lines: &mut Lines<'_>) -> Result<(), ReportError> {
    let commands = set(record, "Cmds");
    let hidden = text::more(commands.len().saturating_sub(COMMANDS_MAX), cut(record, "Cmds"));
    let room = lines.room(COLUMN);
    let shown = commands.len().min(COMMANDS_MAX);
    for (index, command) in commands.iter().take(COMMANDS_MAX).enumerate() {
        let more = if index + 1 == shown { hidden.as_str() } else { "" };
        let line = format!("{}{more}", text::fit(command, room.saturating_sub(text::width(more))));
        // A command line may hold runs of blanks, which wrapping keeps because it splits at single ones.
        lines.labelled(COLUMN, if index == 0 { "command" } else { "" }, &line, None)?;
    }
    Ok(())
}

fn traffic(record: Record<'_>) -> Vec<String> {
    let direction = record.text("Direction");
    let number = |name: &str| record.int(name).and_then(|n| u64::try_from(n).ok());
    let mut parts: Vec<String> = direction.clone().into_iter().collect();
    let count = number("Count");
    parts.extend(count.map(|n| counted(n, "event", "events")));
    parts.extend(number("FailedCount").filter(|n| *n > 0).map(|n| format!("{} failed", thousands(n))));
    let connections = number("Connections").filter(|n| Some(*n) != count);
    parts.extend(connections.map(|n| counted(n, "connection", "connections")));
    let (remote, local) = (ports(record, "Ports", "port"), ports(record, "LocalPorts", "local port"));
    // Inbound, the remote port is the peer's ephemeral one and says nothing.
    match direction.as_deref().and_then(Direction::of_text) {
        Some(Direction::Outbound) => parts.extend(remote),
        Some(Direction::Inbound) => parts.extend(local),
        Some(Direction::Unknown) | None => parts.extend([remote, local].into_iter().flatten()),
    }
    parts
}

fn ports(record: Record<'_>, name: &str, word: &str) -> Option<String> {
    let ports = record.items(name);
    let shown = ports.get(..ports.len().min(PORTS_MAX)).unwrap_or_default();
    let plural = if ports.len() == 1 { "" } else { "s" };
    let more = text::more(ports.len() - shown.len(), cut(record, name));
    (!ports.is_empty()).then(|| format!("{word}{plural} {}{more}", shown.join(", ")))
}

fn seen(record: Record<'_>) -> Vec<String> {
    let mut parts: Vec<String> = span(record, "FirstSeen", "LastSeen").into_iter().collect();
    let days = record.int("DaysActive").and_then(|days| u64::try_from(days).ok());
    parts.extend(days.filter(|days| *days > 1).map(|days| format!("active on {}", counted(days, "day", "days"))));
    parts
}

/// Two instants to the second, or one where they are the same.
fn span(record: Record<'_>, first: &str, last: &str) -> Option<String> {
    let time = |name: &str| record.text(name).map(|text| Micros::parse(&text).map_or(text, second));
    match (time(first), time(last)) {
        (Some(first), Some(last)) if first == last => Some(first),
        (Some(first), Some(last)) => Some(format!("{first} to {last}")),
        (first, last) => first.or(last),
    }
}

fn intel(record: Record<'_>, hit: Option<&str>) -> Vec<String> {
    let matches = record.structs("TI_Matches");
    let Some(hit) = hit else {
        if matches.is_empty() {
            return Vec::new();
        }
        let names: Vec<String> = matches.iter().filter_map(|entry| field(*entry, "TI_Indicator")).collect();
        return vec![
            "no TI hit".to_owned(),
            format!("listed as tor or benign: {}", text::shorten(&names, 0, ", ", 60)),
        ];
    };
    let mut parts = vec![hit.to_owned()];
    parts.extend(record.text("TI_Type"));
    parts.extend(record.text("TI_Confidence").map(|confidence| format!("confidence {confidence}")));
    parts.extend(record.text("TI_Validity"));
    let own = matches.iter().find(|entry| field(**entry, "TI_Indicator").as_deref() == Some(hit));
    // That an address matched by itself is the ordinary case.
    let place = own.and_then(|entry| field(*entry, "field")).filter(|place| place != "RemoteIP");
    parts.extend(place.map(|place| format!("in {place}")));
    parts.extend(own.and_then(|entry| field(*entry, "port")).map(|port| format!("{port} port")));
    let not_meant = own.and_then(|entry| field(*entry, "to_ids")).is_some_and(|mark| mark == "false");
    parts.extend(not_meant.then(|| "to_ids false".to_owned()));
    parts.extend(own.and_then(|entry| field(*entry, "Source")).map(|source| format!("from {source}")));
    let others =
        u64::try_from(matches.len()).unwrap_or(u64::MAX).saturating_sub(1).saturating_add(cut(record, "TI_Matches"));
    if others > 0 {
        parts.push(format!("+{} more {}", thousands(others), if others == 1 { "indicator" } else { "indicators" }));
    }
    parts
}

fn tor(record: Record<'_>) -> Vec<String> {
    let mut parts: Vec<String> = [record.text("TorRole"), record.text("TorEvidence")].into_iter().flatten().collect();
    parts.extend(span(record, "TorSeenFrom", "TorSeenTo").map(|span| format!("listed {span}")));
    parts
        .extend(record.text(TOR_PORT).map(|port| if port == "not known" { "port not known".to_owned() } else { port }));
    parts
}

/// The level's floor, then what added most. Points that tie keep their order.
fn factors(record: Record<'_>) -> Vec<String> {
    let mut factors: Vec<(i64, String)> = record
        .structs("RiskFactors")
        .into_iter()
        .filter_map(|entry| Some((entry.field("Points")?.int()?, visible(&field(entry, "Factor")?).into_owned())))
        .collect();
    if let Some(added) = factors.get_mut(1..) {
        added.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
    }
    let spell = |(index, (points, name)): (usize, &(i64, String))| match index {
        0 => format!("{name} {points}"),
        _ => format!("{name} {points:+}"),
    };
    let mut spelled: Vec<String> = factors.iter().enumerate().take(FACTORS_MAX).map(spell).collect();
    if let Some(last) = spelled.last_mut() {
        last.push_str(&text::more(factors.len().saturating_sub(FACTORS_MAX), 0));
    }
    spelled
}

fn truncated(record: Record<'_>) -> Vec<String> {
    let sets = record.structs("SetsTruncated");
    let spelled = sets.iter().filter_map(|entry| {
        let number = |name: &str| entry.field(name)?.int().and_then(|n| u64::try_from(n).ok());
        Some(format!(
            "{}: {} kept, {} left out",
            field(*entry, "Set")?,
            thousands(number("Kept")?),
            thousands(number("Cut")?)
        ))
    });
    spelled.collect()
}
