//! How a run ends, as exit codes (DESIGN §3.1).

use thiserror::Error;

use crate::cli::CliError;
use crate::engine::EngineError;
use crate::hunt::HuntError;
use crate::report::ReportError;
use crate::sources::SourceError;
use crate::synth::SynthError;

/// A run that did what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Done,
    /// Findings at or above `--fail-on`.
    Findings,
    /// Done, but some input was skipped.
    Skipped,
    /// Ctrl+C.
    Interrupted,
}

impl Outcome {
    /// The exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Findings => 1,
            Self::Skipped => 4,
            Self::Interrupted => 130,
        }
    }
}

/// A run that could not do what was asked.
#[derive(Debug, Error)]
pub enum RunError {
    /// Options that do not fit together.
    #[error("{0}")]
    Usage(#[from] CliError),
    /// A hunt that cannot be used.
    #[error("{0}")]
    Hunt(#[from] HuntError),
    /// Hunts that do not pass the check; their errors were written already.
    #[error("{0} of {1} hunts cannot be used")]
    Check(usize, usize),
    /// An input.
    #[error("{0}")]
    Source(#[from] SourceError),
    /// The query.
    #[error("{0}")]
    Engine(#[from] EngineError),
    /// An output.
    #[error("{target}: {error}")]
    Output {
        /// The file, or `stdout`.
        target: String,
        /// Why.
        error: ReportError,
    },
    /// Synthetic telemetry.
    #[error("{0}")]
    Synth(#[from] SynthError),
    /// The machine refused something that every run needs.
    #[error("{0}")]
    System(String),
}

impl RunError {
    /// The exit code.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Hunt(_) | Self::Check(..) => 2,
            Self::Engine(EngineError::Sql { .. } | EngineError::Execution { .. }) => 2,
            Self::Source(_) | Self::Engine(EngineError::Read { .. } | EngineError::Convert(_)) | Self::System(_) => 3,
            Self::Engine(EngineError::Resources(_) | EngineError::Spool(_) | EngineError::DiskFull(_)) => 5,
            Self::Output { error: ReportError::Io(io), .. } if is_full(io) => 5,
            Self::Output { .. } => 2,
            Self::Synth(SynthError::Io { source, .. }) if is_full(source) => 5,
            Self::Synth(SynthError::Parquet { .. }) => 5,
            Self::Synth(_) => 2,
        }
    }

    /// Whether the reader of stdout went away, as `head` does: the run is done.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output { error, .. } if error.is_broken_pipe())
    }
}

fn is_full(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
}
