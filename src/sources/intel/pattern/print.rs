//! The canonical text of a tree: the spelling of the specification, one blank between words, brackets only where they
//! change the meaning.

use std::fmt::{Display, Formatter, Result, Write};

use super::lexis::is_bare;
use super::{Check, Comparison, Literal, ObjectPath, Observation, Pattern, Qualifier, Relation, Step, TextTest};

impl Display for Pattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.0.fmt(f)
    }
}

impl Display for Observation {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Bracket(comparison) => write!(f, "[{comparison}]"),
            Self::And(operands) => joined(f, operands, " AND ", Self::operand),
            Self::Or(operands) => joined(f, operands, " OR ", Self::operand),
            Self::FollowedBy(operands) => joined(f, operands, " FOLLOWEDBY ", Self::operand),
            Self::Qualified(inner, qualifiers) => {
                match inner.as_ref() {
                    Self::Bracket(_) => inner.fmt(f)?,
                    _ => write!(f, "({inner})")?,
                }
                qualifiers.iter().try_for_each(|qualifier| write!(f, " {qualifier}"))
            }
        }
    }
}

impl Observation {
    fn operand(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Bracket(_) | Self::Qualified(..) => self.fmt(f),
            _ => write!(f, "({self})"),
        }
    }
}

impl Display for Qualifier {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Within(seconds) => write!(f, "WITHIN {seconds} SECONDS"),
            Self::Repeats(times) => write!(f, "REPEATS {times} TIMES"),
            Self::StartStop(start, stop) => write!(f, "START t'{start}' STOP t'{stop}'"),
        }
    }
}

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::And(operands) => joined(f, operands, " AND ", Self::operand),
            Self::Or(operands) => joined(f, operands, " OR ", Self::operand),
            Self::Not(inner) => match inner.as_ref() {
                Self::Test(path, check) => write!(f, "{path} NOT {check}"),
                Self::Exists(_) => write!(f, "NOT {inner}"),
                _ => write!(f, "NOT ({inner})"),
            },
            Self::Exists(path) => write!(f, "EXISTS {path}"),
            Self::Test(path, check) => write!(f, "{path} {check}"),
        }
    }
}

impl Comparison {
    fn operand(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::And(_) | Self::Or(_) => write!(f, "({self})"),
            _ => self.fmt(f),
        }
    }
}

fn joined<T>(f: &mut Formatter<'_>, operands: &[T], word: &str, print: fn(&T, &mut Formatter<'_>) -> Result) -> Result {
    for (position, operand) in operands.iter().enumerate() {
        if position > 0 {
            f.write_str(word)?;
        }
        print(operand, f)?;
    }
    Ok(())
}

impl Display for ObjectPath {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}", self.object)?;
        for (position, step) in self.steps.iter().enumerate() {
            match step {
                Step::Key(key) => {
                    f.write_char(if position == 0 { ':' } else { '.' })?;
                    if is_bare(key) { f.write_str(key)? } else { quoted(f, key)? }
                }
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Any => f.write_str("[*]")?,
            }
        }
        Ok(())
    }
}

impl Display for Check {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Is(relation, literal) => write!(f, "{} {literal}", relation.sign()),
            Self::In(literals) => {
                f.write_str("IN (")?;
                joined(f, literals, ", ", Display::fmt)?;
                f.write_char(')')
            }
            Self::Text(test, text) => {
                write!(f, "{} ", test.word())?;
                quoted(f, text)
            }
        }
    }
}

impl Relation {
    const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

impl TextTest {
    const fn word(self) -> &'static str {
        match self {
            Self::Like => "LIKE",
            Self::Matches => "MATCHES",
            Self::IsSubset => "ISSUBSET",
            Self::IsSuperset => "ISSUPERSET",
        }
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Text(text) => quoted(f, text),
            Self::Int(number) => write!(f, "{number}"),
            // Without a point it would be read as an integer.
            Self::Float(number) if number.fract() == 0.0 => write!(f, "{number:.1}"),
            Self::Float(number) => write!(f, "{number}"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Timestamp(text) => write!(f, "t'{text}'"),
            Self::Binary(text) => write!(f, "b'{text}'"),
            Self::Hex(bytes) => {
                f.write_str("h'")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                f.write_char('\'')
            }
        }
    }
}

fn quoted(f: &mut Formatter<'_>, text: &str) -> Result {
    f.write_char('\'')?;
    for c in text.chars() {
        if matches!(c, '\'' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('\'')
}
