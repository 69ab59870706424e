//! Where the small inputs of a run may lie: below a directory, on the web, and in the run's object stores.

use std::path::Path;

use tempfile::TempDir;

use super::store::Stores;

/// From where sources are looked for.
#[derive(Clone, Copy)]
pub struct Reach<'a> {
    /// Where relative paths begin.
    pub base: &'a Path,
    /// The run's object stores; without them, a source in one is refused.
    pub stores: Option<&'a Stores>,
    /// Makes a folder for what has to be fetched, which goes when nobody reads it any more.
    pub folder: &'a (dyn Fn() -> std::io::Result<TempDir> + Sync),
}

impl<'a> From<&'a Path> for Reach<'a> {
    fn from(base: &'a Path) -> Self {
        Self { base, stores: None, folder: &TempDir::new }
    }
}

impl<'a> From<&'a std::path::PathBuf> for Reach<'a> {
    fn from(base: &'a std::path::PathBuf) -> Self {
        Self { base, stores: None, folder: &TempDir::new }
    }
}
