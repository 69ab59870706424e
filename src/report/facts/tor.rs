//! The Tor lists: size, age, and what they held that is no relay.

use super::number::{by_reason, counted, second, thousands};
use super::{Fact, listed};
use crate::model::coverage::{TorFacts, TorSource};

const LABEL: &str = "Tor list";

/// One group of lines per source, then how the lists were matched.
pub(super) fn facts(tor: Option<&TorFacts>) -> Vec<Fact> {
    let Some(tor) = tor else { return vec![Fact::plain(LABEL, "none")] };
    let mut facts: Vec<Fact> = tor.sources.iter().flat_map(source).collect();
    let entries = counted(tor.entries, "distinct entry", "distinct entries");
    let tolerance = minutes(tor.tolerance_minutes);
    facts.push(Fact::plain(
        LABEL,
        format!("{entries} in all; matching {}, tolerance {tolerance}, roles {}", tor.matching, tor.roles),
    ));
    facts.extend(listed(&tor.covered, |span| {
        let (from, to) = (second(span.from), second(span.to));
        Fact::plain(LABEL, format!("covered for {} {}: {from} to {to}", span.family, span.role))
    }));
    if tor.events_left_out > 0 {
        let events = counted(tor.events_left_out, "event", "events");
        facts.push(Fact::plain(LABEL, format!("left out by their time, on a listed address: {events}")));
    }
    facts
}

/// What one source holds, and what of it was not used.
pub(in crate::report) fn source(source: &TorSource) -> Vec<Fact> {
    let addresses = counted(source.addresses, "address", "addresses");
    let prefixes = counted(source.prefixes, "prefix", "prefixes");
    let records = counted(source.records, "record", "records");
    let mut text = format!("{} ({}): {addresses} and {prefixes} of {records}", source.source, source.format);
    if source.files > 1 {
        text.push_str(&format!(" in {}", counted(source.files, "file", "files")));
    }
    if source.duplicates > 0 {
        text.push_str(&format!(", {}", counted(source.duplicates, "repetition", "repetitions")));
    }
    let mut facts = vec![Fact::plain(LABEL, text), Fact::plain(LABEL, times(source))];
    if !source.snapshots_left_out.is_empty() {
        let total: u64 = source.snapshots_left_out.iter().map(|reason| reason.count).sum();
        let reasons = by_reason(&source.snapshots_left_out);
        facts.push(Fact::plain(LABEL, format!("snapshots that are gaps {}: {reasons}", thousands(total))));
    }
    if !source.refused.is_empty() {
        let total: u64 = source.refused.iter().map(|reason| reason.count).sum();
        facts.push(Fact::plain(LABEL, format!("refused {}: {}", thousands(total), by_reason(&source.refused))));
        facts.extend(listed(&source.refused_examples, |example| Fact::plain(LABEL, format!("for example {example}"))));
    }
    facts
}

/// When the relays of a source were seen; of one undated list, how old it is.
fn times(source: &TorSource) -> String {
    let (Some(from), Some(to)) = (source.seen_from, source.seen_to) else { return age(source) };
    let snapshots = counted(source.snapshots, "snapshot", "snapshots");
    let dated = if source.as_of_from.is_empty() { String::new() } else { format!(" (dates by {})", source.as_of_from) };
    let spacing =
        source.spacing_minutes.map_or_else(String::new, |spacing| format!(", about every {}", minutes(spacing)));
    let intervals = counted(source.intervals, "interval", "intervals");
    if from == to {
        return format!("{snapshots} of {}{dated}, {intervals}", second(from));
    }
    format!("{snapshots} from {} to {}{dated}{spacing}; {intervals}", second(from), second(to))
}

fn age(source: &TorSource) -> String {
    let Some(as_of) = source.as_of else { return "no date: its addresses match at any time".to_owned() };
    let from = if source.as_of_from.is_empty() { String::new() } else { format!(" (by {})", source.as_of_from) };
    let distance = match source.days_from_events {
        None => String::new(),
        Some(0) => ", inside the events' period".to_owned(),
        Some(days) => format!(", {} from the events' period", counted(days, "day", "days")),
    };
    format!("undated, of {}{from}{distance}", second(as_of))
}

/// In the largest unit that is whole.
fn minutes(minutes: u64) -> String {
    match minutes {
        whole if whole > 0 && whole.is_multiple_of(24 * 60) => counted(whole / (24 * 60), "day", "days"),
        whole if whole > 0 && whole.is_multiple_of(60) => counted(whole / 60, "hour", "hours"),
        long if long >= 72 * 60 => format!("{}.{} days", long / (24 * 60), long % (24 * 60) * 10 / (24 * 60)),
        other => counted(other, "minute", "minutes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn size_age_and_refusals_are_told_per_source() {
        let coverage = samples::coverage();
        let lines: Vec<String> = facts(coverage.tor.as_ref()).into_iter().map(|fact| fact.text).collect();
        assert_eq!(
            lines,
            [
                "exits.csv (list): 1,234 addresses and 5 prefixes of 1,300 records, 58 repetitions",
                "undated, of 2026-04-19T00:00:00Z (by file time), 12 days from the events' period",
                "refused 3: private range 2, no address 1",
                "for example line 7: 10.0.0.1",
                "1,239 distinct entries in all; matching auto, tolerance 1 day, roles exit",
                "covered for IPv4 exit: 2026-04-19T00:00:00Z to 2026-05-02T00:00:00Z",
                "left out by their time, on a listed address: 4 events",
            ]
        );
        assert_eq!(facts(None)[0].text, "none");
    }
}
