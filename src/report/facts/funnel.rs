//! From all events to findings: how much fell away at each step.

use super::number::{counted, thousands};
use crate::model::coverage::Coverage;

/// One step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::report) struct Step {
    /// What is counted.
    pub label: String,
    /// How many.
    pub count: u64,
    /// What belongs beside the number; may be empty.
    pub note: String,
}

/// The steps that the run knows, from the files to the findings.
pub(in crate::report) fn steps(coverage: &Coverage) -> Vec<Step> {
    let funnel = &coverage.funnel;
    let step = |label: &str, count: u64, note: String| Step { label: label.to_owned(), count, note };
    let mut steps = vec![
        step("events in the files", funnel.events_in_files, String::new()),
        step("in the period", funnel.events_in_period, String::new()),
    ];
    if let Some(matched) = funnel.events_matched {
        let label = if funnel.matched_label.is_empty() { "matched by the hunt" } else { &funnel.matched_label };
        steps.push(step(label, matched, String::new()));
    }
    if let Some(left) = funnel.events_after_dedup {
        let note = funnel
            .duplicates_removed
            .map(|n| format!("({} removed)", counted(n, "copy", "copies")))
            .unwrap_or_default();
        steps.push(step("after de-duplication", left, note));
    }
    let levels: Vec<String> =
        funnel.findings_by_level.iter().map(|l| format!("{} {}", l.name, thousands(l.count))).collect();
    let reported = funnel.findings.saturating_sub(funnel.findings_excluded);
    if funnel.findings_excluded > 0 {
        steps.push(step("findings counted", funnel.findings, String::new()));
        steps.push(step("findings excluded", funnel.findings_excluded, "(--exclude)".to_owned()));
    }
    let is_query = coverage.hunt.id == QUERY;
    steps.push(step(if is_query { "rows" } else { "findings" }, reported, levels.join(" · ")));
    steps
}

/// The id under which `coldtrail sql` runs.
pub(in crate::report) const QUERY: &str = "sql";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    fn lines(coverage: &Coverage) -> Vec<String> {
        steps(coverage).iter().map(|s| format!("{} {} {}", s.label, s.count, s.note).trim().to_owned()).collect()
    }

    #[test]
    fn steps_that_the_run_does_not_know_are_left_out() {
        let mut coverage = Coverage::default();
        assert_eq!(lines(&coverage), ["events in the files 0", "in the period 0", "findings 0"]);
        coverage.hunt.id = QUERY.to_owned();
        assert_eq!(lines(&coverage).last().unwrap(), "rows 0");
    }

    #[test]
    fn exclusions_stand_between_counted_and_reported() {
        let mut coverage = samples::coverage();
        coverage.funnel.findings_excluded = 2;
        assert_eq!(
            lines(&coverage)[2..],
            [
                "on the Tor list 31",
                "after de-duplication 22 (9 copies removed)",
                "findings counted 7",
                "findings excluded 2 (--exclude)",
                "findings 5 CRITICAL 1 · HIGH 2 · MEDIUM 3 · LOW 1",
            ]
        );
    }
}
