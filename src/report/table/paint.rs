//! Colours, which are the terminal's own so that they fit its theme.

use crate::model::Severity;

/// What a piece of text is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tint {
    /// A finding's level.
    Level(Severity),
    /// A heading or a name.
    Strong,
    /// A label.
    Faint,
    /// What must not be overlooked.
    Warning,
}

impl Tint {
    /// The ANSI sequence that begins it; `RESET` ends it.
    pub(super) const fn begin(self) -> &'static str {
        match self {
            Self::Level(Severity::Critical) => "\u{1b}[1;31m",
            Self::Level(Severity::High) => "\u{1b}[31m",
            Self::Level(Severity::Medium) | Self::Warning => "\u{1b}[33m",
            Self::Level(Severity::Low) => "\u{1b}[34m",
            Self::Strong => "\u{1b}[1m",
            Self::Faint => "\u{1b}[2m",
        }
    }
}

/// Ends every tint.
pub(super) const RESET: &str = "\u{1b}[0m";
