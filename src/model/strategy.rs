//! How addresses of an archive are looked up on a list. Findings never depend on it; time does.

use std::fmt;

/// `--strategy`, and a row of `coldtrail bench`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Strategy {
    /// For each file the fastest that it allows: `index`, else `id-scan`, else `dictionary`.
    #[default]
    Auto,
    /// A plan of its own: `RemoteIP IN ('…', …)`.
    InList,
    /// A hash semi join with the list, whose bounds and hash table are pushed to the scan while it runs.
    SemiJoin,
    /// The same without that push.
    SemiJoinStatic,
    /// Events and list sorted by address and merged.
    SortMerge,
    /// Each row's text is parsed and looked up; other columns are read of matching rows only.
    SetFunction,
    /// The dictionary page is asked first and may end a row group; rows are looked up by their entry in it.
    Dictionary,
    /// Dictionary numbers of pages against a set of bits, without making text.
    IdScan,
    /// Rows come from an index; only they are read.
    Index,
}

impl Strategy {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Auto,
        Self::InList,
        Self::SemiJoin,
        Self::SemiJoinStatic,
        Self::SortMerge,
        Self::SetFunction,
        Self::Dictionary,
        Self::IdScan,
        Self::Index,
    ];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::InList => "in-list",
            Self::SemiJoin => "semi-join",
            Self::SemiJoinStatic => "semi-join-static",
            Self::SortMerge => "sort-merge",
            Self::SetFunction => "set-function",
            Self::Dictionary => "dictionary",
            Self::IdScan => "id-scan",
            Self::Index => "index",
        }
    }

    /// Whether it is a join of tables, which compares exact addresses and nothing else.
    #[must_use]
    pub const fn is_join(self) -> bool {
        matches!(self, Self::InList | Self::SemiJoin | Self::SemiJoinStatic | Self::SortMerge)
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
