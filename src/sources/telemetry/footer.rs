//! One file's footer, read once and handed on.

use std::sync::Arc;

use object_store::{ObjectStore, ObjectStoreExt as _, path::Path};
use parquet::file::metadata::ParquetMetaData;

use super::reader::StoreReader;

/// Why a file is not read.
#[derive(Debug)]
pub(super) enum Fault {
    /// It does not begin as Parquet does.
    NotParquet,
    /// It should be Parquet and cannot be read.
    Broken(String),
}

impl Fault {
    pub(super) fn reason(self) -> String {
        match self {
            Self::NotParquet => {
                "not a Parquet file; coldtrail hunts Parquet archives of DeviceNetworkEvents".to_owned()
            }
            Self::Broken(reason) => reason,
        }
    }
}

/// Reads the footer without page index.
pub(super) async fn read(store: &Arc<dyn ObjectStore>, path: &Path, size: u64) -> Result<Arc<ParquetMetaData>, Fault> {
    if size == 0 {
        return Err(Fault::Broken("the file has zero bytes; remove it, or fetch it again".to_owned()));
    }
    let head = store.get_range(path, 0..size.min(4)).await.map_err(|error| Fault::Broken(error.to_string()))?;
    if head.as_ref() != b"PAR1" {
        return Err(Fault::NotParquet);
    }
    StoreReader::new(Arc::clone(store), path.clone(), size, Arc::default()).footer().await.map_err(|error| {
        Fault::Broken(format!("its footer cannot be read, the file is truncated or damaged ({error})"))
    })
}
