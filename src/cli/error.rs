//! What comes back instead of a run: a usage error, or a text that was asked for (`--help`, `--version`).

use std::fmt;

/// Where a text belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stream {
    /// It was asked for.
    Stdout,
    /// It explains why nothing ran.
    Stderr,
}

/// A text for the user in place of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CliError {
    text: String,
    code: u8,
    stream: Stream,
}

impl CliError {
    /// A rule that clap does not know was broken. `message` is lower case, without `error:` and final full stop.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self { text: format!("error: {message}\n"), code: 2, stream: Stream::Stderr }
    }

    pub(super) fn new(text: String, code: u8, stream: Stream) -> Self {
        Self { text, code, stream }
    }

    /// The whole text to write, with its line end.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The exit code: 0 for help and version, else 2.
    #[must_use]
    pub const fn code(&self) -> u8 {
        self.code
    }

    /// Where to write it.
    #[must_use]
    pub const fn stream(&self) -> Stream {
        self.stream
    }
}

/// The message alone, for whoever writes its own `error:` before it.
impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text.strip_prefix("error: ").unwrap_or(&self.text).trim_end())
    }
}

impl std::error::Error for CliError {}
