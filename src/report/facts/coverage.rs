//! The coverage block: what was read, what was not, and what could not be judged.
//!
//! `Coverage.reads` is not in it: it may differ between equal runs, and this text may not.

use super::number::{by_reason, bytes, counted, second, thousands};
use super::{Fact, days, drift, intel, listed, tor};
use crate::model::coverage::{Coverage, ExclusionFacts, FileFacts, PeriodFacts, Unreadable};

/// All lines, in the order in which a reader asks.
pub(in crate::report) fn facts(coverage: &Coverage) -> Vec<Fact> {
    let mut facts = period(&coverage.period);
    facts
        .extend(coverage.hunt.params.iter().map(|(name, value)| Fact::plain("parameter", format!("{name} = {value}"))));
    facts.extend(files(&coverage.files));
    facts.extend(skipped(&coverage.files));
    facts.push(days_missing(&coverage.period));
    facts.extend(drift::facts(&coverage.drift));
    facts.extend(duplicates(coverage));
    facts.push(unreadable(&coverage.unreadable));
    facts.extend(tor::facts(coverage.tor.as_ref()));
    facts.extend(intel::facts(coverage.intel.as_ref()));
    facts.extend(coverage.exclusions.as_ref().map(exclusions).unwrap_or_default());
    facts.extend(warnings(coverage));
    facts
}

/// The sentences that a reader of the findings must know.
pub(in crate::report) fn warnings(coverage: &Coverage) -> Vec<Fact> {
    coverage.warnings.iter().map(|warning| Fact::warning("warning", warning)).collect()
}

/// Inputs that could not be read.
pub(in crate::report) fn skipped(files: &FileFacts) -> Vec<Fact> {
    listed(&files.skipped, |skipped| Fact::warning("skipped", format!("{}: {}", skipped.path, skipped.reason)))
}

fn period(period: &PeriodFacts) -> Vec<Fact> {
    let asked = match (period.from, period.to) {
        (None, None) => "all times".to_owned(),
        (Some(from), None) => format!("from {} on", second(from)),
        (None, Some(to)) => format!("before {}", second(to)),
        (Some(from), Some(to)) => format!("from {} to before {}", second(from), second(to)),
    };
    let mut facts = vec![Fact::plain("period", asked)];
    if let (Some(first), Some(last)) = (period.archive_from, period.archive_to) {
        facts.push(Fact::plain("archive", format!("holds {} to {}", second(first), second(last))));
    }
    facts
}

fn files(files: &FileFacts) -> Vec<Fact> {
    let found = counted(files.found, "file found", "files found");
    let mut facts =
        vec![Fact::plain("files", format!("{} read of {found}, {}", thousands(files.read), bytes(files.found_bytes)))];
    facts.extend(listed(&files.sources, |source| Fact::plain("files", format!("in {source}"))));
    if files.outside_period > 0 {
        facts.push(Fact::plain("files", format!("{} left out: outside the period", thousands(files.outside_period))));
    }
    if !files.other_tables.is_empty() {
        facts.push(Fact::plain(
            "files",
            format!("rows of other tables, passed over: {}", by_reason(&files.other_tables)),
        ));
    }
    if files.pruned_by_path_only > 0 {
        let count = counted(files.pruned_by_path_only, "file has", "files have");
        facts.push(Fact::plain(
            "files",
            format!("{count} times that only a path could prune (INT96, or text that is not UTC)"),
        ));
    }
    if !files.ignored.is_empty() {
        facts.push(Fact::plain("files", format!("ignored by name: {}", by_reason(&files.ignored))));
    }
    facts
}

/// Days without data, or that there is none, or that nobody can know.
pub(in crate::report) fn days_missing(period: &PeriodFacts) -> Fact {
    const LABEL: &str = "days missing";
    let ranges = days::ranges(&period.days_missing);
    if ranges.is_empty() {
        return match period.days_known_from.as_str() {
            "" | "nothing" => Fact::warning(LABEL, "unknown: neither statistics nor paths show times"),
            source => Fact::plain(LABEL, format!("none (known from {source})")),
        };
    }
    let shown: Vec<&str> = ranges.iter().take(super::LINES_MAX).map(String::as_str).collect();
    let more = match ranges.len() - shown.len() {
        0 => String::new(),
        more => format!(" +{more} more (--coverage FILE lists them all)"),
    };
    let total = counted(u64::try_from(period.days_missing.len()).unwrap_or(u64::MAX), "day", "days");
    Fact::warning(LABEL, format!("{total}: {}{more}", shown.join(", ")))
}

fn duplicates(coverage: &Coverage) -> Option<Fact> {
    let removed = coverage.funnel.duplicates_removed?;
    Some(Fact::plain("duplicates", format!("{} of matched events removed", counted(removed, "copy", "copies"))))
}

fn unreadable(unreadable: &Unreadable) -> Fact {
    let Unreadable { addresses, times, ports } = *unreadable;
    let text = if addresses == 0 && times == 0 && ports == 0 {
        "none".to_owned()
    } else {
        format!("RemoteIP {}, time {}, port {}", thousands(addresses), thousands(times), thousands(ports))
    };
    Fact::plain("unreadable", text)
}

fn exclusions(exclusions: &ExclusionFacts) -> Vec<Fact> {
    const LABEL: &str = "exclusions";
    let removed =
        counted(u64::try_from(exclusions.removed.len()).unwrap_or(u64::MAX), "finding removed", "findings removed");
    let mut facts = vec![Fact::plain(LABEL, format!("{}: {removed}", exclusions.file))];
    facts.extend(listed(&exclusions.removed, |removed| {
        let device = removed.device_name.as_deref().unwrap_or("(no device name)");
        let address = removed.remote_ip.as_deref().unwrap_or("(no address)");
        let reason = if removed.reason.is_empty() { "no reason given" } else { &removed.reason };
        Fact::plain(LABEL, format!("line {}: {} {device} {address}: {reason}", removed.line, removed.finding_id))
    }));
    if !exclusions.unmatched_lines.is_empty() {
        let lines: Vec<String> = exclusions.unmatched_lines.iter().map(u64::to_string).collect();
        facts.push(Fact::plain(LABEL, format!("lines that matched nothing: {}", lines.join(", "))));
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::facts::Tone;
    use crate::report::samples;

    #[test]
    fn everything_that_was_not_read_is_said() {
        let facts = facts(&samples::coverage());
        let lines: Vec<String> = facts.iter().map(|fact| format!("{} | {}", fact.label, fact.text)).collect();
        for want in [
            "period | from 2026-05-01T00:00:00Z to before 2026-05-08T00:00:00Z",
            "files | 88 read of 90 files found, 3.0 GiB",
            "files | 1 left out: outside the period",
            "days missing | 4 days: 2026-05-03..2026-05-05 (3 days), 2026-05-07",
            "duplicates | 9 copies of matched events removed",
            "unreadable | RemoteIP 1,200, time 1, port 0",
            "exclusions | lines that matched nothing: 4, 9",
            "warning | the Tor list is 12 days older than the events",
        ] {
            assert!(lines.iter().any(|line| line == want), "{want}\n{}", lines.join("\n"));
        }
        assert!(facts.iter().any(|fact| fact.label == "skipped" && fact.tone == Tone::Warning));
    }

    #[test]
    fn a_long_list_is_counted_not_dumped() {
        let mut coverage = samples::coverage();
        coverage.files.skipped = vec![coverage.files.skipped[0].clone(); 1_025];
        let skipped = skipped(&coverage.files);
        assert_eq!(skipped.len(), 21);
        assert_eq!(skipped[20].text, "+1,005 more (--coverage FILE lists them all)");
    }

    #[test]
    fn days_that_nobody_knows_are_not_none() {
        let period = PeriodFacts { days_known_from: "nothing".into(), ..PeriodFacts::default() };
        assert_eq!(days_missing(&period).tone, Tone::Warning);
        let period = PeriodFacts { days_known_from: "statistics".into(), ..PeriodFacts::default() };
        assert_eq!(days_missing(&period).text, "none (known from statistics)");
    }
}
