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

#[cfg(test)]
mod tests {
    use super::super::tests::{parsed, refused};
    use super::*;
    use crate::cli::Command;

    fn made(line: &str) -> SynthConfig {
        match parsed(&format!("generate --output new {line}")).unwrap().command {
            Command::Generate(generate) => generate.synthesis,
            other => panic!("no generate: {other:?}"),
        }
    }

    #[test]
    fn a_history_is_hourly_to_monthly_and_spreads_the_hits() {
        for (line, hours) in [("1h", 1), ("24h", 24), ("7d", 168), ("1w", 168), ("30d", 720)] {
            let synthesis = made(&format!("--tor-history {line}"));
            assert_eq!((synthesis.tor_history_hours, synthesis.hit_spread), (Some(hours), Spread::Uniform), "{line}");
        }
        assert_eq!(made("--tor-history 1h --hit-spread clustered").hit_spread, Spread::Clustered);
        for line in ["0", "0h", "90m", "31d", "24", "daily", "9999999999d"] {
            let told = refused(&format!("generate --output new --tor-history {line}"));
            assert!(told.contains("--tor-history") && told.contains("from 1h to 30d"), "{told}");
        }
    }
}
