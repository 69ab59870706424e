//! A glob, cut into the fixed directory above it and the pattern below.

use globset::{GlobBuilder, GlobMatcher};

/// A pattern over paths below its root.
#[derive(Debug)]
pub(super) struct Pattern {
    root: String,
    matcher: GlobMatcher,
    depth_max: Option<usize>,
}

impl Pattern {
    /// Whether the text has any character that a pattern would.
    pub(super) fn is_one(text: &str) -> bool {
        text.contains(['*', '?', '[', '{'])
    }

    /// Reads a pattern in which `*` stays inside one path part and `**` crosses them.
    pub(super) fn new(text: &str) -> Result<Self, globset::Error> {
        let fixed = text.split('/').take_while(|part| !Self::is_one(part)).map(|part| part.len() + 1).sum::<usize>();
        let (root, rest) = text.split_at(fixed.min(text.len()));
        let root = if root.len() > 1 { root.trim_end_matches('/') } else { root };
        let matcher = GlobBuilder::new(rest).literal_separator(true).build()?.compile_matcher();
        // A brace may hold a slash, so only plain patterns tell how deep they reach.
        let depth_max = (!rest.contains("**") && !rest.contains('{')).then(|| rest.split('/').count());
        Ok(Self { root: root.to_string(), matcher, depth_max })
    }

    /// The fixed directory, as typed; empty when the pattern begins at once.
    pub(super) fn root(&self) -> &str {
        &self.root
    }

    /// Whether a path below the root matches.
    pub(super) fn matches(&self, relative: &str) -> bool {
        self.matcher.is_match(relative)
    }

    /// Whether anything below a directory with this path could match.
    pub(super) fn reaches_below(&self, relative: &str) -> bool {
        self.depth_max.is_none_or(|depth_max| relative.split('/').count() < depth_max)
    }
}
