//! Synthetic telemetry, lists and indicators: an archive of any size to try a hunt on, the same bytes for the same wish.
//!
//! The archive imitates Defender's DeviceNetworkEvents in names, types and shares, holds an exact number of rows that
//! touch Tor, and comes with the Tor list and the indicators that find them. Nothing is read but the wish: no clock, no
//! network, no real telemetry. Addresses are random; they say nothing about whoever uses the real ones.

mod addresses;
mod catalogue;
mod clock;
mod columns;
mod commands;
mod devices;
mod draw;
mod error;
mod event;
mod exits;
mod fields;
mod file;
mod hits;
mod layout;
mod lists;
mod place;
mod pool;
mod process_columns;
mod programs;
mod random;
mod services;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

pub use self::error::SynthError;
use self::event::World;
use self::hits::Hit;
use self::layout::FilePlan;
use self::place::Place;
use crate::model::synthesis::{SynthConfig, TOR_HISTORY_HOURS_MAX};
use crate::model::time::DAY_MICROS;

/// Most lists of a history: an hourly one of eleven years.
const LISTS_MAX: u32 = 100_000;

/// What was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SynthReport {
    /// Events in all files.
    pub rows: u64,
    /// Event files.
    pub files: u64,
    /// Their size together, in bytes.
    pub bytes: u64,
    /// Rows whose RemoteIP is on the Tor list, or with a history in it at any time; copies included.
    pub hits: u64,
    /// The folder of the event files.
    pub events: PathBuf,
    /// The Tor list.
    pub tor_list: PathBuf,
    /// The indicators.
    pub indicators: PathBuf,
    /// The folder of the dated lists, where they were wished for.
    pub tor_history: Option<PathBuf>,
    /// When each address of the dated lists was an exit in truth.
    pub tor_truth: Option<PathBuf>,
}

/// Writes an archive into `out`, as a [`Generator`] does.
///
/// # Errors
/// Those of [`Generator::new`] and [`Generator::write`].
pub fn generate(config: &SynthConfig, out: &Path, progress: &mut dyn FnMut(u64)) -> Result<SynthReport, SynthError> {
    Generator::new(config, out)?.write(progress)
}

/// An archive that can be written. Until it is dropped it has a hidden folder beside what is finished, for what is not.
#[derive(Debug)]
pub struct Generator<'a> {
    config: &'a SynthConfig,
    place: Place,
}

/// The hidden folder.
impl AsRef<Path> for Generator<'_> {
    fn as_ref(&self) -> &Path {
        self.place.unfinished()
    }
}

impl<'a> Generator<'a> {
    /// Prepares `out`, which must be empty or missing.
    ///
    /// # Errors
    /// A wish that cannot be fulfilled, a folder that is not empty, or a disk that refuses.
    pub fn new(config: &'a SynthConfig, out: &Path) -> Result<Self, SynthError> {
        check(config)?;
        Ok(Self { config, place: Place::new(out)? })
    }

    /// Writes the archive. `progress` hears how many rows are done.
    ///
    /// # Errors
    /// A disk that refuses. Files that were finished before the error stay; none is half written.
    pub fn write(&self, progress: &mut dyn FnMut(u64)) -> Result<SynthReport, SynthError> {
        let Self { config, place } = self;
        let world = World::new(config);
        let files = layout::plan(config);
        let hits = hits::place(config, &files);
        lists::write_tor(&world, place)?;
        lists::write_indicators(config, &world, place)?;
        self.write_history(&world)?;
        let bytes = write_files(&Job { config, world: &world, files: &files, hits: &hits, place }, progress)?;
        let named = |name| place.root().join(name);
        Ok(SynthReport {
            rows: config.rows,
            files: files.len() as u64,
            bytes,
            hits: hits::count(config),
            events: named(file::EVENTS),
            tor_list: named(lists::TOR),
            indicators: named(lists::INDICATORS),
            tor_history: config.tor_history_hours.map(|_| named(exits::HISTORY)),
            tor_truth: config.tor_history_hours.map(|_| named(exits::TRUTH)),
        })
    }

    fn write_history(&self, world: &World) -> Result<(), SynthError> {
        let (Some(exits), Some(spacing)) = (&world.exits, self.config.tor_history_hours) else { return Ok(()) };
        exits::write_truth(exits, &self.place)?;
        exits::write_snapshots(exits, spacing, &self.place)
    }
}

/// What the writing threads share.
#[derive(Clone, Copy)]
struct Job<'a> {
    config: &'a SynthConfig,
    world: &'a World,
    files: &'a [FilePlan],
    hits: &'a BTreeMap<u64, Vec<Hit>>,
    place: &'a Place,
}

enum Message {
    Rows(u64),
    File(Result<u64, SynthError>),
}

/// Each thread takes the next file that nobody has; after an error none is begun. Returns the size of all files.
fn write_files(job: &Job<'_>, progress: &mut dyn FnMut(u64)) -> Result<u64, SynthError> {
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..job.config.threads.min(job.files.len()) {
            let (sender, next, stop) = (sender.clone(), &next, &stop);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let Some(plan) = job.files.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                    let hits = job.hits.get(&plan.index).map_or(&[][..], Vec::as_slice);
                    // Nobody listens any more only when the main thread has panicked.
                    let on_rows = |rows| drop(sender.send(Message::Rows(rows)));
                    let written = file::write(job.config, job.world, plan, hits, job.place, &on_rows);
                    stop.fetch_or(written.is_err(), Ordering::Relaxed);
                    drop(sender.send(Message::File(written)));
                }
            });
        }
        drop(sender);
        let (mut rows_done, mut bytes, mut failure) = (0, 0, None);
        for message in receiver {
            match message {
                Message::Rows(rows) => {
                    rows_done += rows;
                    progress(rows_done);
                }
                Message::File(Ok(size)) => bytes += size,
                Message::File(Err(error)) => failure = failure.or(Some(error)),
            }
        }
        failure.map_or(Ok(bytes), Err)
    })
}

fn check(config: &SynthConfig) -> Result<(), SynthError> {
    let refuse = |holds: bool, flag: &'static str, reason: &str| {
        if holds { Err(SynthError::Config { flag, reason: reason.to_owned() }) } else { Ok(()) }
    };
    refuse(config.rows == 0, "--rows", "an archive needs at least one row")?;
    refuse(!(1..=36_500).contains(&config.days), "--days", "must be 1 to 36500")?;
    refuse(!(1..=1_000_000).contains(&config.devices), "--devices", "must be 1 to 1000000")?;
    refuse(
        !(0.0..=0.1).contains(&config.hit_rate),
        "--hit-rate",
        "must be a share of the rows from 0 to 0.1, such as 1e-6",
    )?;
    refuse(!(1..=1_440).contains(&config.files_per_day), "files_per_day", "must be 1 to 1440")?;
    refuse(config.row_group_rows == 0, "row_group_rows", "a row group needs at least one row")?;
    refuse(config.threads == 0, "--threads", "must be at least 1")?;
    let spacing = config.tor_history_hours.unwrap_or(TOR_HISTORY_HOURS_MAX);
    refuse(!(1..=TOR_HISTORY_HOURS_MAX).contains(&spacing), "--tor-history", "must be 1h to 30d")?;
    let lists = config.days * 24 / spacing;
    refuse(lists > LISTS_MAX, "--tor-history", "more than 100000 lists; choose a wider spacing or fewer days")?;
    let first = config.start.0;
    let on_calendar = first.rem_euclid(DAY_MICROS) == 0 && (0..=4_102_444_800_000_000).contains(&first);
    refuse(!on_calendar, "--start", "must be a date between 1970-01-01 and 2100-01-01")
}

#[cfg(test)]
mod tests;
