//! Whether a file is Parquet, and its footer, read once and handed on.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataOptions, ParquetStatisticsPolicy};

use super::object::{Object, ObjectError};
use super::reader::StoreReader;
use super::times;

/// Bytes of a file's start that tell what it is.
const HEAD_BYTES: u64 = 256 << 10;

/// Why a file is not read.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is nothing that coldtrail reads; in a folder such files are counted and passed over.
    Stranger(String),
    /// It should be telemetry and cannot be read.
    Broken(String),
}

impl Fault {
    pub(super) fn reason(self) -> String {
        match self {
            Self::Stranger(reason) | Self::Broken(reason) => reason,
        }
    }

    /// What the store said.
    pub(super) fn of_store(error: &ObjectError) -> Self {
        Self::Broken(error.sentence.clone())
    }
}

/// What a file is by its first bytes.
#[derive(Debug)]
pub(super) enum Nature {
    /// Parquet.
    Parquet,
    /// Something else, with its head.
    Other(Bytes),
}

/// Looks at a file. One that is named Parquet is not looked at: its footer will tell, one round trip earlier.
pub(super) async fn nature(object: &Object, display: &str) -> Result<Nature, Fault> {
    if object.size == 0 {
        return Err(Fault::Broken("the file has zero bytes; remove it, or fetch it again".to_owned()));
    }
    if is_named_parquet(display) {
        return Ok(Nature::Parquet);
    }
    let head = object.range(0..object.size.min(HEAD_BYTES)).await.map_err(|error| Fault::of_store(&error))?;
    Ok(if head.starts_with(b"PAR1") || head.starts_with(b"PARE") { Nature::Parquet } else { Nature::Other(head) })
}

pub(super) fn is_named_parquet(name: &str) -> bool {
    let name = name.to_lowercase();
    [".parquet", ".parq", ".pq"].iter().any(|ending| name.ends_with(ending))
}

/// A footer, without page index.
pub(super) struct Footer {
    pub(super) metadata: Arc<ParquetMetaData>,
    /// Of its bytes, where it was asked for.
    pub(super) sha256: Option<[u8; 32]>,
}

/// Reads the footers of an archive.
///
/// Of their statistics none but those of times are used, and taking all of them over is much of what a footer costs. Which
/// columns these are the schema tells, in the same bytes. Files of one writer have them in the same places, so a footer is
/// read with those that the ones before had, and is read again where its file has others.
#[derive(Debug, Default)]
pub(super) struct Footers {
    is_hashed: bool,
    /// The leaves of times of the files so far; none before the first.
    times: Mutex<Option<HashSet<usize>>>,
}

impl Footers {
    /// Reads them, with their hash if `is_hashed`.
    pub(super) fn new(is_hashed: bool) -> Self {
        Self { is_hashed, times: Mutex::default() }
    }

    /// The footer of a file.
    pub(super) async fn read(&self, object: &Arc<Object>) -> Result<Footer, Fault> {
        match self.attempt(object).await {
            Ok(footer) => Ok(footer),
            Err(error) if ObjectError::find(&error).is_some() => {
                Err(ObjectError::find(&error).map_or_else(|| Fault::Broken(error.to_string()), Fault::of_store))
            }
            Err(error) => {
                // Only now is it worth a look whether this is Parquet at all.
                let head = object.range(0..object.size.min(4)).await.map_err(|error| Fault::of_store(&error))?;
                Err(Fault::Broken(match head.as_ref() {
                    b"PAR1" => format!("its footer cannot be read, the file is truncated or damaged ({error})"),
                    b"PARE" => "its footer is encrypted, and coldtrail has no keys".to_owned(),
                    _ => "not a Parquet file, in spite of its name".to_owned(),
                }))
            }
        }
    }

    async fn attempt(&self, object: &Arc<Object>) -> Result<Footer, ParquetError> {
        let bytes = StoreReader::new(Arc::clone(object), Arc::default()).footer_bytes().await?;
        let known = self.times.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut metadata = bytes.decode(with_statistics_of(known.as_ref()))?;
        let times = times::leaves(&metadata);
        if known.as_ref().is_none_or(|known| !times.is_subset(known)) {
            let mut all = self.times.lock().unwrap_or_else(PoisonError::into_inner);
            all.get_or_insert_default().extend(&times);
        }
        if known.is_some_and(|known| !times.is_subset(&known)) {
            metadata = bytes.decode(with_statistics_of(Some(&times)))?;
        }
        Ok(Footer { metadata: Arc::new(metadata), sha256: self.is_hashed.then(|| bytes.sha256()) })
    }
}

/// Reads the statistics of these leaves, or all.
fn with_statistics_of(leaves: Option<&HashSet<usize>>) -> ParquetMetaDataOptions {
    let policy = leaves.map(|leaves| ParquetStatisticsPolicy::skip_except(&leaves.iter().copied().collect::<Vec<_>>()));
    ParquetMetaDataOptions::new()
        .with_column_stats_policy(policy.unwrap_or_default())
        .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
    use parquet::arrow::ArrowWriter;
    use sha2::{Digest as _, Sha256};
    use tempfile::TempDir;

    use super::super::columns;
    use super::super::dataset::open_folder;
    use super::*;

    fn write(path: &Path, columns: &[&str]) {
        let array = |name: &str| -> ArrayRef {
            match columns::may_be_time(name) {
                true => Arc::new(TimestampMicrosecondArray::from(vec![1_784_369_101_000_000])),
                false => Arc::new(StringArray::from(vec!["198.51.100.7"])),
            }
        };
        let batch = RecordBatch::try_from_iter(columns.iter().map(|name| (*name, array(name)))).unwrap();
        let mut writer = ArrowWriter::try_new(fs::File::create(path).unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }

    #[tokio::test]
    async fn times_are_seen_wherever_a_file_has_them() {
        let folder = TempDir::new().unwrap();
        let files: [(&str, &[&str]); 4] = [
            ("a.parquet", &["Timestamp", "RemoteIP", "DeviceName"]),
            ("b.parquet", &["RemoteIP", "DeviceName", "Timestamp"]),
            ("c.parquet", &["DeviceName", "TimeGenerated", "RemoteIP", "Timestamp"]),
            ("d.parquet", &["Timestamp", "RemoteIP", "DeviceName"]),
        ];
        files.iter().for_each(|(name, columns)| write(&folder.path().join(name), columns));
        let dataset = open_folder(folder.path()).await;
        let footers = Footers::new(true);
        for ((name, columns), file) in files.iter().zip(&dataset.files) {
            assert!(file.display.ends_with(name) && !file.has_no_time_statistics() && file.footer_sha256.is_none());
            // One after the other, so that each but the first is read with what the ones before had.
            let Footer { metadata, sha256 } = footers.read(&file.object).await.unwrap();
            for (leaf, column) in columns.iter().enumerate() {
                let has_statistics = metadata.row_group(0).column(leaf).statistics().is_some();
                assert!(has_statistics || !columns::may_be_time(column), "{name} {column}");
            }
            let bytes = fs::read(folder.path().join(name)).unwrap();
            let (rest, end) = bytes.split_at(bytes.len() - 8);
            let length = u32::from_le_bytes(*end.first_chunk().unwrap()) as usize;
            let footer = &rest[rest.len() - length..];
            assert_eq!(sha256, Some(Sha256::digest(footer).into()));
        }
    }
}
