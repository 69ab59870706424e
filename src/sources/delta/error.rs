//! Why a Delta table cannot be read. Every variant names the table and the remedy.

use deltalake::DeltaTableError;
use thiserror::Error;

/// A Delta table that cannot be read as the files it lists.
#[derive(Debug, Error)]
pub enum DeltaError {
    /// `_delta_log` holds no version.
    #[error(
        "{table}: _delta_log holds neither a commit nor a checkpoint; check the path, it must be the table's folder"
    )]
    NoLog {
        /// As the user named it.
        table: String,
    },
    /// The version is not there, or its commits were cleaned away.
    #[error(
        "{table}: there is no version {wanted}; the latest is {latest}, the oldest that can still be read {oldest}"
    )]
    NoVersion {
        /// As the user named it.
        table: String,
        /// As asked for.
        wanted: u64,
        /// From its commits or a checkpoint.
        oldest: u64,
        /// The table's newest.
        latest: u64,
    },
    /// Rows of a file are marked as deleted beside it.
    #[error(
        "{table}: at version {version}, {file}{others} has rows deleted by a deletion vector, which the file alone would \
         show; rewrite the files (REORG TABLE … APPLY (PURGE)), or name a version before the deletion"
    )]
    DeletionVector {
        /// As the user named it.
        table: String,
        /// The first such file, below the table's root.
        file: String,
        /// How many more, as ` (and 3 other files)`, or nothing.
        others: String,
        /// The version that was read.
        version: u64,
    },
    /// A protocol that a reader must know and this one does not.
    #[error(
        "{table}: its readers must know {feature}, which coldtrail does not; drop the feature (ALTER TABLE … DROP FEATURE) \
         or write a copy without it"
    )]
    Feature {
        /// As the user named it.
        table: String,
        /// `the table feature …` or `a reader version …`.
        feature: String,
    },
    /// A column has another name in the files.
    #[error(
        "{table}: column mapping: its column {column} is called {in_files} in the files; write a copy without column \
         mapping (delta.columnMapping.mode = none)"
    )]
    Renamed {
        /// As the user named it.
        table: String,
        /// The column of the table, with those it lies in.
        column: String,
        /// Its name in the files.
        in_files: String,
    },
    /// The table counts files that lie elsewhere.
    #[error(
        "{table}: its log names {path}, which is not below the table's folder (a shallow clone does that); read the table \
         that it was cloned from, or make a deep clone"
    )]
    Outside {
        /// As the user named it.
        table: String,
        /// As in the log.
        path: String,
    },
    /// The log says something that it cannot say.
    #[error("{table}: the table's log is damaged: {reason}; restore it, or name an earlier version")]
    Damaged {
        /// As the user named it.
        table: String,
        /// What, with the file of the log where it is known.
        reason: String,
    },
    /// The store refused or failed while the log was read.
    #[error("{table}: reading the table's log: {source}")]
    Store {
        /// As the user named it.
        table: String,
        /// For whoever explains errors of stores.
        source: object_store::Error,
    },
}

/// The feature that made the log's reader itself give up, before the protocol could be looked at here.
pub(super) fn feature(error: &DeltaTableError) -> Option<String> {
    let text = reason(error);
    if text.contains("catalog-managed table") {
        return Some("the table feature catalogManaged".into());
    }
    if let Some((_, after)) = text.split_once("inimum reader version ") {
        let number = after.parse::<u32>().map_or_else(|_| "other than 3 with named features".into(), |n| n.to_string());
        return Some(format!("a reader version {number}"));
    }
    let (_, after) = text.split_once("eature '")?;
    let (name, rest) = after.split_once('\'')?;
    rest.starts_with(" is not supported").then(|| format!("the table feature {name}"))
}

/// Whether `_last_checkpoint` names a checkpoint that is not there; the log may be whole all the same.
pub(super) fn is_stale_hint(error: &DeltaTableError) -> bool {
    error.to_string().contains("_last_checkpoint hint")
}

/// What the log's reader says, without the place that it was told, on one line.
pub(super) fn reason(error: &DeltaTableError) -> String {
    let text = error.to_string().replace(super::ROOT, "");
    text.lines().next().unwrap_or_default().trim_end_matches('.').to_owned()
}
