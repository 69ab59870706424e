//! The floor under a Tor exit hunt: how long it takes to read and decompress what no answer can do without.
//!
//! A first pass, which is not timed, finds the pages that must be decompressed: of RemoteIP every dictionary page, and every
//! data page except those that point into a dictionary without a listed address; of the other columns that the hunt reads
//! the pages with a hit, by the offset index, and their dictionaries. The second pass reads and decompresses these pages
//! with a thread on each core, and does nothing else: no footer, no value, no list, no output. Bounds of pages are not used,
//! since those of addresses in the order of time exclude nothing.
//!
//! The list is one address a line, perhaps with further fields; prefixes are not read. Files need an offset index. With
//! `--pages FILE` the first pass is kept in that file and left out by later runs, which can then be timed as whole processes.
//! What was read goes to stdout, the same in every run; the time goes to stderr.

mod cores;
mod find;
mod needed;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use needed::{FilePages, Needed, Work};

const USAGE: &str = "usage: floor --events DIR --tor FILE [--pages FILE] [--repeat N]

Times what no answer of tor_exit can do without: reading and decompressing the pages that hold it.

  --events DIR   Parquet files, in folders of any depth
  --tor FILE     one address a line
  --pages FILE   which pages these are; written if it is not there, else read instead of looking for them
  --repeat N     decompress so often, and tell the median (default 1)
";

/// What was typed.
struct Asked {
    events: PathBuf,
    tor: PathBuf,
    pages: Option<PathBuf>,
    repeat: usize,
}

fn main() -> ExitCode {
    let done = match typed(std::env::args().skip(1)) {
        Ok(Some(asked)) => floor(&asked),
        // `cargo bench` without arguments starts every bench.
        Ok(None) => io::stderr().write_all(USAGE.as_bytes()).map_err(Into::into),
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nowhere to report that stderr is closed.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// `None` where nothing is asked.
fn typed(mut args: impl Iterator<Item = String>) -> Result<Option<Asked>> {
    let (mut events, mut tor, mut pages, mut repeat) = (None, None, None, 1);
    while let Some(flag) = args.next() {
        match flag.as_str() {
            // Cargo says so to every bench that it starts.
            "--bench" => continue,
            "--help" => return Ok(None),
            _ => {}
        }
        let value = args.next().with_context(|| format!("{flag} lacks its value"))?;
        match flag.as_str() {
            "--events" => events = Some(PathBuf::from(value)),
            "--tor" => tor = Some(PathBuf::from(value)),
            "--pages" => pages = Some(PathBuf::from(value)),
            "--repeat" => repeat = value.parse().ok().filter(|n| *n > 0).context("--repeat is a number from 1")?,
            _ => bail!("{flag} is not known; --help names what is"),
        }
    }
    match (events, tor) {
        (Some(events), Some(tor)) => Ok(Some(Asked { events, tor, pages, repeat })),
        (None, None) => Ok(None),
        _ => bail!("--events and --tor are both needed"),
    }
}

fn floor(asked: &Asked) -> Result<()> {
    let needed = match &asked.pages {
        Some(kept) if kept.exists() => Needed::kept(kept, asked)?,
        _ => Needed::find(asked)?,
    };
    let mut seconds = Vec::new();
    let mut work = Work::default();
    for _ in 0..asked.repeat {
        let begun = Instant::now();
        let done = cores::on_all_cores(&needed.files, FilePages::decompress)?;
        seconds.push(begun.elapsed().as_secs_f64());
        work = done.into_iter().fold(Work::default(), Work::plus);
    }
    seconds.sort_by(f64::total_cmp);
    let median = seconds.get(seconds.len() / 2).copied().unwrap_or_default();
    writeln!(
        io::stdout(),
        "{} files, {} pages, {:.1} MB read, {:.1} MB decompressed",
        needed.files.len(),
        work.pages,
        work.read as f64 / 1e6,
        work.decompressed as f64 / 1e6,
    )?;
    writeln!(io::stderr(), "{median:.4} s, median of {} on {} threads", seconds.len(), cores::cores())?;
    Ok(())
}
