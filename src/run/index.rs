//! `coldtrail index`: an index beside each Parquet file of an archive, made where it is missing or stale.

use std::path::Path;
use std::sync::Arc;

use futures::StreamExt as _;

use super::interrupt::Guard;
use super::progress::{Counter, Opening};
use super::{Console, Outcome, RunError, access};
use crate::cli::{Archive, IndexConfig, RunConfig};
use crate::engine::EngineError;
use crate::engine::indexing::{self, Indexed, IndexingError};
use crate::model::bad_input::OnBadInput;
use crate::model::coverage::{IndexUse, Skipped};
use crate::sources::store::{Stores, redact};
use crate::sources::telemetry;
use crate::sources::{Shelf, SourceError};

/// What a run did.
#[derive(Debug, Default)]
pub(super) struct Told {
    built: u64,
    rows: u64,
    bytes: u64,
    fresh: u64,
    text: u64,
    /// Files that could not be read.
    pub(super) skipped: Vec<Skipped>,
}

/// Indexes what has no index yet.
pub(super) async fn run(
    config: RunConfig,
    index: IndexConfig,
    console: Console,
    guard: Guard,
) -> Result<Outcome, RunError> {
    let stores = access::stores(&config.access);
    let told = refresh(&config, &index, &stores, &guard).await?;
    if !config.quiet {
        console.say(&told.last_words(&index.index));
    }
    for skipped in &told.skipped {
        console.say(&format!("skipped: {}: {}", skipped.path, skipped.reason));
    }
    Ok(if told.skipped.is_empty() { Outcome::Done } else { Outcome::Skipped })
}

/// Indexes the files of an archive, several at a time.
pub(super) async fn refresh(
    config: &RunConfig,
    index: &IndexConfig,
    stores: &Stores,
    guard: &Guard,
) -> Result<Told, RunError> {
    let shelf = Shelf::named(&index.index, &config.cwd, stores)?;
    let failed = |error: std::io::Error| RunError::Output { target: redact(&index.index), error: error.into() };
    shelf.make().map_err(failed)?;
    let workshop = guard.folder(|| shelf.workshop()).map_err(failed)?;
    let is_seen = config.progress && !config.quiet;
    let opening = Opening::watch(is_seen);
    let Archive { events, date_order, delta_version, on_bad_input } = &index.archive;
    let mut dataset = telemetry::open(telemetry::Request {
        sources: events,
        base: &config.cwd,
        period: index.period,
        on_bad: *on_bad_input,
        date_order: *date_order,
        delta_version: *delta_version,
        stores,
        has_index: true,
        progress: &|stage| opening.tell(stage),
    })
    .await?;
    drop(opening);
    let mut told = Told { skipped: std::mem::take(&mut dataset.skipped), ..Told::default() };
    let counter = Counter::watch(is_seen, "indexing", dataset.files.len() as u64);
    let unfinished = Arc::<Path>::from(workshop.path());
    let work = dataset.files.into_iter().map(|file| {
        let (shelf, unfinished) = (shelf.clone(), Arc::clone(&unfinished));
        // A task of its own: building is work, and the stream alone would do it on one thread.
        let task = tokio::spawn(async move { indexing::refresh(&file, &shelf, &unfinished).await });
        async move { task.await.unwrap_or_else(|error| Err(IndexingError::stopped(&error.to_string()))) }
    });
    let mut done = futures::stream::iter(work).buffered(index.threads);
    while let Some(indexed) = done.next().await {
        counter.advance();
        told.add(indexed, *on_bad_input)?;
    }
    Ok(told)
}

impl Told {
    fn add(&mut self, indexed: Result<Indexed, IndexingError>, on_bad: OnBadInput) -> Result<(), RunError> {
        match indexed {
            Ok(Indexed::Fresh) => self.fresh += 1,
            Ok(Indexed::Text) => self.text += 1,
            Ok(Indexed::Built { rows, bytes }) => {
                self.built += 1;
                self.rows += rows;
                self.bytes += bytes;
            }
            Err(IndexingError::Read { path, reason }) if on_bad == OnBadInput::Skip => {
                self.skipped.push(Skipped { path, reason });
            }
            Err(error @ IndexingError::Read { .. }) => {
                return Err(RunError::Source(SourceError::Refused(error.to_string())));
            }
            Err(error) => return Err(EngineError::Convert(error.to_string()).into()),
        }
        Ok(())
    }

    /// What was done, in a sentence or two.
    pub(super) fn last_words(&self, index: &str) -> String {
        let mut words = format!(
            "{} of {} rows indexed in {} ({:.1} MB); {} had an index already",
            files(self.built),
            self.rows,
            redact(index),
            self.bytes as f64 / 1e6,
            files(self.fresh)
        );
        if self.text > 0 {
            words.push_str(&format!(
                "; {} cannot have one, since they are text: `coldtrail convert` makes Parquet of them",
                files(self.text)
            ));
        }
        words
    }
}

/// What a hunt says of indexes that it did not use; nothing where it used all.
pub(super) fn passed_over(used: &IndexUse) -> Option<String> {
    let scanned: u64 = used.ignored.iter().map(|counted| counted.count).sum();
    if scanned == 0 {
        return None;
    }
    let reasons: Vec<String> =
        used.ignored.iter().map(|counted| format!("{} ({})", counted.name, files(counted.count))).collect();
    Some(format!(
        "warning: {} of {} answered from the index, the rest was scanned: {}",
        used.used,
        files(used.used + scanned),
        reasons.join("; ")
    ))
}

fn files(count: u64) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}
