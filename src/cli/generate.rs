//! The wish of `generate`, with the synthesis' defaults where nothing was typed.

use super::args_generate::GenerateArgs;
use super::config::GenerateConfig;
use super::error::CliError;
use super::surroundings::Surroundings;
use crate::model::synthesis::{Spread, SynthConfig};

/// Each thread holds a file's row groups: more of them cost memory and the disk is the limit anyway.
const THREADS_MAX: usize = 8;

/// An archive is made in a place of its own, so that no file of an earlier one is read with it.
pub(super) fn generate(typed: GenerateArgs, surroundings: &Surroundings) -> Result<GenerateConfig, CliError> {
    let full = surroundings.cwd.join(&typed.output);
    let shown = typed.output.display();
    if full.is_file() {
        return Err(CliError::usage(format!("--output {shown} is a file; name a new or empty directory")));
    }
    if std::fs::read_dir(&full).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(CliError::usage(format!("--output {shown} is not empty; name a new or empty directory")));
    }
    let default = SynthConfig::default();
    let synthesis = SynthConfig {
        rows: typed.rows.unwrap_or(default.rows),
        days: typed.days.unwrap_or(default.days),
        devices: typed.devices.unwrap_or(default.devices),
        seed: typed.seed.unwrap_or(default.seed),
        hit_rate: typed.hit_rate.unwrap_or(default.hit_rate),
        // A history is measured over all its days.
        hit_spread: typed.hit_spread.unwrap_or(if typed.tor_history.is_some() {
            Spread::Uniform
        } else {
            default.hit_spread
        }),
        tor_history_hours: typed.tor_history,
        layout: typed.layout.unwrap_or(default.layout),
        start: typed.start.unwrap_or(default.start),
        threads: typed.threads.map_or(surroundings.cores.min(THREADS_MAX), usize::from),
        ..default
    };
    Ok(GenerateConfig { output: typed.output, synthesis })
}
