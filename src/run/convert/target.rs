//! Where a conversion writes: a directory or a place in an object store.
//!
//! Files are complete before they get their name, and no name is used for two contents.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use object_store::ObjectStoreExt as _;
use object_store::path::Path as ObjectPath;

use crate::run::RunError;
use crate::sources::SourceError;
use crate::sources::store::{self, Doing, Place, Store, Stores, Upload};

/// The state's name below the output; `_` keeps it from being read as data.
const STATE: &str = "_coldtrail/convert.json";

/// A directory or a place.
#[derive(Debug)]
pub(super) enum Target {
    Folder(PathBuf),
    Remote(Arc<Store>, Box<Place>),
}

impl Target {
    /// Finds out what was named; a folder is made.
    pub(super) fn new(output: &str, base: &Path, stores: &Stores) -> Result<Self, RunError> {
        match Place::parse(output, stores.options()).map_err(SourceError::from)? {
            Some(place) => Ok(Self::Remote(stores.get(&place).map_err(SourceError::from)?, Box::new(place))),
            None => {
                let folder = base.join(output.strip_prefix("file://").unwrap_or(output));
                std::fs::create_dir_all(folder.join("_coldtrail")).map_err(|error| io(&folder, error))?;
                Ok(Self::Folder(folder))
            }
        }
    }

    /// Where temporary files of this run may lie on the same disk; none for a place in a store.
    pub(super) fn workshop(&self) -> Option<PathBuf> {
        match self {
            Self::Folder(folder) => Some(folder.join("_coldtrail")),
            Self::Remote(..) => None,
        }
    }

    fn key(place: &Place, relative: &str) -> ObjectPath {
        let parts = place.prefix().parts().map(|part| part.as_ref().to_owned());
        ObjectPath::from_iter(parts.chain(relative.split('/').map(str::to_owned)))
    }

    /// The state's text; none before the first run.
    pub(super) async fn read_state(&self) -> Result<Option<Vec<u8>>, RunError> {
        match self {
            Self::Folder(folder) => match std::fs::read(folder.join(STATE)) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(io(&folder.join(STATE), error)),
            },
            Self::Remote(store, place) => match store.get(&Self::key(place, STATE)).await {
                Ok(answer) => {
                    let bytes = answer.bytes().await.map_err(|error| refused(&error, place, Doing::Read))?;
                    Ok(Some(bytes.to_vec()))
                }
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(refused(&error, place, Doing::Read)),
            },
        }
    }

    /// Replaces the state at once; `scratch` is a folder of this run in the [workshop](Self::workshop).
    pub(super) async fn write_state(&self, bytes: Vec<u8>, scratch: &Path) -> Result<(), RunError> {
        match self {
            Self::Folder(folder) => {
                let (path, temporary) = (folder.join(STATE), scratch.join("convert.json"));
                std::fs::write(&temporary, bytes)
                    .and_then(|()| std::fs::rename(&temporary, &path))
                    .map_err(|error| io(&path, error))
            }
            Self::Remote(store, place) => store::put(store, place, &Self::key(place, STATE), bytes.into())
                .await
                .map_err(|error| RunError::Source(error.into())),
        }
    }

    /// Moves a finished file to its name below the output.
    pub(super) async fn place(&self, file: &Path, relative: &str) -> Result<(), RunError> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(relative);
                let parent = path.parent().map_or(Ok(()), std::fs::create_dir_all);
                parent.and_then(|()| std::fs::rename(file, &path)).map_err(|error| io(&path, error))
            }
            Self::Remote(store, place) => Upload::of(file)
                .send(store, place, &Self::key(place, relative))
                .await
                .map(|_| ())
                .map_err(|error| RunError::Source(error.into())),
        }
    }

    /// A file of an earlier run on this machine's disk: itself, or fetched into a folder.
    pub(super) async fn fetched(&self, relative: &str, folder: &Path) -> Result<PathBuf, RunError> {
        match self {
            Self::Folder(output) => Ok(output.join(relative)),
            Self::Remote(store, place) => {
                let path = folder.join(relative.replace('/', "-"));
                let answer = store.get(&Self::key(place, relative)).await;
                let bytes = match answer {
                    Ok(answer) => answer.bytes().await,
                    Err(error) => Err(error),
                };
                let bytes = bytes.map_err(|error| refused(&error, place, Doing::Read))?;
                std::fs::write(&path, &bytes).map_err(|error| io(&path, error))?;
                Ok(path)
            }
        }
    }

    /// Takes a file away; one that is not there is no error.
    pub(super) async fn remove(&self, relative: &str) -> Result<(), RunError> {
        match self {
            Self::Folder(folder) => match std::fs::remove_file(folder.join(relative)) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(io(&folder.join(relative), error)),
                _ => Ok(()),
            },
            Self::Remote(store, place) => store::delete(store, place, &Self::key(place, relative))
                .await
                .map_err(|error| RunError::Source(error.into())),
        }
    }

    /// Every file below the output that a hunt would see.
    pub(super) async fn files(&self, stores: &Stores) -> Result<Vec<String>, RunError> {
        match self {
            Self::Folder(folder) => {
                let listed = crate::sources::location::expand(&folder.to_string_lossy(), folder);
                Ok(listed
                    .map(|listed| listed.files.into_iter().map(|file| file.relative).collect())
                    .unwrap_or_default())
            }
            Self::Remote(_, place) => {
                let store = stores.get(place).map_err(SourceError::from)?;
                let listed = store::list(&store, place, &store::Wanted::ALL).await.map_err(SourceError::from)?;
                Ok(listed.entries.iter().map(|entry| place.relative(&entry.path).to_owned()).collect())
            }
        }
    }
}

fn io(path: &Path, error: std::io::Error) -> RunError {
    RunError::Output { target: path.display().to_string(), error: error.into() }
}

fn refused(error: &object_store::Error, place: &Place, doing: Doing) -> RunError {
    RunError::Source(SourceError::Refused(store::explain(error, place, doing).sentence))
}
