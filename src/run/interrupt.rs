//! Ctrl+C: the run ends at once with 130, and what it had not finished writing is gone.

use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Outcome, RunError};
use crate::cli::Access;

/// The temporary files of a run, so that an interrupted one can take them away.
#[derive(Clone, Debug, Default)]
pub(super) struct Guard {
    unfinished: Arc<Mutex<Vec<PathBuf>>>,
    /// Folders whose hidden `.tmp` files are unfinished.
    folders: Arc<Mutex<Vec<PathBuf>>>,
    /// Folders that are of no use to anybody once the run has ended.
    scratch: Arc<Mutex<Vec<PathBuf>>>,
    /// How outputs in object stores are reached.
    access: Access,
}

impl Guard {
    /// How outputs in object stores are reached.
    pub(super) const fn access(&self) -> &Access {
        &self.access
    }

    /// Remembers a file that is not yet finished.
    pub(super) fn begin(&self, path: &std::path::Path) {
        self.unfinished.lock().unwrap_or_else(PoisonError::into_inner).push(path.to_owned());
    }

    /// Remembers a folder that is being filled with files of temporary names.
    pub(super) fn fills(&self, folder: &std::path::Path) {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner).push(folder.to_owned());
    }

    /// Remembers a folder that must not outlive the run.
    pub(super) fn discards(&self, folder: &std::path::Path) {
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner).push(folder.to_owned());
    }

    /// Forgets a file that is finished or already gone.
    pub(super) fn end(&self, path: &std::path::Path) {
        self.unfinished.lock().unwrap_or_else(PoisonError::into_inner).retain(|held| held != path);
    }

    fn clean(&self) {
        for path in self.unfinished.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = std::fs::remove_file(path);
        }
        for folder in self.folders.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            sweep(&folder);
        }
        for folder in self.scratch.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// Removes what has a temporary name, below a folder that only this run wrote.
fn sweep(folder: &std::path::Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if path.is_dir() {
            sweep(&path);
        } else if name.starts_with('.') && name.ends_with(".tmp") {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Runs the work on its own threads and waits for it or for Ctrl+C.
pub(super) fn guard<F>(threads: usize, access: &Access, work: impl FnOnce(Guard) -> F) -> Result<Outcome, RunError>
where
    F: Future<Output = Result<Outcome, RunError>> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads.max(1))
        .enable_all()
        .build()
        .map_err(|error| RunError::System(format!("cannot start threads: {error}")))?;
    let files = Guard { access: access.clone(), ..Guard::default() };
    let work = work(files.clone());
    let outcome = runtime.block_on(async {
        let work = tokio::spawn(work);
        tokio::select! {
            done = work => done.unwrap_or_else(|error| Err(RunError::System(format!("internal error: {error}")))),
            _ = tokio::signal::ctrl_c() => {
                files.clean();
                Ok(Outcome::Interrupted)
            }
        }
    });
    runtime.shutdown_background();
    outcome
}
