//! Parses, runs, and maps the outcome to an exit code.

use std::process::ExitCode;

use coldtrail::cli::{self, Stream, Surroundings};
use coldtrail::run::{self, Console};
use coldtrail::sources::store::redact;

fn main() -> ExitCode {
    quiet_reader_panics();
    keep_freed_memory();
    let console = Console::of_process();
    let surroundings = match Surroundings::read() {
        Ok(surroundings) => surroundings,
        Err(error) => {
            console.say(&format!("error: the working directory cannot be read: {error}"));
            return ExitCode::from(3);
        }
    };
    let config = match cli::parse(std::env::args_os(), &surroundings) {
        Ok(config) => config,
        Err(text) => {
            match text.stream() {
                // That nobody reads the help is no failure.
                Stream::Stdout => {
                    drop(console.with_stdout(|out| out.write_all(text.text().as_bytes()).and_then(|()| out.flush())))
                }
                Stream::Stderr => console.say_in_colour(text.text()),
            }
            return ExitCode::from(text.code());
        }
    };
    match run::run(config, &console) {
        Ok(outcome) => ExitCode::from(outcome.code()),
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            let text = format!("error: {error}");
            // A URL may carry a signature.
            console.say(&if text.contains("://") { redact(&text) } else { text });
            ExitCode::from(error.code())
        }
    }
}

/// Pages and columns come and go by the megabyte. glibc hands each back to the kernel, which clears it anew for the next one,
/// until it has seen a larger one go: then it keeps what is smaller. Nothing of this one is ever touched.
fn keep_freed_memory() {
    const LARGER_THAN_PAGES: usize = 31 << 20;
    drop(std::hint::black_box(Vec::<u8>::with_capacity(LARGER_THAN_PAGES)));
}

/// The Parquet reader panics on some damaged files. The reader's caller turns that into an error that names the file, and
/// a stack trace before it would only hide it.
fn quiet_reader_panics() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let in_reader =
            info.location().is_some_and(|at| ["/parquet-", "/arrow-"].iter().any(|part| at.file().contains(part)));
        if !in_reader {
            default(info);
        }
    }));
}
