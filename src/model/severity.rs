//! How serious a finding is: the four levels of the hunt, in an order that is not alphabetical.

use std::fmt;
use std::str::FromStr;

/// A risk level; the order is the order of severity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Nothing raises it. Not a verdict: an accepted inbound connection is LOW too.
    Low,
    /// Outbound without an indicator.
    Medium,
    /// An indicator stands on the address.
    High,
    /// An indicator with confidence 80 or more.
    Critical,
}

impl Severity {
    /// From CRITICAL down, the order of reports.
    pub const DESCENDING: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// The word in `RiskLevel`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "CRITICAL",
            Self::High => "HIGH",
            Self::Medium => "MEDIUM",
            Self::Low => "LOW",
        }
    }

    /// 0 for LOW to 3 for CRITICAL.
    #[must_use]
    pub const fn rank(self) -> i64 {
        self as i64
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Reads the word in any case.
impl FromStr for Severity {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::DESCENDING.into_iter().find(|level| level.as_str().eq_ignore_ascii_case(text)).ok_or(())
    }
}
