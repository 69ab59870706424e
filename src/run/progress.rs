//! A bar on stderr while files are read, for people who watch.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::engine::Progress;
use crate::sources::telemetry::Stage;

/// How often the bar moves.
const TICK: Duration = Duration::from_millis(100);

/// Draws the bar until it is dropped.
pub(super) struct Bar {
    bar: ProgressBar,
    task: tokio::task::JoinHandle<()>,
}

impl Bar {
    /// Begins a bar.
    pub(super) fn watch(progress: Progress) -> Self {
        let (_, total) = progress.bytes();
        let (_, files) = progress.files();
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
        let template = "{msg} [{bar:24}] {bytes}/{total_bytes}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        let shown = bar.clone();
        let task = tokio::spawn(async move {
            loop {
                let (done, _) = progress.files();
                shown.set_message(format!("{done}/{files} files"));
                shown.set_position(progress.bytes().0);
                tokio::time::sleep(TICK).await;
            }
        });
        Self { bar, task }
    }
}

/// Counts files that are done; nothing where nobody watches.
pub(super) struct Counter(ProgressBar);

impl Counter {
    /// Begins.
    pub(super) fn watch(seen: bool, doing: &'static str, files: u64) -> Self {
        let target = if seen { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(files), target);
        if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:24}] {human_pos}/{human_len}, {eta} left") {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(doing);
        Self(bar)
    }

    /// So many are done.
    pub(super) fn reach(&self, done: u64) {
        self.0.set_position(done);
    }

    /// One more is done.
    pub(super) fn advance(&self) {
        self.0.inc(1);
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Says how far listing and opening are; nothing where nobody watches.
pub(super) struct Opening(ProgressBar);

impl Opening {
    /// Begins.
    pub(super) fn watch(seen: bool) -> Self {
        let target = if seen { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Shows a stage.
    pub(super) fn tell(&self, stage: Stage) {
        self.0.set_message(match stage {
            Stage::Listed(files) => format!("listing: {files} files"),
            Stage::Opened(files, of) => format!("opening: {files} of {of} files"),
        });
        self.0.tick();
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.task.abort();
        self.bar.finish_and_clear();
    }
}
