//! Runs the real binary as a script would, in surroundings that are the same on every machine: the repository's root as
//! the working directory, no environment but `PATH` and the width of a window, nothing on stdin.
//!
//! It knows how a run is started and read, and nothing of what is asked.
#![cfg(test)]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// The demo's inputs.
pub(crate) const DEMO: [&str; 6] =
    ["--events", "testdata/demo/events", "--tor", "testdata/demo/tor-history", "--intel", "testdata/demo/intel"];

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A run that has not started.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    args: Vec<OsString>,
    columns: usize,
    folder: PathBuf,
    hidden: Vec<(String, &'static str)>,
}

impl Run {
    /// These arguments, at 80 columns.
    pub(crate) fn new(args: &[&str]) -> Self {
        Self { args: Vec::new(), columns: 80, folder: root().to_owned(), hidden: Vec::new() }.and(args)
    }

    /// `hunt` over the demo archive.
    pub(crate) fn demo(more: &[&str]) -> Self {
        Self::new(&["hunt"]).and(&DEMO).and(more)
    }

    /// More arguments.
    pub(crate) fn and(mut self, args: &[&str]) -> Self {
        self.args.extend(args.iter().map(OsString::from));
        self
    }

    /// One more flag with a path.
    pub(crate) fn path(mut self, flag: &str, path: &Path) -> Self {
        self.args.extend([OsString::from(flag), path.into()]);
        self
    }

    /// The width of the reader's window.
    pub(crate) fn columns(mut self, columns: usize) -> Self {
        self.columns = columns;
        self
    }

    /// Another working directory.
    pub(crate) fn inside(mut self, folder: &Path) -> Self {
        folder.clone_into(&mut self.folder);
        self
    }

    /// A path that differs from run to run, and its name in snapshots.
    pub(crate) fn hide(mut self, path: &Path, name: &'static str) -> Self {
        self.hidden.push((path.display().to_string(), name));
        self
    }

    /// The command, for tests that hold its streams themselves.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coldtrail"));
        command.args(&self.args).current_dir(&self.folder).env_clear().env("COLUMNS", self.columns.to_string());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs to the end.
    pub(crate) fn go(&self) -> Ran {
        let output = self.command().output().unwrap();
        Ran {
            line: self.line(),
            code: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).expect("stderr is text"),
            hidden: self.hidden.clone(),
        }
    }

    /// What was typed.
    fn line(&self) -> String {
        let words = self.args.iter().map(|word| {
            let word = word.to_string_lossy();
            if word.is_empty() || word.contains([' ', '*', '\n']) { format!("'{word}'") } else { word.into_owned() }
        });
        format!("coldtrail {}", words.collect::<Vec<_>>().join(" "))
    }
}

/// A run that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    line: String,
    /// The exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    /// The report, byte for byte.
    pub(crate) stdout: Vec<u8>,
    /// What people read.
    pub(crate) stderr: String,
    hidden: Vec<(String, &'static str)>,
}

impl Ran {
    /// Fails, showing what the program said, unless it ended with this code.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.line, self.stderr);
        self
    }

    /// The report as text.
    #[track_caller]
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("stdout is text")
    }

    /// The report's lines, each a JSON value.
    #[track_caller]
    pub(crate) fn lines(&self) -> Vec<Value> {
        json_lines(self.text())
    }

    /// The report as one JSON value.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap()
    }

    /// What was typed and what came of it, without what differs between machines and versions.
    pub(crate) fn transcript(&self) -> String {
        self.settled(&format!("$ {}\n[{}]\n{}{}", self.line, self.ended(), self.text(), self.stderr))
    }

    /// Exit code and both streams, without what differs between machines and versions.
    pub(crate) fn snapshot_text(&self) -> String {
        self.settled(&format!("exit: {}\n--- stdout\n{}--- stderr\n{}", self.ended(), self.text(), self.stderr))
    }

    fn ended(&self) -> String {
        self.code.map_or_else(|| "signal".to_owned(), |code| code.to_string())
    }

    fn settled(&self, text: &str) -> String {
        let version = concat!("coldtrail ", env!("CARGO_PKG_VERSION"));
        let text = text.replace(version, "coldtrail [version]");
        self.hidden.iter().fold(text, |text, (path, name)| text.replace(path.as_str(), name))
    }
}

/// Lines of JSON.
#[track_caller]
pub(crate) fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A file of the repository or an absolute one, as text.
#[track_caller]
pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A file with one JSON value.
#[track_caller]
pub(crate) fn read_json(path: impl AsRef<Path>) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}

/// Every file below a folder, sorted.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// What a run should not leave behind: hidden names and `.tmp` endings.
pub(crate) fn leftovers(folder: &Path) -> Vec<PathBuf> {
    let left = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with('.') || name.ends_with(".tmp")
    };
    files_below(folder).into_iter().filter(left).collect()
}

/// A copy of a folder of the repository.
pub(crate) fn copy_tree(from: &str, to: &Path) {
    let from = root().join(from);
    for file in files_below(&from) {
        let target = to.join(file.strip_prefix(&from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&file, target).unwrap();
    }
}
