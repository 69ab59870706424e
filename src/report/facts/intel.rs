//! The indicators: how many were understood, and why the others were not used.

use super::number::{by_reason, counted, thousands};
use super::{Fact, listed};
use crate::model::coverage::{IntelFacts, IntelSource};

const LABEL: &str = "indicators";

/// One group of lines per source, then what of the usable ones is special.
pub(super) fn facts(intel: Option<&IntelFacts>) -> Vec<Fact> {
    let Some(intel) = intel else { return vec![Fact::plain(LABEL, "none: the TI columns are empty")] };
    let mut facts: Vec<Fact> = intel.sources.iter().flat_map(source).collect();
    let mut text = format!("{} usable", thousands(intel.usable));
    for (count, what) in [
        (intel.retired, "retired (match only inside their dates)"),
        (intel.retired_without_end, "retired without an end date (never match)"),
        (intel.tor_only, "that say only tor, anonymization or benign (listed, no TI hit)"),
        (intel.not_to_ids, "not meant for detection by their publisher (to_ids false: they match and earn no points)"),
        (intel.withheld, "whose text --tlp-max withholds"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {} {what}", thousands(count)));
        }
    }
    facts.push(Fact::plain(LABEL, text));
    facts
}

/// What one source holds, and what of it was not used.
fn source(source: &IntelSource) -> Vec<Fact> {
    let records = counted(source.records, "record", "records");
    let text = format!("{} ({}): {} of {records}", source.source, source.format, kept(source));
    let mut facts = vec![Fact::plain(LABEL, text)];
    if !source.ignored.is_empty() {
        facts.push(Fact::plain(LABEL, format!("not used: {}", by_reason(&source.ignored))));
    }
    facts.extend(listed(&source.rejected_examples, |example| Fact::plain(LABEL, format!("for example {example}"))));
    facts
}

/// Every kind that there is one of; nothing at all is said too.
fn kept(source: &IntelSource) -> String {
    let kinds = [
        counted(source.addresses, "address", "addresses"),
        counted(source.prefixes, "prefix", "prefixes"),
        counted(source.domains, "domain", "domains"),
        counted(source.urls, "URL", "URLs"),
    ];
    let counts = [source.addresses, source.prefixes, source.domains, source.urls];
    let present: Vec<String> =
        kinds.into_iter().zip(counts).filter(|(_, count)| *count > 0).map(|(kind, _)| kind).collect();
    if present.is_empty() { "nothing".to_owned() } else { present.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn what_was_not_used_is_counted_by_reason() {
        let coverage = samples::coverage();
        let lines: Vec<String> = facts(coverage.intel.as_ref()).into_iter().map(|fact| fact.text).collect();
        assert_eq!(
            lines,
            [
                "intel.csv (table): 40 addresses, 1 prefix of 60 records",
                "not used: superseded 12, url 7",
                "41 usable, 3 retired (match only inside their dates), 2 that say only tor, anonymization or benign (listed, no TI hit)",
            ]
        );
    }
}
