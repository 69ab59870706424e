//! `coldtrail hunts`: list, show, check.

use std::path::PathBuf;

use super::{Console, Outcome, RunError};
use crate::cli::{HuntsCommand, RunConfig};
use crate::engine;
use crate::hunt::{self, Hunt, HuntError};
use crate::report::ReportError;

/// Runs the subcommand.
pub(super) async fn run(config: RunConfig, command: HuntsCommand, console: Console) -> Result<Outcome, RunError> {
    match command {
        HuntsCommand::List { hunts_dir } => print(&console, &hunt::list(&all(&config, hunts_dir.as_ref())?)),
        HuntsCommand::Show { id, hunts_dir } => {
            let hunts = all(&config, hunts_dir.as_ref())?;
            print(&console, &hunt::show(hunt::find(&hunts, &id)?))
        }
        HuntsCommand::Check { path, hunts_dir } => check(&config, path, hunts_dir, &console).await,
    }
}

/// The built-in hunts and those of a folder.
pub(super) fn all(config: &RunConfig, folder: Option<&PathBuf>) -> Result<Vec<Hunt>, HuntError> {
    let mut hunts = hunt::built_in()?;
    if let Some(folder) = folder {
        hunts.extend(hunt::load_dir(folder, &config.cwd)?);
    }
    Ok(hunts)
}

fn print(console: &Console, text: &str) -> Result<Outcome, RunError> {
    let written = console.with_stdout(|stdout| stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()));
    match written {
        Ok(()) => Ok(Outcome::Done),
        Err(error) => Err(RunError::Output { target: "stdout".to_owned(), error: ReportError::from(error) }),
    }
}

/// Checks every hunt and reports every fault, not only the first.
async fn check(
    config: &RunConfig,
    path: Option<PathBuf>,
    folder: Option<PathBuf>,
    console: &Console,
) -> Result<Outcome, RunError> {
    let mut bad = 0;
    let mut lines = String::new();
    let candidates: Vec<Result<Hunt, HuntError>> = match path {
        Some(path) => {
            hunt::files_in(&path, &config.cwd)?.iter().map(|file| hunt::load_file(file, &config.cwd)).collect()
        }
        None => all(config, folder.as_ref())?.into_iter().map(Ok).collect(),
    };
    let total = candidates.len();
    for candidate in candidates {
        let fault = match candidate {
            Ok(hunt) => match engine::check(&hunt).await {
                Ok(()) => {
                    lines.push_str(&format!("ok  {}  {}\n", hunt.id, hunt.path));
                    continue;
                }
                Err(error) => error.to_string(),
            },
            Err(error) => error.to_string(),
        };
        bad += 1;
        console.say(&format!("error: {fault}"));
    }
    print(console, &lines)?;
    if bad == 0 { Ok(Outcome::Done) } else { Err(RunError::Check(bad, total)) }
}
