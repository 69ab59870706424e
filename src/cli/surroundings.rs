//! Everything a run learns from outside its arguments, read in one place so that tests can say what it is.

use std::collections::BTreeMap;
use std::io::{IsTerminal, stderr, stdout};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::model::Micros;

/// Width of text where nothing says how wide the reader's window is.
const DEFAULT_WIDTH: usize = 80;

/// How the variables begin by which object stores are reached.
const STORE_PREFIXES: [&str; 6] = ["AWS_", "AZURE_", "AZURITE_", "GOOGLE_", "IDENTITY_", "MSI_"];

/// The clock, the directory, the terminal and the machine, as they were when the program started.
#[derive(Clone)]
pub struct Surroundings {
    /// From here ages such as `90d` count back.
    pub now: Micros,
    /// From here relative paths start.
    pub cwd: PathBuf,
    /// Whether a person sees stdout.
    pub stdout_is_terminal: bool,
    /// Whether a person sees stderr.
    pub stderr_is_terminal: bool,
    /// The width of the window that stdout or else stderr shows.
    pub terminal_width: Option<usize>,
    /// `COLUMNS`, when it is a number.
    pub columns: Option<usize>,
    /// Whether `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// Threads that run at the same time.
    pub cores: usize,
    /// The program's own file, for processes that it starts.
    pub program: PathBuf,
    /// The user's home directory.
    pub home: Option<PathBuf>,
    /// The variables by which object stores are reached.
    pub stores: BTreeMap<String, String>,
}

impl Surroundings {
    /// Looks around. It fails only when there is no working directory.
    pub fn read() -> std::io::Result<Self> {
        let columns =
            std::env::var("COLUMNS").ok().and_then(|text| text.trim().parse().ok()).filter(|width| *width > 0);
        let size = terminal_size::terminal_size_of(stdout()).or_else(|| terminal_size::terminal_size_of(stderr()));
        Ok(Self {
            now: now(),
            cwd: std::env::current_dir()?,
            stdout_is_terminal: stdout().is_terminal(),
            stderr_is_terminal: stderr().is_terminal(),
            terminal_width: size.map(|(width, _)| usize::from(width.0)).filter(|width| *width > 0),
            columns,
            no_color: std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            program: std::env::current_exe().unwrap_or_default(),
            home: std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from),
            stores: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .filter(|(name, _)| STORE_PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
                .collect(),
        })
    }

    /// Columns for what is written to the terminal.
    pub(super) fn terminal_columns(&self) -> usize {
        self.terminal_width.or(self.columns).unwrap_or(DEFAULT_WIDTH)
    }

    /// Columns for what goes to a file or a pipe: another window's width must not shape it.
    pub(super) fn file_columns(&self) -> usize {
        self.columns.unwrap_or(DEFAULT_WIDTH)
    }
}

fn now() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
    Micros(i64::try_from(since).unwrap_or(i64::MAX))
}
