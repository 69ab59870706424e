//! What the user named becomes a list of files.
//!
//! A source is a file, a directory (read recursively), a glob or a `file://` URL. Names that begin with `.` or `_`
//! below the named place are no data by convention and are counted, never read. Nothing here opens a file or judges
//! its format; the same files come out in the same order whatever the file system's own order is.

mod pattern;
mod remote_place;
mod walk;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use self::pattern::Pattern;
pub(in crate::sources) use self::remote_place::list_remote;
use self::walk::{KeepFolder, Walk};
use super::remote::{self, Keep};
use super::store::{Place, Scheme, percent_decoded};
use super::{Reach, SourceError};
use crate::model::Micros;
use crate::model::coverage::Counted;

/// The files behind one source.
#[derive(Clone, Debug)]
pub struct Expansion {
    /// As the user named it.
    pub source: String,
    /// Sorted by `relative`, byte for byte.
    pub files: Vec<FileRef>,
    /// Paths left out by their name or nature, by rule.
    pub ignored: Vec<Counted>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRef {
    /// Where it is.
    pub path: PathBuf,
    /// As the user would type it.
    pub display: String,
    /// Its path below the named directory or the fixed part of a glob, with `/` between parts. Hive parts (`k=v`) that
    /// end the named place itself are part of it, so that naming one partition hides no partition column.
    pub relative: String,
    /// Bytes.
    pub size: u64,
    /// Last change.
    pub modified: Micros,
    /// Keeps a fetched file where it is.
    pub keep: Option<Keep>,
}

impl FileRef {
    /// A file that was fetched from a URL, now.
    pub(super) fn fetched(path: PathBuf, url: &str, size: u64, keep: Keep) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let metadata = fs::metadata(&path).ok();
        Self { size, keep: Some(keep), ..Self::new(path, url.into(), name, metadata.as_ref()) }
    }

    /// A link that leads nowhere is listed with size 0, so that reading it fails by the run's own rule.
    fn new(path: PathBuf, display: String, relative: String, metadata: Option<&Metadata>) -> Self {
        let modified = metadata.and_then(|m| m.modified().ok()).and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let micros = modified.and_then(|since| i64::try_from(since.as_micros()).ok()).unwrap_or(0);
        Self { path, display, relative, size: metadata.map_or(0, Metadata::len), modified: Micros(micros), keep: None }
    }
}

/// Finds the files of a source; relative names are resolved against `base`. A path that exists wins over its reading
/// as a pattern.
///
/// # Errors
/// Nothing is there, the directory holds no file, it is a Delta table, the scheme is not local, or the system refuses.
pub fn expand(source: &str, base: &Path) -> Result<Expansion, SourceError> {
    expand_within(source, base, &|_| true)
}

/// The same without the folders that `keep` refuses by their path below the named place, hive parts that end the place's
/// own name included: they are counted, never listed.
///
/// # Errors
/// As for [`expand`].
pub(super) fn expand_within(source: &str, base: &Path, keep: KeepFolder<'_>) -> Result<Expansion, SourceError> {
    let named = local_name(source)?;
    if named.is_empty() {
        return Err(not_found(source, "an empty name".into()));
    }
    let path = base.join(&*named);
    match fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => directory(source, &named, path, keep),
        Ok(metadata) => {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let above = named.rsplit_once('/').map_or("", |(above, _)| above);
            let file = FileRef::new(path, named.to_string(), joined(&hive_tail(above), &name), Some(&metadata));
            Ok(Expansion { source: source.into(), files: vec![file], ignored: Vec::new() })
        }
        Err(error) if is_absent(&error) && Pattern::is_one(&named) => glob(source, &named, base, keep),
        Err(error) if is_absent(&error) => Err(not_found(source, "no such file or directory".into())),
        Err(error) => Err(SourceError::Io { path: source.into(), source: error }),
    }
}

/// The same for a list, which may also lie on the web or in an object store: then it is fetched.
///
/// # Errors
/// As for [`expand`], and what keeps a URL from being fetched.
pub fn expand_list(source: &str, reach: Reach<'_>) -> Result<Expansion, SourceError> {
    if let Some(stores) = reach.stores
        && let Some(place) = Place::parse(source, stores.options())?
        && (place.scheme() != Scheme::Web || !remote::is_remote(source))
    {
        return Ok(Expansion {
            source: source.into(),
            files: remote::fetch_objects(source, place, stores, reach.folder)?,
            ignored: Vec::new(),
        });
    }
    if !remote::is_remote(source) {
        return expand(source, reach.base);
    }
    Ok(Expansion { source: source.into(), files: vec![remote::fetch(source, reach.folder)?], ignored: Vec::new() })
}

fn directory(source: &str, named: &str, path: PathBuf, keep: KeepFolder<'_>) -> Result<Expansion, SourceError> {
    let hive = hive_tail(named);
    let walked = Walk::new(named, None, &|folder: &str| keep(&joined(&hive, folder))).run(path)?;
    if walked.files.is_empty() && !walked.ignored.contains_key(walk::OUTSIDE) {
        let detail = format!(
            "no file in this directory{}; name one that holds files, or check the path",
            passed_over(&walked.ignored)
        );
        return Err(SourceError::Empty { source_name: source.into(), detail });
    }
    Ok(finished(source, named, walked.files, &walked.ignored))
}

fn glob(source: &str, named: &str, base: &Path, keep: KeepFolder<'_>) -> Result<Expansion, SourceError> {
    let pattern = Pattern::new(named)
        .map_err(|error| not_found(source, format!("no such file, and as a pattern it is not valid ({error})")))?;
    let root = base.join(pattern.root());
    if !root.is_dir() {
        return Err(not_found(source, format!("no directory {}", pattern.root())));
    }
    let hive = hive_tail(pattern.root());
    let walked = Walk::new(pattern.root(), Some(&pattern), &|folder: &str| keep(&joined(&hive, folder))).run(root)?;
    if walked.files.is_empty() && !walked.ignored.contains_key(walk::OUTSIDE) {
        return Err(not_found(source, format!("no file matches this pattern{}", passed_over(&walked.ignored))));
    }
    Ok(finished(source, pattern.root(), walked.files, &walked.ignored))
}

fn finished(source: &str, root: &str, mut files: Vec<FileRef>, ignored: &BTreeMap<&'static str, u64>) -> Expansion {
    let hive = hive_tail(root);
    for file in &mut files {
        file.relative = joined(&hive, &file.relative);
    }
    files.sort_by(|a, b| a.relative.as_bytes().cmp(b.relative.as_bytes()).then_with(|| a.path.cmp(&b.path)));
    Expansion { source: source.into(), files, ignored: Counted::list(ignored) }
}

/// The path in the text, which is percent-encoded only behind `file://`.
fn local_name(source: &str) -> Result<Cow<'_, str>, SourceError> {
    let Some((scheme, rest)) = source.split_once("://") else { return Ok(Cow::Borrowed(source)) };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c));
    if !is_scheme {
        return Ok(Cow::Borrowed(source));
    }
    let refused = |reason: String| SourceError::Unreadable { path: source.into(), reason };
    if !scheme.eq_ignore_ascii_case("file") {
        return Err(refused(format!("{scheme}:// is not read here; copy or mount the files and name their path")));
    }
    match rest.split_once('/') {
        Some(("" | "localhost", path)) => percent_decoded(&format!("/{path}"))
            .map(Cow::Owned)
            .ok_or_else(|| refused("the URL's percent-encoding is not valid UTF-8 text".into())),
        _ => Err(refused("a file URL needs an absolute path, such as file:///data/events".into())),
    }
}

/// The `k=v` parts with which the named place ends.
fn hive_tail(named: &str) -> String {
    let is_hive = |part: &&str| part.split_once('=').is_some_and(|(key, _)| !key.is_empty());
    let parts: Vec<&str> = named.split('/').filter(|part| !part.is_empty()).collect();
    let kept = parts.iter().rev().take_while(|part| is_hive(part)).count();
    parts.get(parts.len() - kept..).unwrap_or_default().join("/")
}

fn joined(above: &str, name: &str) -> String {
    match above {
        "" => name.to_string(),
        _ if above.ends_with('/') => format!("{above}{name}"),
        _ => format!("{above}/{name}"),
    }
}

fn passed_over(ignored: &BTreeMap<&'static str, u64>) -> String {
    match ignored.iter().map(|(rule, count)| format!("{count} {rule}")).collect::<Vec<_>>() {
        none if none.is_empty() => String::new(),
        some => format!(" (left out: {})", some.join(", ")),
    }
}

fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename)
}

fn not_found(source: &str, detail: String) -> SourceError {
    SourceError::NotFound { source_name: source.into(), detail }
}

#[cfg(test)]
mod tests;
