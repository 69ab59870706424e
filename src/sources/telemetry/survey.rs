//! The archive as its listing shows it, and whether one file of it opens: the preflight of a hunt.

use super::columns;
use super::dataset::{self, Content, Request};
use super::find::find;
use super::parquet_file::ParquetFiles;
use super::path_time::PathSpan;
use crate::model::coverage::Counted;
use crate::model::plan::FirstFile;
use crate::sources::SourceError;

/// A listed file.
#[derive(Clone, Debug)]
pub struct Listed {
    /// As the user would name it.
    pub display: String,
    /// Bytes.
    pub size: u64,
    /// The span that its path names.
    pub span: Option<PathSpan>,
}

/// What a listing shows.
#[derive(Clone, Debug)]
pub struct Survey {
    /// Files that a hunt would open, by name.
    pub files: Vec<Listed>,
    /// Files whose path lies outside the period.
    pub outside_by_path: u64,
    /// Paths that are no data, by rule.
    pub ignored: Vec<Counted>,
    /// The first file, opened.
    pub first: Option<FirstFile>,
}

/// Lists the archive and opens its first file.
///
/// # Errors
/// A source that is missing, empty, or cannot be listed.
pub async fn survey(request: Request<'_>) -> Result<Survey, SourceError> {
    let found = find(&request).await?;
    let first = match found.files.first() {
        Some(file) => Some(match dataset::describe(file, request.date_order, &ParquetFiles::default()).await {
            Ok(description) => FirstFile {
                path: file.display.clone(),
                kind: match &description.content {
                    Content::Parquet(metadata) => {
                        let rows = metadata.file_metadata().num_rows();
                        format!("Parquet, {rows} rows in {} row groups", metadata.num_row_groups())
                    }
                    Content::Text(export) => export.kind(),
                },
                columns: description
                    .columns
                    .candidates
                    .iter()
                    .filter(|c| columns::kind(&c.table_name).is_some())
                    .count() as u64,
                error: None,
            },
            Err(fault) => FirstFile {
                path: file.display.clone(),
                error: Some(format!("{}: {}", file.display, fault.reason())),
                ..FirstFile::default()
            },
        }),
        None => None,
    };
    let files = found.files.into_iter();
    let files = files.map(|file| Listed { display: file.display, size: file.object.size, span: file.span }).collect();
    Ok(Survey { files, outside_by_path: found.outside_by_path, ignored: found.ignored, first })
}
