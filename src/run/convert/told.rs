//! What a conversion did, in its last words.

use std::collections::BTreeSet;

use super::state::Totals;
use crate::model::coverage::Skipped;

/// What a run did, for its last words.
#[derive(Default)]
pub(super) struct Told {
    pub(super) totals: Totals,
    pub(super) inputs: u64,
    pub(super) input_bytes: u64,
    pub(super) done_before: u64,
    pub(super) grown: u64,
    pub(super) files: u64,
    pub(super) bytes: u64,
    pub(super) days: BTreeSet<String>,
    pub(super) rejects: Vec<String>,
    pub(super) first_reject: Option<String>,
    pub(super) unfinished: Vec<String>,
    pub(super) skipped: Vec<Skipped>,
}

impl Told {
    /// The sum of records, what is left over, and the command that hunts in what was written.
    pub(super) fn last_words(&self, output: &str) -> String {
        let output = output.trim_end_matches('/');
        let Totals { records, events, copies, rejects, other_tables } = self.totals;
        let mut lines = vec![format!(
            "read {} ({} bytes); {} had been converted before{}",
            counted(self.inputs, "file", "files"),
            self.input_bytes,
            self.done_before,
            if self.grown > 0 { format!(", {} grew since", self.grown) } else { String::new() },
        )];
        lines.push(format!(
            "{} in = {} + {} + {}",
            counted(records, "record", "records"),
            counted(events, "event", "events"),
            counted(copies, "copy", "copies"),
            counted(rejects, "reject", "rejects"),
        ));
        if other_tables > 0 {
            lines.push(format!(
                "passed over: {}",
                counted(other_tables, "row of another table", "rows of other tables")
            ));
        }
        if let Some(first) = self.unfinished.first() {
            lines.push(format!(
                "{} in a record that is not finished and waits for the next run (such as {first})",
                counted(self.unfinished.len() as u64, "file ends", "files end")
            ));
        }
        if let (Some(file), Some(first)) = (self.rejects.first(), &self.first_reject) {
            lines.push(format!("rejected records are in {output}/{file}; the first: {first}"));
        }
        lines.push(format!(
            "wrote {} ({} bytes) of {}\nhunt in them with\n  coldtrail hunt --events {output} --tor tor.csv",
            counted(self.files, "file", "files"),
            self.bytes,
            counted(self.days.len() as u64, "day", "days")
        ));
        lines.join("\n")
    }
}

fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
