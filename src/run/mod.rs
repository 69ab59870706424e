//! One command, composed from the rooms.
//!
//! Everything here is order: which input is read first, what is counted, where it goes, and which exit code that means.
//! Rules live in the rooms below; text that people read is written by `report`.

mod access;
mod bench;
mod console;
mod convert;
mod coverage;
mod days;
mod exclude;
mod generate;
mod hunts;
mod index;
mod intel;
mod interrupt;
mod lists;
mod outcome;
mod output;
mod plan;
mod progress;
mod query;
mod red;
mod rows;
mod tor;

pub use console::Console;
pub use outcome::{Outcome, RunError};

use crate::cli::{Command, RunConfig};

/// Runs the command.
///
/// # Errors
/// Whatever kept it from being done; [`RunError::code`] says with which exit code.
pub fn run(config: RunConfig, console: &Console) -> Result<Outcome, RunError> {
    let threads = query::threads(&config.command);
    let access = config.access.clone();
    match config.command.clone() {
        Command::Hunt(hunt) => {
            interrupt::guard(threads, &access, |guard| query::hunt(config, *hunt, console.clone(), guard))
        }
        Command::Sql(sql) => {
            interrupt::guard(threads, &access, |guard| query::sql(config, *sql, console.clone(), guard))
        }
        Command::Hunts(command) => interrupt::guard(threads, &access, |_| hunts::run(config, command, console.clone())),
        Command::Tor(command) => {
            interrupt::guard(threads, &access, |guard| tor::run(config, command, console.clone(), guard))
        }
        Command::Intel(command) => {
            interrupt::guard(threads, &access, |guard| intel::run(config, command, console.clone(), guard))
        }
        Command::Convert(convert) => {
            interrupt::guard(threads, &access, |guard| convert::run(config, convert, console.clone(), guard))
        }
        Command::Bench(bench) => {
            interrupt::guard(threads, &access, |guard| bench::run(config, *bench, console.clone(), guard))
        }
        Command::Index(index) => {
            interrupt::guard(threads, &access, |guard| index::run(config, index, console.clone(), guard))
        }
        Command::Plan(plan) => interrupt::guard(threads, &access, |_| plan::run(config, plan, console.clone())),
        Command::Generate(generate) => {
            interrupt::guard(threads, &access, |guard| generate::run(config, generate, console.clone(), guard))
        }
    }
}
