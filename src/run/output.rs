//! Output files appear whole or not at all: written beside their target under a temporary name, then renamed.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::NamedTempFile;

use super::interrupt::Guard;
use super::{RunError, access};
use crate::report::ReportError;
use crate::sources::SourceError;
use crate::sources::store::{self, Upload};

/// A file that is being written.
pub(super) struct Pending {
    target: PathBuf,
    shown: String,
    guard: Guard,
    place: Place,
    /// What the system refused first: some writers hand on only its text.
    refused: Arc<Mutex<Option<std::io::Error>>>,
}

/// A writer that remembers what the system refused first.
struct Remembering {
    file: File,
    refused: Arc<Mutex<Option<std::io::Error>>>,
}

impl Remembering {
    fn remember<T>(&self, done: std::io::Result<T>) -> std::io::Result<T> {
        if let Err(error) = &done {
            let copy = error.raw_os_error().map_or_else(|| error.kind().into(), std::io::Error::from_raw_os_error);
            self.refused.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(copy);
        }
        done
    }
}

impl Write for Remembering {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let done = self.file.write(bytes);
        self.remember(done)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let done = self.file.flush();
        self.remember(done)
    }
}

enum Place {
    /// Beside the target, to be renamed.
    Temporary(NamedTempFile),
    /// A pipe or a device, which cannot be renamed over.
    Direct(File),
    /// On this machine's disk first, then an object of a store, whole.
    Upload(NamedTempFile),
}

impl Pending {
    /// Begins a file; `path` as typed, relative to `base`.
    pub(super) fn create(path: &Path, base: &Path, guard: &Guard) -> Result<Self, RunError> {
        let target = base.join(path);
        let shown = path.display().to_string();
        let fail = |error: std::io::Error| RunError::Output { target: shown.clone(), error: error.into() };
        let place = if shown.contains("://") {
            Place::Upload(guard.file(NamedTempFile::new).map_err(fail)?)
        } else if std::fs::metadata(&target).is_ok_and(|meta| !meta.is_file()) {
            Place::Direct(OpenOptions::new().write(true).open(&target).map_err(fail)?)
        } else {
            let folder = target.parent().unwrap_or(base);
            Place::Temporary(guard.file(|| temporary(folder)).map_err(fail)?)
        };
        Ok(Self { target, shown, guard: guard.clone(), place, refused: Arc::default() })
    }

    /// A handle to write through.
    pub(super) fn writer(&self) -> Result<Box<dyn Write + Send>, RunError> {
        let file = match &self.place {
            Place::Temporary(file) | Place::Upload(file) => file.as_file().try_clone(),
            Place::Direct(file) => file.try_clone(),
        };
        let file = file.map_err(|error| self.failed(error.into()))?;
        Ok(Box::new(Remembering { file, refused: Arc::clone(&self.refused) }))
    }

    /// Puts the file in its place.
    pub(super) fn finish(self) -> Result<(), RunError> {
        let file = match self.place {
            Place::Temporary(file) => file,
            Place::Direct(_) => return Ok(()),
            Place::Upload(file) => {
                let done = upload(file.path(), &self.shown, &self.guard);
                self.guard.end(file.path());
                return done;
            }
        };
        let temporary = file.path().to_owned();
        let done = file.persist(&self.target).map(|_| ());
        self.guard.end(&temporary);
        done.map_err(|error| RunError::Output { target: self.shown, error: error.error.into() })
    }

    /// An error that names this file.
    pub(super) fn failed(&self, error: ReportError) -> RunError {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner).take();
        RunError::Output { target: self.shown.clone(), error: refused.map_or(error, ReportError::from) }
    }
}

#[cfg(unix)]
fn temporary(folder: &Path) -> std::io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt as _;
    // As any new file: the process's umask takes away from these.
    let permissions = std::fs::Permissions::from_mode(0o666);
    tempfile::Builder::new().prefix(".coldtrail-").permissions(permissions).tempfile_in(folder)
}

#[cfg(not(unix))]
fn temporary(folder: &Path) -> std::io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(".coldtrail-").tempfile_in(folder)
}

/// Stores a finished file as an object.
fn upload(file: &Path, url: &str, guard: &Guard) -> Result<(), RunError> {
    let stores = access::stores(guard.access());
    let send = async {
        let place = store::Place::parse(url, stores.options())?;
        let Some(place) = place else {
            let reason = "not a URL that can be written to; name a file or s3://, az:// or abfss://".to_owned();
            return Err(SourceError::Unreadable { path: url.to_owned(), reason });
        };
        let store = stores.get(&place)?;
        Ok(Upload::of(file).send(&store, &place, place.prefix()).await.map(|_| ())?)
    };
    // A thread of its own: the caller may itself be at work for a runtime, which cannot wait for another one.
    let sent = std::thread::scope(|scope| {
        let work = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map_err(|error| SourceError::Io { path: url.to_owned(), source: error })?.block_on(send)
        });
        let lost = || SourceError::Unreadable { path: url.to_owned(), reason: "the upload gave up".to_owned() };
        work.join().unwrap_or_else(|_| Err(lost()))
    });
    sent.map_err(RunError::Source)
}

/// Writes a whole file.
pub(super) fn write_file(
    path: &Path,
    base: &Path,
    guard: &Guard,
    write: impl FnOnce(&mut (dyn Write + Send)) -> Result<(), ReportError>,
) -> Result<(), RunError> {
    let pending = Pending::create(path, base, guard)?;
    let mut writer = pending.writer()?;
    write(&mut *writer).map_err(|error| pending.failed(error))?;
    drop(writer);
    pending.finish()
}
