//! What a run does with an input that cannot be read (`--on-bad-input`).

/// Fail, or go on without it and say so.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OnBadInput {
    /// The run ends with exit code 3.
    #[default]
    Fail,
    /// The file is left out, listed in coverage, and the run ends with exit code 4.
    Skip,
}
