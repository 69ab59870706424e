//! How files differ, one line for all columns that differ in the same way: an export that gained five columns on one day
//! changed once, not five times.

use std::collections::BTreeMap;

use super::number::counted;
use super::{Fact, listed};
use crate::model::coverage::Drift;

/// The lines.
pub(in crate::report) fn facts(all: &[Drift]) -> Vec<Fact> {
    let mut forms: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for drift in all {
        forms.entry(&drift.column).or_default().push(form(drift));
    }
    let mut columns: BTreeMap<Vec<String>, Vec<&str>> = BTreeMap::new();
    for (column, forms) in forms {
        columns.entry(forms).or_default().push(column);
    }
    let mut lines: Vec<(Vec<&str>, String)> =
        columns.into_iter().map(|(forms, columns)| (columns, forms.join("; "))).collect();
    lines.sort();
    listed(&lines, |(columns, forms)| Fact::plain("drift", format!("{}: {forms}", columns.join(", "))))
}

fn form(drift: &Drift) -> String {
    let since = drift.since.map(|time| format!(" since {}", time.date())).unwrap_or_default();
    format!("{} in {}{since}", drift.form, counted(drift.files, "file", "files"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_change_alike_share_a_line() {
        let drift =
            |column: &str, form: &str| Drift { column: column.into(), form: form.into(), files: 2, ..Drift::default() };
        let all = [
            drift("LocalPort", "text"),
            drift("RemotePort", "text"),
            drift("Timestamp", "INT96"),
            drift("Timestamp", "ISO text"),
        ];
        let lines: Vec<String> = facts(&all).iter().map(|fact| fact.text.clone()).collect();
        assert_eq!(
            lines,
            ["LocalPort, RemotePort: text in 2 files", "Timestamp: INT96 in 2 files; ISO text in 2 files"]
        );
    }
}
