//! Ctrl+C: the run ends at once with 130, and what it had not finished writing is gone.
//!
//! The run's threads are not stopped first, since some of them would take seconds to notice: they go on until the process
//! ends. So none of them may make a file behind the back of whoever clears up. Files and folders are made under a lock
//! that an interruption never gives back, and a folder gets another name before it is emptied.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Outcome, RunError};
use crate::cli::Access;

/// The temporary files of a run, so that an interrupted one can take them away.
#[derive(Clone, Debug, Default)]
pub(super) struct Guard {
    unfinished: Arc<Mutex<Unfinished>>,
    /// How outputs in object stores are reached.
    access: Access,
}

#[derive(Debug, Default)]
struct Unfinished {
    files: Vec<PathBuf>,
    /// Of no use to anybody once the run has ended. Whoever makes folders in them must not make them anew with it.
    folders: Vec<PathBuf>,
}

impl Guard {
    /// How outputs in object stores are reached.
    pub(super) const fn access(&self) -> &Access {
        &self.access
    }

    /// Makes a file and remembers it as unfinished. Once the run is interrupted, this does not return.
    pub(super) fn file<F: AsRef<Path>, E>(&self, make: impl FnOnce() -> Result<F, E>) -> Result<F, E> {
        let mut unfinished = self.lock();
        let made = make()?;
        unfinished.files.push(made.as_ref().to_owned());
        Ok(made)
    }

    /// Makes a folder that must not outlive the run. Once the run is interrupted, this does not return.
    pub(super) fn folder<F: AsRef<Path>, E>(&self, make: impl FnOnce() -> Result<F, E>) -> Result<F, E> {
        let mut unfinished = self.lock();
        let made = make()?;
        unfinished.folders.push(made.as_ref().to_owned());
        Ok(made)
    }

    /// Forgets a file that is finished or already gone.
    pub(super) fn end(&self, path: &Path) {
        self.lock().files.retain(|held| held != path);
    }

    fn lock(&self) -> MutexGuard<'_, Unfinished> {
        self.unfinished.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes everything away, and keeps whoever would make more waiting until the process ends.
    fn clean(&self) {
        let mut unfinished = self.lock();
        for path in unfinished.files.drain(..) {
            let _ = std::fs::remove_file(path);
        }
        for folder in unfinished.folders.drain(..) {
            take_away(&folder);
        }
        std::mem::forget(unfinished);
    }
}

/// Removes a folder in which others may be making files: they name it, and after the first step nothing has that name.
fn take_away(folder: &Path) {
    let mut renamed = folder.as_os_str().to_owned();
    renamed.push(".gone");
    let is_renamed = std::fs::rename(folder, &renamed).is_ok();
    let _ = std::fs::remove_dir_all(if is_renamed { Path::new(&renamed) } else { folder });
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn a_folder_in_which_files_are_being_made_is_gone_for_good() {
        let base = tempfile::tempdir().unwrap();
        let guard = Guard::default();
        let (said, hears) = mpsc::channel();
        let makers: Vec<_> = (0..4)
            .map(|maker| {
                let folder = guard.folder(|| tempfile::tempdir_in(base.path())).unwrap().keep();
                let said = said.clone();
                std::thread::spawn(move || {
                    let mut made = 0;
                    while fs::write(folder.join(format!("{maker}-{made}")), "x").is_ok() {
                        made += 1;
                        let _ = said.send(());
                    }
                })
            })
            .collect();
        (0..50).for_each(|_| hears.recv().unwrap());
        guard.clean();
        makers.into_iter().for_each(|maker| maker.join().unwrap());
        assert_eq!(fs::read_dir(base.path()).unwrap().count(), 0);
    }

    #[test]
    fn nothing_is_made_after_an_interruption() {
        let base = tempfile::tempdir().unwrap();
        let guard = Guard::default();
        let file = guard.file(|| tempfile::NamedTempFile::new_in(base.path())).unwrap();
        guard.clean();
        assert!(!file.path().exists());
        let (made, hears) = mpsc::channel();
        let (late, folder) = (guard, base.path().to_owned());
        std::thread::spawn(move || made.send(late.file(|| tempfile::NamedTempFile::new_in(folder))));
        assert!(hears.recv_timeout(Duration::from_millis(200)).is_err());
        assert_eq!(fs::read_dir(base.path()).unwrap().count(), 0);
    }
}
