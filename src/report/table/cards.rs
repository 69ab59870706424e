//! Findings as cards: a head line whose parts stand in columns over all findings, and labelled details below it.

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;

use super::details;
use super::lines::{Lines, Piece};
use super::paint::Tint;
use super::text;
use crate::model::{Direction, Severity};
use crate::report::ReportError;
use crate::report::facts::LOW_FOOTNOTE;
use crate::report::hostile::visible;
use crate::report::record::{Record, records};

/// Columns of the longest level.
const LEVEL: usize = 8;

/// A device name cut shorter than this says too little: the address moves to a line of its own.
const DEVICE_MIN: usize = 12;

/// Writes the cards and what belongs to all of them.
pub(super) fn write(schema: &Schema, batches: &[RecordBatch], lines: &mut Lines<'_>) -> Result<(), ReportError> {
    let all = records(schema, batches);
    let heads: Vec<Head> = all.clone().map(Head::of).collect();
    let layout = Layout::of(&heads, lines.width());
    for (index, (record, head)) in all.clone().zip(&heads).enumerate() {
        if index > 0 {
            lines.blank()?;
        }
        head.write(&layout, lines)?;
        details::write(record, head.tint, lines)?;
    }
    lines.blank()?;
    if heads.iter().any(|head| head.starred) {
        lines.paragraph(&format!("* {LOW_FOOTNOTE}"))?;
    }
    for (name, column) in [("ATT&CK tactics", "MITRE_Tactics"), ("ATT&CK techniques", "MITRE_Techniques")] {
        if let Some(text) = same_in_all(all.clone(), column) {
            lines.paragraph(&format!("{name}: {text}"))?;
        }
    }
    lines.paragraph("every column of a finding: --format ndjson, csv or parquet")
}

/// The text of a column that says the same of every finding.
fn same_in_all<'a>(mut all: impl Iterator<Item = Record<'a>>, column: &str) -> Option<String> {
    let first = all.next()?.text(column)?;
    all.all(|record| record.text(column).as_ref() == Some(&first)).then_some(first)
}

/// The head line of a finding.
struct Head {
    starred: bool,
    level: String,
    tint: Option<Tint>,
    score: Option<String>,
    device: String,
    arrow: &'static str,
    address: String,
}

impl Head {
    fn of(record: Record<'_>) -> Self {
        let shown =
            |name: &str, missing: &str| visible(&record.text(name).unwrap_or_else(|| missing.to_owned())).into_owned();
        let word = shown("RiskLevel", "-");
        let severity = Severity::DESCENDING.into_iter().find(|level| level.as_str() == word);
        let starred = severity == Some(Severity::Low) && record.is_accepted_inbound();
        let level = if starred { format!("{word}*") } else { word };
        Self {
            starred,
            level: text::fit(&level, LEVEL),
            tint: severity.map(Tint::Level),
            score: record.int("RiskScore").map(|score| score.to_string()),
            device: shown("DeviceName", "(no device name)"),
            arrow: arrow(record.text("Direction").as_deref().and_then(Direction::of_text)),
            address: shown("RemoteIP", "(no address)"),
        }
    }

    fn write(&self, layout: &Layout, lines: &mut Lines<'_>) -> Result<(), ReportError> {
        let level = text::pad(&self.level, LEVEL + 2);
        let score = layout
            .score
            .map(|room| format!("{:>room$}  ", self.score.as_deref().unwrap_or_default()))
            .unwrap_or_default();
        let device = text::fit(&self.device, layout.device);
        let start: [Piece<'_>; 2] = [(&level, self.tint), (&score, None)];
        if layout.one_line {
            let padded = text::pad(&device, layout.device);
            let address = format!(" {} {}", self.arrow, self.address);
            lines.put(&[start[0], start[1], (&padded, Some(Tint::Strong)), (&address, None)])?;
        } else {
            lines.put(&[start[0], start[1], (&device, Some(Tint::Strong))])?;
            for (index, part) in text::wrap(&self.address, lines.width().saturating_sub(4)).iter().enumerate() {
                let arrow = if index == 0 { self.arrow } else { " " };
                lines.put(&[("  ", None), (arrow, None), (" ", None), (part, None)])?;
            }
        }
        if device == self.device { Ok(()) } else { details::device(&self.device, lines) }
    }
}

const fn arrow(direction: Option<Direction>) -> &'static str {
    match direction {
        Some(Direction::Outbound) => "→",
        Some(Direction::Inbound) => "←",
        Some(Direction::Unknown) | None => "?",
    }
}

/// Columns of the head lines, over all findings.
struct Layout {
    score: Option<usize>,
    device: usize,
    one_line: bool,
}

impl Layout {
    fn of(heads: &[Head], width: usize) -> Self {
        let most = |part: fn(&Head) -> &str| heads.iter().map(|head| text::width(part(head))).max().unwrap_or_default();
        let score = heads.iter().filter_map(|head| head.score.as_ref().map(String::len)).max();
        let used = LEVEL + 2 + score.map_or(0, |room| room + 2);
        let device_most = most(|head| &head.device);
        let beside_address = width.saturating_sub(used + " → ".chars().count() + most(|head| &head.address));
        let one_line = beside_address >= device_most.min(DEVICE_MIN);
        let room = if one_line { beside_address } else { width.saturating_sub(used) };
        Self { score, device: device_most.min(room), one_line }
    }
}
