//! `--exclude`: takes findings out of a counted result, and keeps a record of what it took.

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::TimestampMicrosecondType;
use arrow::error::ArrowError;

use crate::model::coverage::{ExclusionFacts, Removed};
use crate::model::exclusion::{Candidate, Exclusion};
use crate::model::{Address, Micros};

/// The findings that stay, and what was removed.
pub(super) fn apply(
    batches: &[RecordBatch],
    lines: &[Exclusion],
    file: &str,
) -> Result<(Vec<RecordBatch>, ExclusionFacts), ArrowError> {
    let mut facts = ExclusionFacts { file: file.to_owned(), ..ExclusionFacts::default() };
    let mut used = vec![false; lines.len()];
    let mut kept = Vec::with_capacity(batches.len());
    for batch in batches {
        let mut keep = Vec::with_capacity(batch.num_rows());
        for row in 0..batch.num_rows() {
            let finding = Finding { batch, row };
            let mut first = None;
            for (line, used) in lines.iter().zip(&mut used) {
                if finding.removed_by(line) {
                    *used = true;
                    first.get_or_insert(line);
                }
            }
            keep.push(first.is_none());
            facts.removed.extend(first.map(|line| finding.record(line)));
        }
        kept.push(filter_record_batch(batch, &BooleanArray::from(keep))?);
    }
    facts.unmatched_lines = lines.iter().zip(&used).filter(|(_, used)| !**used).map(|(line, _)| line.line).collect();
    Ok((kept, facts))
}

/// One row of a result.
struct Finding<'a> {
    batch: &'a RecordBatch,
    row: usize,
}

impl Finding<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        let column = self.batch.column_by_name(name)?.as_string_opt::<i32>()?;
        column.is_valid(self.row).then(|| column.value(self.row))
    }

    fn removed_by(&self, line: &Exclusion) -> bool {
        let processes = self
            .batch
            .column_by_name("Processes")
            .and_then(|column| column.as_list_opt::<i32>())
            .map(|lists| lists.value(self.row));
        let processes: Vec<&str> = processes
            .as_ref()
            .and_then(|p| p.as_string_opt::<i32>())
            .map(|p| p.iter().flatten().collect())
            .unwrap_or_default();
        let last_seen =
            self.batch.column_by_name("LastSeen").and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>());
        line.removes(Candidate {
            device: self.text("DeviceName"),
            address: self.text("RemoteIP").and_then(Address::parse),
            processes: &processes,
            last_seen: last_seen.filter(|times| times.is_valid(self.row)).map(|times| Micros(times.value(self.row))),
        })
    }

    fn record(&self, line: &Exclusion) -> Removed {
        Removed {
            finding_id: self.text("FindingId").unwrap_or_default().to_owned(),
            device_name: self.text("DeviceName").map(str::to_owned),
            remote_ip: self.text("RemoteIP").map(str::to_owned),
            line: line.line,
            reason: line.reason.clone(),
        }
    }
}
