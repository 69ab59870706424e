//! What one scan of an archive reads: the pieces of its files that the period touches, and how.

use std::sync::Arc;

use crate::model::Period;
use crate::model::bad_input::OnBadInput;
use crate::model::strategy::Strategy;
use crate::sources::telemetry::{DataFile, Dataset, Place};

use super::indexed::FileIndex;
use super::rejects::Rejects;
use super::tally::ScanTally;

/// Rows of one piece, so that a single large file is still read by every thread.
const PIECE_ROWS: u64 = 1 << 20;

/// Everything that a scan needs beside the query.
#[derive(Debug)]
pub(super) struct ScanSpec {
    pub(super) period: Period,
    pub(super) on_bad: OnBadInput,
    pub(super) tally: Arc<ScanTally>,
    /// How listed rows are found.
    pub(super) strategy: Strategy,
    /// Whether files may have an index.
    pub(super) has_index: bool,
    /// Whether pages are counted, which costs a look at each file's page index.
    pub(super) counts_pages: bool,
    /// Takes what is no event; a hunt only counts it.
    pub(super) rejects: Option<Arc<dyn Rejects>>,
}

impl ScanSpec {
    pub(super) fn keep_going(&self) -> bool {
        self.on_bad == OnBadInput::Skip
    }
}

/// Some row groups of a Parquet file, or a whole text export.
#[derive(Debug, Clone)]
pub(super) struct EventPiece {
    pub(super) file: Arc<DataFile>,
    /// Row groups by number, none of them outside the period.
    pub(super) row_groups: Vec<(usize, Place)>,
    /// The piece's share of the file's bytes.
    pub(super) size: u64,
    /// Where the file's index may be.
    pub(super) index: Option<Arc<FileIndex>>,
}

/// The pieces of an archive that may hold rows of the period, in the order of its files.
pub(super) fn pieces(dataset: &Dataset, period: Period) -> Vec<EventPiece> {
    let mut pieces = Vec::new();
    for file in &dataset.files {
        if file.is_text() {
            pieces.push(EventPiece {
                file: Arc::clone(file),
                row_groups: Vec::new(),
                size: file.object.size,
                index: None,
            });
            continue;
        }
        let mut open: Vec<(usize, Place)> = Vec::new();
        let mut rows = 0;
        for (at, group) in file.row_groups.iter().enumerate() {
            let place = group.place(period);
            if place == Place::Outside || group.rows == 0 {
                continue;
            }
            if rows > 0 && rows + group.rows > PIECE_ROWS {
                pieces.push(piece(file, std::mem::take(&mut open)));
                rows = 0;
            }
            open.push((at, place));
            rows += group.rows;
        }
        if !open.is_empty() {
            pieces.push(piece(file, open));
        }
    }
    pieces
}

fn piece(file: &Arc<DataFile>, row_groups: Vec<(usize, Place)>) -> EventPiece {
    let groups = u64::try_from(row_groups.len()).unwrap_or(1);
    let all = u64::try_from(file.row_groups.len()).unwrap_or(1).max(1);
    EventPiece { file: Arc::clone(file), row_groups, size: file.object.size * groups / all, index: None }
}
