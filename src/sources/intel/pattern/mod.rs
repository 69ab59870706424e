//! STIX 2 patterns: the language in which an indicator says what it is.
//!
//! A real parser, because a pattern is a condition and not a value: text search would take `NOT`, an `AND` of two
//! observables or a quoted bracket for an indicator of its own. The tree keeps everything that was written; only
//! [`observables`] decides what of it a connection can be compared with. Nothing here reads files or judges values.
//!
//! Grammar: STIX 2.1, section 9. Keywords are case-sensitive, as it says; `and`, `or` and `in` are accepted too, because
//! feeds write them. So are, for the same reason, keys with a hyphen and without quotes (`hashes.SHA-256`), `NOT` in front
//! of a test, and a backslash that escapes nothing. Input is hostile: its length and depth are bounded.

mod case;
mod lexis;
mod observables;
mod parse;
mod print;
#[cfg(test)]
mod tests;

use thiserror::Error;

pub(in crate::sources) use self::observables::{ObservableKind, Understood, observables};

/// Longest pattern that is read: an OR of some ten thousand hashes.
const BYTES_MAX: usize = 1 << 20;

/// Deepest nesting of parentheses and `NOT`. Every step costs stack.
const DEPTH_MAX: usize = 64;

/// Why a pattern cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("pattern not readable at byte {offset}: {reason}")]
pub(in crate::sources) struct PatternError {
    /// Bytes before the place.
    pub(in crate::sources) offset: usize,
    /// What was expected there.
    pub(in crate::sources) reason: &'static str,
}

/// A whole pattern.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::sources) struct Pattern(Observation);

/// What is to be observed. `And`, `Or` and `FollowedBy` hold at least two.
#[derive(Clone, PartialEq, Debug)]
enum Observation {
    /// `[…]`: one observation that fulfils the comparison.
    Bracket(Comparison),
    And(Vec<Self>),
    Or(Vec<Self>),
    FollowedBy(Vec<Self>),
    /// With at least one qualifier.
    Qualified(Box<Self>, Vec<Qualifier>),
}

/// How often and when.
#[derive(Clone, PartialEq, Debug)]
enum Qualifier {
    /// `WITHIN n SECONDS`
    Within(f64),
    /// `REPEATS n TIMES`
    Repeats(u64),
    /// `START t'…' STOP t'…'`
    StartStop(String, String),
}

/// A condition on one observation. `And` and `Or` hold at least two.
#[derive(Clone, PartialEq, Debug)]
enum Comparison {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Exists(ObjectPath),
    Test(ObjectPath, Check),
}

/// What is compared: `object:step.step[*]`.
#[derive(Clone, PartialEq, Eq, Debug)]
struct ObjectPath {
    object: String,
    /// At least one; the first is a key.
    steps: Vec<Step>,
}

/// One step of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Step {
    Key(String),
    /// `[n]`
    Index(i64),
    /// `[*]`
    Any,
}

/// What a value is compared with.
#[derive(Clone, PartialEq, Debug)]
enum Check {
    Is(Relation, Literal),
    In(Vec<Literal>),
    Text(TextTest, String),
}

/// An order between two values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Relation {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A test against text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum TextTest {
    Like,
    Matches,
    IsSubset,
    IsSuperset,
}

/// A constant.
#[derive(Clone, PartialEq, Debug)]
enum Literal {
    Text(String),
    Int(i64),
    Float(f64),
    Bool(bool),
    /// `t'…'`, unread.
    Timestamp(String),
    /// `b'…'`: base64, unread.
    Binary(String),
    /// `h'…'`
    Hex(Vec<u8>),
}

/// Reads a pattern.
///
/// # Errors
/// Text that is no pattern, or one that is too long or nested too deeply.
pub(in crate::sources) fn parse(text: &str) -> Result<Pattern, PatternError> {
    parse::pattern(text)
}

/// Reads a pattern and says what of it can be matched: all that a reader of indicators needs, and the entry for fuzzing.
///
/// # Errors
/// Those of [`parse`].
pub(in crate::sources) fn read(text: &str) -> Result<Understood, PatternError> {
    parse(text).map(|pattern| observables(&pattern))
}
