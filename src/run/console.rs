//! Where text goes: the report to stdout, what people read to stderr. Both behind a lock, so that a progress bar and a
//! warning never share a line.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

type Sink = Arc<Mutex<dyn Write + Send>>;

/// The two streams of a run.
#[derive(Clone)]
pub struct Console {
    stdout: Sink,
    stderr: Sink,
}

impl Console {
    /// The process's own streams.
    #[must_use]
    pub fn of_process() -> Self {
        Self::new(std::io::stdout(), std::io::stderr())
    }

    /// Any two streams.
    pub fn new(stdout: impl Write + Send + 'static, stderr: impl Write + Send + 'static) -> Self {
        Self { stdout: Arc::new(Mutex::new(stdout)), stderr: Arc::new(Mutex::new(stderr)) }
    }

    /// Writes to stdout.
    ///
    /// # Errors
    /// What the writer reports.
    pub fn with_stdout<T>(&self, write: impl FnOnce(&mut dyn Write) -> T) -> T {
        let mut stdout = self.stdout.lock().unwrap_or_else(PoisonError::into_inner);
        write(&mut *stdout)
    }

    /// Writes to stderr; that nobody reads it is no failure.
    pub fn with_stderr(&self, write: impl FnOnce(&mut dyn Write)) {
        let mut stderr = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        write(&mut *stderr);
        let _ = stderr.flush();
    }

    /// A text with colours of our own for people.
    pub fn say_in_colour(&self, text: &str) {
        self.with_stderr(|stderr| {
            let _ = stderr.write_all(harmless_in_colour(text).as_bytes());
        });
    }

    /// One line for people, with what came from outside made harmless.
    pub fn say(&self, line: &str) {
        self.with_stderr(|stderr| {
            let _ = writeln!(stderr, "{}", harmless(line));
        });
    }
}

/// A text that was coloured by us: as [`harmless`], but colours stay.
fn harmless_in_colour(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\u{1b}[") {
        let (before, after) = rest.split_at(at);
        out.push_str(&harmless(before));
        let codes = after.get(2..).unwrap_or_default();
        let length = codes.find(|c: char| !(c.is_ascii_digit() || c == ';')).unwrap_or(codes.len());
        let colour = 2 + length + 1;
        if codes.get(length..).is_some_and(|end| end.starts_with('m')) {
            out.push_str(after.get(..colour).unwrap_or_default());
            rest = after.get(colour..).unwrap_or_default();
        } else {
            out.push_str("\\u{1b}[");
            rest = codes;
        }
    }
    out.push_str(&harmless(rest));
    out
}

/// Control and bidirectional characters as escapes; line ends and tabs stay, for messages of several lines.
fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let bidi =
            matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if bidi || (c.is_control() && c != '\n' && c != '\t') {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_colours_pass_in_coloured_text() {
        let text = "\u{1b}[31merror\u{1b}[0m \u{1b}[2J \u{1b}]0;x\u{7} \u{202e}";
        assert_eq!(harmless_in_colour(text), "\u{1b}[31merror\u{1b}[0m \\u{1b}[2J \\u{1b}]0;x\\u{7} \\u{202e}");
    }

    #[test]
    fn a_file_name_cannot_drive_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\n\tc\u{202e}"), "a\\u{1b}[2Jb\n\tc\\u{202e}");
    }
}
