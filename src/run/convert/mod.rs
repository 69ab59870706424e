//! `coldtrail convert`: any export to hunt-ready Parquet, in waves that each are done or never happened.
//!
//! A wave reads some inputs, writes the files of every date that they touch anew, together with what earlier waves wrote of
//! that date, and then replaces the state. Only the state says which files count, so a run that is killed can be run again.

mod rejects;
mod state;
mod target;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use self::rejects::Collected;
use self::state::{Input, Output, STATE_VERSION, State, Totals, Work};
use self::target::Target;
use self::told::Told;
use super::interrupt::Guard;
use super::progress::{Bar, Opening};
use super::{Console, Outcome, RunError, access, index};
use crate::cli::{Archive, CliError, ConvertConfig, IndexConfig, RunConfig};
use crate::engine::sorted::{DayRuns, Layout, Written};
use crate::engine::{ConvertInputs, EngineError, Reading, Spread, convert};
use crate::model::Period;
use crate::model::bad_input::OnBadInput;
use crate::model::coverage::Skipped;
use crate::model::time::date_of_day;
use crate::sources::SourceError;
use crate::sources::store::Stores;
use crate::sources::telemetry::records::Place;
use crate::sources::telemetry::{self, Content, DataFile, Dataset, Found};

/// Bytes of inputs that are read between two commits.
const WAVE_BYTES: u64 = 8 << 30;

/// One conversion.
struct Job<'a> {
    config: &'a RunConfig,
    convert: &'a ConvertConfig,
    stores: Stores,
    target: Target,
    guard: Guard,
}

/// Converts what is new or has grown.
pub(super) async fn run(
    config: RunConfig,
    convert: ConvertConfig,
    console: Console,
    guard: Guard,
) -> Result<Outcome, RunError> {
    let stores = access::stores(&config.access);
    let target = Target::new(&convert.output, &config.cwd, &stores)?;
    let _lock = lock(&target, &convert.output)?;
    let job = Job { config: &config, convert: &convert, stores, target, guard };
    let told = job.run().await?;
    let indexed = job.index().await?;
    if !config.quiet {
        console.say(&told.last_words(&convert.output));
        if let (Some(indexed), Some(index)) = (&indexed, &convert.index) {
            console.say(&indexed.last_words(index));
        }
    }
    for skipped in &told.skipped {
        console.say(&format!("skipped: {}: {}", skipped.path, skipped.reason));
    }
    Ok(if told.skipped.is_empty() { Outcome::Done } else { Outcome::Skipped })
}

/// Two runs into one folder would each remove what the other wrote.
fn lock(target: &Target, output: &str) -> Result<Option<File>, RunError> {
    let Some(workshop) = target.workshop() else { return Ok(None) };
    let path = workshop.join("lock");
    let failed = |error: std::io::Error| RunError::Output { target: path.display().to_string(), error: error.into() };
    let file = File::create(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(RunError::System(format!(
            "another conversion into {output} is running; wait for it, or name another output"
        ))),
        // Some network disks know no locks.
        Err(std::fs::TryLockError::Error(_)) => Ok(None),
    }
}

impl Job<'_> {
    async fn run(&self) -> Result<Told, RunError> {
        let mut state = self.state().await?;
        self.clean(&state).await?;
        let opening = Opening::watch(self.config.progress && !self.config.quiet);
        let tell = |stage| opening.tell(stage);
        let request = telemetry::Request {
            sources: &self.convert.archive.events,
            base: &self.config.cwd,
            period: self.convert.period,
            on_bad: self.convert.archive.on_bad_input,
            date_order: self.convert.archive.date_order,
            delta_version: self.convert.archive.delta_version,
            stores: &self.stores,
            has_index: false,
            progress: &tell,
        };
        let mut told = Told::default();
        let mut found = telemetry::find(&request).await?;
        found.files = self.new_files(std::mem::take(&mut found.files), &state, &mut told).await?;
        if found.files.is_empty() {
            return Ok(told);
        }
        let listed: BTreeMap<String, Found> =
            found.files.iter().map(|file| (file.display.clone(), file.clone())).collect();
        let mut dataset = match telemetry::open_found(found, request).await {
            // What is new may be no telemetry at all, beside what was converted before.
            Err(SourceError::Empty { .. }) if told.done_before > 0 => return Ok(told),
            opened => opened?,
        };
        drop(opening);
        told.skipped.append(&mut dataset.skipped);
        let schema = convert::target(&dataset, &state.schema());
        let layout = convert::layout(schema).map_err(EngineError::from)?;
        state.columns = extras(&layout);
        for wave in waves(&dataset.files) {
            let dataset = Dataset { files: wave, ..dataset.clone() };
            self.wave(dataset, &layout, &listed, &mut state, &mut told).await?;
        }
        Ok(told)
    }

    /// Indexes what was written, where that was asked for.
    async fn index(&self) -> Result<Option<index::Told>, RunError> {
        let Some(place) = &self.convert.index else { return Ok(None) };
        let wanted = IndexConfig {
            archive: Archive {
                events: vec![self.convert.output.clone()],
                date_order: None,
                delta_version: None,
                on_bad_input: OnBadInput::Fail,
            },
            period: Period::default(),
            index: place.clone(),
            threads: self.convert.threads,
        };
        match index::refresh(self.config, &wanted, &self.stores, &self.guard).await {
            // Everything may have been rejected.
            Err(RunError::Source(SourceError::Empty { .. })) => Ok(None),
            told => told.map(Some),
        }
    }

    async fn state(&self) -> Result<State, RunError> {
        let Some(bytes) = self.target.read_state().await? else {
            let others = self.target.files(&self.stores).await?;
            return match others.first() {
                None => Ok(State { state_version: STATE_VERSION, ..State::default() }),
                Some(other) => Err(RunError::Usage(CliError::usage(format!(
                    "--output {} holds files that no conversion wrote (such as {other}); name a new or empty place",
                    self.convert.output
                )))),
            };
        };
        let state: State = serde_json::from_slice(&bytes).map_err(|error| {
            RunError::System(format!(
                "{}/_coldtrail/convert.json cannot be read ({error}); convert into a new place",
                self.convert.output
            ))
        })?;
        if state.state_version != STATE_VERSION {
            return Err(RunError::System(format!(
                "{} was written by {}, whose state this version does not read; convert into a new place",
                self.convert.output, state.tool
            )));
        }
        Ok(state)
    }

    /// Removes what a run that was killed had written and not committed.
    async fn clean(&self, state: &State) -> Result<(), RunError> {
        if let Some(workshop) = self.target.workshop() {
            for entry in std::fs::read_dir(&workshop).into_iter().flatten().flatten() {
                if entry.file_name().to_string_lossy().starts_with("run-") {
                    let _ = std::fs::remove_dir_all(entry.path());
                }
            }
        }
        let known: BTreeSet<&str> = state.days.values().flatten().map(|file| file.path.as_str()).collect();
        for file in self.target.files(&self.stores).await? {
            let is_ours = is_event_file(&file) || (file.starts_with("rejects/rejects-") && file.ends_with(".ndjson"));
            if is_ours && !known.contains(file.as_str()) && !state.rejects.contains(&file) {
                self.target.remove(&file).await?;
            }
        }
        Ok(())
    }

    /// The files that are to be read, with the place where reading begins.
    async fn new_files(&self, files: Vec<Found>, state: &State, told: &mut Told) -> Result<Vec<Found>, RunError> {
        let mut new = Vec::new();
        for mut file in files {
            let unreadable = |reason: String| SourceError::Unreadable { path: file.display.clone(), reason };
            match state.work(&file).await.map_err(|error| unreadable(error.sentence))? {
                Work::Done => told.done_before += 1,
                Work::Whole => new.push(file),
                Work::From(place) => {
                    told.grown += 1;
                    file.start = Some(place);
                    new.push(file);
                }
                Work::Changed => {
                    let reason = "it is not what it was when it was converted, and its old events cannot be told from the \
                                  new ones; convert into a new place";
                    if self.convert.archive.on_bad_input == OnBadInput::Fail {
                        let reason = format!("{reason}, or leave it out with --on-bad-input skip");
                        return Err(RunError::Source(unreadable(reason)));
                    }
                    told.skipped.push(Skipped { path: file.display, reason: reason.to_owned() });
                }
            }
        }
        Ok(new)
    }

    async fn wave(
        &self,
        mut dataset: Dataset,
        layout: &Arc<Layout>,
        listed: &BTreeMap<String, Found>,
        state: &mut State,
        told: &mut Told,
    ) -> Result<(), RunError> {
        let scratch = self.guard.folder(|| match self.target.workshop() {
            Some(workshop) => tempfile::Builder::new().prefix("run-").tempdir_in(workshop),
            None => TempDir::new(),
        });
        let scratch = scratch.map_err(|error| RunError::System(format!("no temporary folder can be made: {error}")))?;
        let (spread, rejects, totals) = self.read(&mut dataset, layout, scratch.path(), told).await?;
        let days = self.write(spread.days, layout, state, scratch.path()).await?;
        self.commit(&dataset, listed, &rejects, totals, days, scratch.path(), state, told).await
    }

    /// Reads a wave; where the user asked to go on, again without the files that turned out to be damaged, so that a file
    /// counts whole or not at all.
    async fn read(
        &self,
        dataset: &mut Dataset,
        layout: &Arc<Layout>,
        scratch: &Path,
        told: &mut Told,
    ) -> Result<(Spread, Arc<Collected>, Totals), RunError> {
        loop {
            let attempt = tempfile::tempdir_in(scratch)
                .map_err(|error| RunError::System(format!("no temporary folder can be made: {error}")))?
                .keep();
            let rejects = Arc::new(Collected::new(&attempt));
            let reading = Reading::new(ConvertInputs {
                dataset: Arc::new(dataset.clone()),
                layout: Arc::clone(layout),
                on_bad: self.convert.archive.on_bad_input,
                threads: self.convert.threads,
                memory_bytes: self.convert.memory_bytes_max,
                scratch: attempt,
                rejects: Arc::clone(&rejects) as _,
            });
            let bar = (self.config.progress && !self.config.quiet).then(|| Bar::watch(reading.progress()));
            let spread = reading.run().await?;
            drop(bar);
            if spread.faults.is_empty() {
                for file in &dataset.files {
                    rejects.settle(&file.display, may_grow(file)).map_err(|error| scratch_failed(scratch, error))?;
                }
                let (tally, parquet) = (reading.tally(), dataset.files.iter().map(|file| file.rows()).sum::<u64>());
                let text: u64 = tally.text_groups().iter().map(|group| group.rows).sum();
                let left_out = tally.left_out();
                let rejected = rejects.count().0;
                // Events without a time are rows of a text export, and rejects.
                let unread = rejected - spread.timeless - tally.text_timeless();
                let totals = Totals {
                    records: parquet + text + unread,
                    rejects: rejected,
                    other_tables: left_out.other_tables.iter().map(|table| table.count).sum(),
                    ..Totals::default()
                };
                return Ok((spread, rejects, totals));
            }
            dataset.files.retain(|file| !spread.faults.contains_key(&file.display));
            told.skipped.extend(spread.faults.into_iter().map(|(path, reason)| Skipped { path, reason }));
        }
    }

    /// Writes the files of every date that the runs touch, with what earlier waves wrote of it.
    async fn write(
        &self,
        days: Vec<DayRuns>,
        layout: &Arc<Layout>,
        state: &State,
        scratch: &Path,
    ) -> Result<Vec<(String, Vec<Written>, u64)>, RunError> {
        let mut work = tokio::task::JoinSet::new();
        let mut done = Vec::new();
        let many = days.len() >= self.convert.threads;
        let threads = if many { 1 } else { self.convert.threads };
        for day in days {
            while work.len() >= self.convert.threads {
                done.extend(joined(work.join_next().await)?);
            }
            let date = date_of_day(day.day);
            let staging = scratch.join(format!("staging-{date}"));
            std::fs::create_dir(&staging).map_err(|error| scratch_failed(&staging, error))?;
            let mut earlier = Vec::new();
            for file in state.days.get(&date).into_iter().flatten() {
                earlier.push(self.target.fetched(&file.path, &staging).await?);
            }
            let (layout, scratch) = (Arc::clone(layout), scratch.to_owned());
            work.spawn_blocking(move || {
                let written = convert::write_day(&layout, day.runs, earlier, &scratch, &staging, threads);
                written.map(|(files, counts)| (date, files, counts.copies)).map_err(EngineError::from)
            });
        }
        while !work.is_empty() {
            done.extend(joined(work.join_next().await)?);
        }
        done.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(done)
    }

    #[expect(clippy::too_many_arguments, reason = "everything that one commit is made of, each used once")]
    async fn commit(
        &self,
        dataset: &Dataset,
        listed: &BTreeMap<String, Found>,
        rejects: &Collected,
        mut totals: Totals,
        days: Vec<(String, Vec<Written>, u64)>,
        scratch: &Path,
        state: &mut State,
        told: &mut Told,
    ) -> Result<(), RunError> {
        let mut old: Vec<String> = Vec::new();
        for (date, files, copies) in days {
            let before = state.days.remove(&date).unwrap_or_default();
            let outputs: Vec<Output> = files
                .iter()
                .map(|file| {
                    let name =
                        file.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                    Output { path: format!("date={date}/{name}"), rows: file.rows, bytes: file.bytes }
                })
                .collect();
            for (file, output) in files.iter().zip(&outputs) {
                self.target.place(&file.path, &output.path).await?;
                told.files += 1;
                told.bytes += output.bytes;
            }
            let rows = |outputs: &[Output]| outputs.iter().map(|output| output.rows).sum::<u64>();
            totals.copies += copies;
            totals.events = (totals.events + rows(&outputs)).saturating_sub(rows(&before));
            old.extend(
                before.into_iter().map(|output| output.path).filter(|path| !outputs.iter().any(|o| o.path == *path)),
            );
            told.days.insert(date.clone());
            state.days.insert(date, outputs);
        }
        if let Some(file) = rejects.write(scratch).map_err(|error| scratch_failed(scratch, error))? {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let relative = format!("rejects/{name}");
            self.target.place(&file, &relative).await?;
            if !state.rejects.contains(&relative) {
                state.rejects.push(relative.clone());
            }
            told.rejects.push(relative);
        }
        for file in &dataset.files {
            let Some(found) = listed.get(&file.display) else { continue };
            state.inputs.insert(found.object.identity(), input_of(file, found, rejects.end(&file.display)).await?);
            told.inputs += 1;
            told.input_bytes += file.object.size;
        }
        told.first_reject = told.first_reject.take().or(rejects.count().1);
        told.unfinished.extend(rejects.unfinished());
        state.totals.add(totals);
        told.totals.add(totals);
        state.tool = concat!("coldtrail ", env!("CARGO_PKG_VERSION")).to_owned();
        let bytes = serde_json::to_vec_pretty(state).map_err(|error| RunError::System(error.to_string()))?;
        self.target.write_state(bytes, scratch).await?;
        for path in old {
            self.target.remove(&path).await?;
        }
        Ok(())
    }
}

type Day = (String, Vec<Written>, u64);

fn joined(done: Option<Result<Result<Day, EngineError>, tokio::task::JoinError>>) -> Result<Option<Day>, RunError> {
    match done {
        None => Ok(None),
        Some(Ok(Ok(day))) => Ok(Some(day)),
        Some(Ok(Err(error))) => Err(error.into()),
        Some(Err(error)) => Err(RunError::System(format!("internal error: {error}"))),
    }
}

fn scratch_failed(path: &Path, error: std::io::Error) -> RunError {
    RunError::Output { target: path.display().to_string(), error: error.into() }
}

/// The columns beyond Defender's, for the state.
fn extras(layout: &Layout) -> BTreeMap<String, String> {
    let is_own = |name: &str| telemetry::columns::DEFENDER.iter().any(|(known, _)| *known == name);
    let fields = layout.schema().fields().iter().filter(|field| !is_own(field.name()));
    fields.map(|field| (field.name().clone(), field.data_type().to_string())).collect()
}

fn is_event_file(relative: &str) -> bool {
    let name = relative.rsplit('/').next().unwrap_or(relative);
    relative.starts_with("date=") && name.starts_with("events-") && name.ends_with(".parquet")
}

fn may_grow(file: &DataFile) -> bool {
    matches!(&file.content, Content::Text(export) if export.may_grow())
}

async fn input_of(file: &DataFile, found: &Found, end: Option<Place>) -> Result<Input, RunError> {
    let end = end.filter(|end| may_grow(file) && end.offset > 0);
    let read_to = end.map_or(found.object.size, |end| end.offset);
    // The ETag of what cannot grow says enough, and costs no request.
    let needs_check = found.object.etag.is_none() || end.is_some();
    let check = match needs_check {
        true => Some(
            state::check_of(found, read_to)
                .await
                .map_err(|error| SourceError::Unreadable { path: file.display.clone(), reason: error.sentence })?,
        ),
        false => None,
    };
    Ok(Input {
        size: found.object.size,
        version: state::version(found),
        offset: end.map(|end| end.offset),
        line: end.map(|end| end.line),
        check,
    })
}

/// The files in the order of their dates, cut where a wave is full.
fn waves(files: &[Arc<DataFile>]) -> Vec<Vec<Arc<DataFile>>> {
    let mut files = files.to_vec();
    files.sort_by(|a, b| {
        let date = |file: &DataFile| file.span.map(|span| span.first);
        date(a).cmp(&date(b)).then_with(|| a.display.cmp(&b.display))
    });
    let mut waves: Vec<Vec<Arc<DataFile>>> = Vec::new();
    let mut bytes = 0;
    for file in files {
        if waves.is_empty() || bytes + file.object.size > WAVE_BYTES {
            waves.push(Vec::new());
            bytes = 0;
        }
        bytes += file.object.size;
        if let Some(wave) = waves.last_mut() {
            wave.push(file);
        }
    }
    waves
}
