//! Whether a file is Parquet, and its footer, read once and handed on.

use std::sync::Arc;

use bytes::Bytes;
use parquet::file::metadata::ParquetMetaData;

use super::object::{Object, ObjectError};
use super::reader::StoreReader;

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
    Ok(if head.starts_with(b"PAR1") { Nature::Parquet } else { Nature::Other(head) })
}

pub(super) fn is_named_parquet(name: &str) -> bool {
    let name = name.to_lowercase();
    [".parquet", ".parq", ".pq"].iter().any(|ending| name.ends_with(ending))
}

/// Reads the footer without page index.
pub(super) async fn read(object: &Arc<Object>) -> Result<Arc<ParquetMetaData>, Fault> {
    let mut reader = StoreReader::new(Arc::clone(object), Arc::default());
    match reader.footer().await {
        Ok(footer) => Ok(footer),
        Err(error) if ObjectError::find(&error).is_some() => {
            Err(ObjectError::find(&error).map_or_else(|| Fault::Broken(error.to_string()), Fault::of_store))
        }
        Err(error) => {
            // Only now is it worth a look whether this is Parquet at all.
            let head = object.range(0..object.size.min(4)).await.map_err(|error| Fault::of_store(&error))?;
            Err(if head.as_ref() == b"PAR1" {
                Fault::Broken(format!("its footer cannot be read, the file is truncated or damaged ({error})"))
            } else {
                Fault::Broken("not a Parquet file, in spite of its name".to_owned())
            })
        }
    }
}
