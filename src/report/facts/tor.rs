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
    facts.push(Fact::plain(LABEL, format!("{entries} in all; matching {}, roles {}", tor.matching, tor.roles)));
    facts
}

fn source(source: &TorSource) -> Vec<Fact> {
    let addresses = counted(source.addresses, "address", "addresses");
    let prefixes = counted(source.prefixes, "prefix", "prefixes");
    let records = counted(source.records, "record", "records");
    let mut text = format!("{} ({}): {addresses} and {prefixes} of {records}", source.source, source.format);
    if source.duplicates > 0 {
        text.push_str(&format!(", {}", counted(source.duplicates, "repetition", "repetitions")));
    }
    let mut facts = vec![Fact::plain(LABEL, text), Fact::plain(LABEL, age(source))];
    if !source.refused.is_empty() {
        let total: u64 = source.refused.iter().map(|reason| reason.count).sum();
        facts.push(Fact::plain(LABEL, format!("refused {}: {}", thousands(total), by_reason(&source.refused))));
        facts.extend(listed(&source.refused_examples, |example| Fact::plain(LABEL, format!("for example {example}"))));
    }
    facts
}

fn age(source: &TorSource) -> String {
    let Some(as_of) = source.as_of else { return "no date: its addresses match at any time".to_owned() };
    let from = if source.as_of_from.is_empty() { String::new() } else { format!(" (by {})", source.as_of_from) };
    let distance = match source.days_from_events {
        None => String::new(),
        Some(0) => ", inside the events' period".to_owned(),
        Some(days) => format!(", {} from the events' period", counted(days, "day", "days")),
    };
    format!("dated {}{from}{distance}", second(as_of))
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
                "dated 2026-04-19T00:00:00Z (by file name), 12 days from the events' period",
                "refused 3: private range 2, no address 1",
                "for example line 7: 10.0.0.1",
                "1,239 distinct entries in all; matching auto, roles exit",
            ]
        );
        assert_eq!(facts(None)[0].text, "none");
    }
}
