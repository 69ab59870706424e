//! The folder of an archive that is being written: a file is made in a hidden folder of it, and has its name when it is
//! whole.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;

use super::error::SynthError;

/// A folder that was empty or missing.
#[derive(Debug)]
pub(super) struct Place {
    root: PathBuf,
    unfinished: TempDir,
    begun: AtomicU64,
}

impl Place {
    /// Makes it where it is missing.
    pub(super) fn new(root: &Path) -> Result<Self, SynthError> {
        let io = |error| SynthError::io(root, error);
        fs::create_dir_all(root).map_err(io)?;
        if fs::read_dir(root).map_err(io)?.next().is_some() {
            return Err(SynthError::NotEmpty { path: root.to_owned() });
        }
        let unfinished = tempfile::Builder::new().prefix(".coldtrail-").tempdir_in(root).map_err(io)?;
        Ok(Self { root: root.to_owned(), unfinished, begun: AtomicU64::new(0) })
    }

    /// The folder itself.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Where what is not finished lies.
    pub(super) fn unfinished(&self) -> &Path {
        self.unfinished.path()
    }

    /// Begins a file that will have this name, which is relative to the folder.
    pub(super) fn begin(&self, name: &Path) -> Result<(File, Unfinished<'_>), SynthError> {
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        let path = self.unfinished().join(number.to_string());
        let unfinished = Unfinished { place: self, path, target: self.root.join(name) };
        let file = File::create(&unfinished.path).map_err(|error| unfinished.failed(error))?;
        Ok((file, unfinished))
    }

    /// Makes the folders of a file below this one, and never this one itself: whoever took it away does not want it back.
    fn make_folders(&self, target: &Path) -> std::io::Result<()> {
        let below = target.parent().and_then(|folder| folder.strip_prefix(&self.root).ok());
        let mut folder = self.root.clone();
        for part in below.into_iter().flatten() {
            folder.push(part);
            match fs::create_dir(&folder) {
                Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// A file without a name.
#[derive(Debug)]
pub(super) struct Unfinished<'a> {
    place: &'a Place,
    path: PathBuf,
    target: PathBuf,
}

impl Unfinished<'_> {
    /// What the file will be named, for whoever has to tell of it.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    /// Gives the file its name; returns its size in bytes.
    pub(super) fn finish(self) -> Result<u64, SynthError> {
        let named = self.place.make_folders(&self.target).and_then(|()| fs::rename(&self.path, &self.target));
        named.and_then(|()| fs::metadata(&self.target)).map(|meta| meta.len()).map_err(|error| self.failed(error))
    }

    /// The error that names this file.
    pub(super) fn failed(&self, error: std::io::Error) -> SynthError {
        SynthError::io(&self.target, error)
    }
}
