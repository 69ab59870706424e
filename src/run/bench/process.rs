//! One run as a process: the same command line, with a word that says which strategy it is for.

use std::ffi::OsString;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cli::Stopwatch;
use crate::model::bench::BenchArchive;
use crate::run::RunError;

/// How often the end of a process is looked for; what a run took is not known better than that.
const LOOK: Duration = Duration::from_millis(1);

/// What a process is started with.
pub(super) struct Asked<'a> {
    pub(super) program: &'a Path,
    /// What was typed.
    pub(super) typed: &'a [OsString],
    /// What is said beside it.
    pub(super) words: &'a [String],
}

/// How a run ended.
pub(super) enum Ended {
    /// With an answer, after so many seconds.
    Answered(Box<Said>, f64),
    /// Without one, for this reason.
    Refused(String),
}

/// What a run says of itself, as JSON on its stdout.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Said {
    /// SHA-256 of the findings as ndjson.
    pub(super) result: String,
    pub(super) findings: u64,
    pub(super) archive: BenchArchive,
    pub(super) lists: String,
    pub(super) bytes: u64,
    pub(super) row_groups: u64,
    pub(super) pages: Option<u64>,
    pub(super) rows_decoded: u64,
    pub(super) peak_mib: Option<f64>,
    pub(super) cpu_seconds: Option<f64>,
}

impl Asked<'_> {
    /// Runs to the end, or to the given time.
    pub(super) fn run(&self, give_up_seconds: u64) -> Result<Ended, RunError> {
        let failed =
            |error: std::io::Error| RunError::System(format!("{} cannot be started: {error}", self.program.display()));
        let begun = Stopwatch::begin();
        let mut child = Command::new(self.program)
            .args(self.typed)
            .args(self.words)
            // Nothing is ever written to it; that it ends tells the run that nobody waits for it any more.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let limit = Duration::from_secs(give_up_seconds);
        let status = loop {
            if let Some(status) = child.try_wait().map_err(failed)? {
                break status;
            }
            if begun.elapsed() > limit {
                child.kill().map_err(failed)?;
                child.wait().map_err(failed)?;
                return Ok(Ended::Refused(format!("it took more than {give_up_seconds} s (--give-up)")));
            }
            std::thread::sleep(LOOK);
        };
        let seconds = begun.elapsed().as_secs_f64();
        let (mut out, mut err) = (String::new(), String::new());
        // Either is a line or two, which a pipe holds.
        if let Some(mut pipe) = child.stdout.take() {
            pipe.read_to_string(&mut out).map_err(failed)?;
        }
        if let Some(mut pipe) = child.stderr.take() {
            pipe.read_to_string(&mut err).map_err(failed)?;
        }
        if !status.success() {
            let why = err.trim().trim_start_matches("error: ");
            let why = if why.is_empty() { format!("it ended with {status}") } else { why.to_owned() };
            return Ok(Ended::Refused(why));
        }
        let said = serde_json::from_str(&out);
        said.map(|said| Ended::Answered(Box::new(said), seconds))
            .map_err(|error| RunError::System(format!("a run did not say what it took: {error}")))
    }
}
