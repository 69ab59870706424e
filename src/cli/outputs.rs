//! Where outputs go: their form, and that no file would be overwritten by mistake.
//!
//! It looks at the file system but writes nothing; a path that looks good here can still fail when it is written.

use std::path::{Path, PathBuf};

use super::config::{Destination, RowsOutput};
use super::error::CliError;
use crate::model::format::{Format, RowsFormat};

/// A flag with the path that was typed after it.
pub(super) type Named<'a> = (&'static str, &'a Path);

/// `-` is stdout, as elsewhere; anything else is a file.
pub(super) fn destination(output: Option<PathBuf>) -> Destination {
    match output {
        Some(path) if path.as_os_str() != "-" => Destination::File(path),
        _ => Destination::Stdout,
    }
}

/// The form that was asked for; else what the file's ending says; else what suits the reader.
pub(super) fn format(asked: Option<Format>, destination: &Destination, terminal: bool) -> Result<Format, CliError> {
    let format = asked.unwrap_or_else(|| match destination {
        Destination::File(path) => format_of_ending(path),
        Destination::Stdout if terminal => Format::Table,
        Destination::Stdout => Format::Ndjson,
    });
    if format.is_binary() && *destination == Destination::Stdout && terminal {
        return Err(CliError::usage(format!("{format} cannot be shown on a terminal; add --output findings.{format}")));
    }
    Ok(format)
}

fn format_of_ending(path: &Path) -> Format {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "json" => Format::Json,
        "csv" => Format::Csv,
        "parquet" => Format::Parquet,
        "md" | "markdown" => Format::Markdown,
        "txt" => Format::Table,
        _ => Format::Ndjson,
    }
}

/// The form of `--rows FILE` is in its ending and nowhere else.
pub(super) fn rows(path: PathBuf) -> Result<RowsOutput, CliError> {
    match RowsFormat::of_path(&path.to_string_lossy()) {
        Some(format) => Ok(RowsOutput { path, format }),
        None => {
            let endings = RowsFormat::EXTENSIONS.join(", ");
            Err(CliError::usage(format!("--rows {}: the name must end in one of {endings}", path.display())))
        }
    }
}

/// Every output is a file in a directory that exists, no two are the same, and none is an input.
pub(super) fn check(outputs: &[Named<'_>], inputs: &[Named<'_>], cwd: &Path) -> Result<(), CliError> {
    for (index, (flag, path)) in outputs.iter().enumerate() {
        check_one(flag, path, cwd)?;
        let place = place(path, cwd);
        let same = |(_, other): &&Named<'_>| self::place(other, cwd) == place;
        if let Some((other, _)) = outputs.iter().take(index).find(same) {
            return Err(CliError::usage(format!(
                "{other} and {flag} both write {}; give each its own file",
                path.display()
            )));
        }
        // A folder is read with all that is in it.
        let reads = |(_, input): &&Named<'_>| {
            let input = self::place(input, cwd);
            input == place || (place.exists() && place.starts_with(&input))
        };
        if let Some((other, _)) = inputs.iter().find(reads) {
            return Err(CliError::usage(format!("{flag} would overwrite {}, which {other} reads", path.display())));
        }
    }
    Ok(())
}

fn check_one(flag: &str, path: &Path, cwd: &Path) -> Result<(), CliError> {
    let shown = path.display();
    if path.as_os_str().is_empty() {
        return Err(CliError::usage(format!("{flag} needs a file name")));
    }
    if path.to_string_lossy().contains("://") {
        // Whether a store takes it is known when it is written.
        return Ok(());
    }
    let full = cwd.join(path);
    if full.is_dir() || path.to_string_lossy().ends_with(std::path::MAIN_SEPARATOR) {
        return Err(CliError::usage(format!("{flag} {shown} is a directory; name a file in it")));
    }
    match full.parent() {
        Some(parent) if !parent.is_dir() => {
            let directory = path.parent().unwrap_or(parent).display();
            Err(CliError::usage(format!("{flag} {shown}: there is no directory {directory}; make it first")))
        }
        _ => Ok(()),
    }
}

/// The same text for the same file, whatever way leads to it, and whether or not it exists yet.
fn place(path: &Path, cwd: &Path) -> PathBuf {
    let full = cwd.join(path);
    if let Ok(real) = full.canonicalize() {
        return real;
    }
    match (full.parent().and_then(|parent| parent.canonicalize().ok()), full.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => full,
    }
}
