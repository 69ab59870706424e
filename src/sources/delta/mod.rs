//! Delta tables: which files count, by the table's log.
//!
//! A table's folder also holds files that were replaced or never committed; only the log says which rows are the
//! table's. The log is read here, through the run's own stores, and nothing else: data files are neither opened nor
//! listed, their schema, statistics and rows are for those that read any other Parquet. What a reader of plain files
//! cannot honour (deletion vectors, renamed columns, files elsewhere) is refused, never approximated.

mod damage;
mod error;
mod features;
mod files;
mod held;
mod log_store;
mod versions;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use deltalake::DeltaTableError;
use deltalake::kernel::Snapshot as Replayed;
use deltalake::logstore::{LogStore, StorageConfig, logstore_with};
use futures::TryStreamExt as _;
use object_store::ObjectStore;
use object_store::path::Path;
use url::Url;

use self::log_store::LogFiles;
use crate::model::Micros;

pub use self::error::DeltaError;

/// A table at one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The version that was read.
    pub version: u64,
    /// The files whose rows are the table's, by path.
    pub files: Vec<DeltaFile>,
}

/// A file of a table, as the log describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeltaFile {
    /// Where it lies in the store.
    pub path: Path,
    /// Its path below the table's root, as in the store: the log's percent-encoding is undone, the `%3A` of a hive part
    /// is not.
    pub relative: String,
    /// Bytes.
    pub size: u64,
    /// When it was written.
    pub modified: Micros,
    /// One per partition column, in the table's order. The log's own text, unescaped (a date is `2026-07-18`, a time
    /// `2026-07-18 14:00:00` or ISO 8601); `None` is null. These columns need be neither in the path nor in the file.
    pub partition_values: Vec<(String, Option<String>)>,
}

/// The root of a table as its log's reader sees it: every table lies at the root of its own little store, so that no
/// character of the real path can be misread. The scheme is one that the reader knows and takes for remote.
const ROOT: &str = "memory:///";

/// Reads a table's log: the files of a version, or of the latest. `shown` is the table as the user named it.
///
/// # Errors
/// No table or no such version there, a log that cannot be read, or a table that needs more than reading the files it
/// lists.
pub async fn snapshot(
    store: Arc<dyn ObjectStore>,
    root: &Path,
    shown: &str,
    version: Option<u64>,
) -> Result<Snapshot, DeltaError> {
    let mut log = Arc::new(LogFiles::new(store, root.clone()));
    let mut read = replay(&log, root, shown, version).await;
    if let Err(Failure::Theirs(error)) = &read
        && error::is_stale_hint(error)
    {
        log = Arc::new(log.without_hint());
        read = replay(&log, root, shown, version).await;
    }
    match read {
        Ok(snapshot) => match log.empty_commit(snapshot.version) {
            Some(commit) => Err(DeltaError::Damaged {
                table: shown.into(),
                reason: format!("{} is empty", versions::commit(commit)),
            }),
            None => Ok(snapshot),
        },
        Err(Failure::Ours(error)) => Err(error),
        Err(Failure::Theirs(error)) => Err(explained(&log, shown, version, &error).await),
    }
}

/// Who says that it cannot be read.
enum Failure {
    /// The rules of this room.
    Ours(DeltaError),
    /// The log's reader, whose messages name neither the table nor the file.
    Theirs(DeltaTableError),
}

impl From<DeltaError> for Failure {
    fn from(error: DeltaError) -> Self {
        Self::Ours(error)
    }
}

impl From<DeltaTableError> for Failure {
    fn from(error: DeltaTableError) -> Self {
        Self::Theirs(error)
    }
}

async fn replay(log: &Arc<LogFiles>, root: &Path, shown: &str, version: Option<u64>) -> Result<Snapshot, Failure> {
    let location = Url::parse(ROOT).map_err(|error| DeltaTableError::InvalidTableLocation(error.to_string()))?;
    let store: Arc<dyn ObjectStore> = Arc::<LogFiles>::clone(log);
    let log_store = logstore_with(store, &location, StorageConfig::default())?;
    let replayed = Replayed::try_new(&log_store as &dyn LogStore, version).await?;
    features::check(&replayed, shown)?;
    let columns = replayed.metadata().partition_columns().to_vec();
    let at = files::Table { root, shown, columns: &columns };
    let mut listed = Vec::new();
    let mut views = replayed.file_views(&log_store, None);
    while let Some(view) = views.try_next().await? {
        listed.push(at.file(&view)?);
    }
    Ok(Snapshot { version: replayed.version(), files: files::whole(listed, shown, replayed.version())? })
}

/// What a failure of the log's reader means: the store's own error, a version that is not there, or damage.
async fn explained(log: &LogFiles, shown: &str, version: Option<u64>, error: &DeltaTableError) -> DeltaError {
    let table = || shown.to_owned();
    if let Some(source) = log.failure() {
        return DeltaError::Store { table: table(), source };
    }
    if let Some(feature) = error::feature(error) {
        return DeltaError::Feature { table: table(), feature };
    }
    let present = match versions::present(log).await {
        Ok(present) => present,
        Err(source) => return DeltaError::Store { table: table(), source },
    };
    let Some(latest) = present.latest() else { return DeltaError::NoLog { table: table() } };
    match version {
        Some(wanted) if wanted > latest || wanted < present.oldest() => {
            DeltaError::NoVersion { table: table(), wanted, oldest: present.oldest(), latest }
        }
        _ => {
            let found = damage::find(log, &present, version.unwrap_or(latest)).await;
            let reason = found.unwrap_or_else(|| error::reason(error));
            DeltaError::Damaged { table: table(), reason }
        }
    }
}
