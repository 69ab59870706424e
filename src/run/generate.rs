//! `coldtrail generate`: synthetic telemetry, and the command that hunts in it.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::interrupt::Guard;
use super::{Console, Outcome, RunError};
use crate::cli::{GenerateConfig, RunConfig};
use crate::synth::Generator;

/// Writes the archive and says what to do with it.
pub(super) async fn run(
    config: RunConfig,
    generate: GenerateConfig,
    console: Console,
    guard: Guard,
) -> Result<Outcome, RunError> {
    // The work waits for threads of its own, and must not keep Ctrl+C waiting.
    let work = tokio::task::spawn_blocking(move || write(&config, &generate, &console, &guard));
    work.await.unwrap_or_else(|error| Err(RunError::System(format!("internal error: {error}"))))
}

fn write(config: &RunConfig, generate: &GenerateConfig, console: &Console, guard: &Guard) -> Result<Outcome, RunError> {
    let target = if config.progress { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(generate.synthesis.rows), target);
    if let Ok(style) = ProgressStyle::with_template("{human_pos}/{human_len} rows [{bar:24}] {eta} left") {
        bar.set_style(style.progress_chars("=> "));
    }
    let out = config.cwd.join(&generate.output);
    let generator = guard.folder(|| Generator::new(&generate.synthesis, &out))?;
    let report = generator.write(&mut |rows| bar.set_position(rows))?;
    bar.finish_and_clear();
    if !config.quiet {
        let shown = generate.output.display();
        let (listed, tor) = if report.tor_history.is_some() {
            ("an address of tor-truth.csv", "tor-history")
        } else {
            ("a relay of tor.csv", "tor.csv")
        };
        console.say(&format!(
            "wrote {} events in {} files ({} bytes), {} of them on {listed}\nhunt in it with\n  coldtrail hunt --events {shown}/events --tor {shown}/{tor} --intel {shown}/indicators.csv",
            report.rows, report.files, report.bytes, report.hits,
        ));
    }
    Ok(Outcome::Done)
}
