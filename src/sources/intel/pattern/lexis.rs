//! Words, signs, paths and constants. Each takes the blanks after it along.

use winnow::ascii::digit1;
use winnow::combinator::{alt, delimited, not, opt, preceded, repeat, terminated};
use winnow::error::{ContextError, ErrMode};
use winnow::prelude::*;
use winnow::token::{any, one_of, take_till, take_until, take_while};

use super::{Literal, ObjectPath, Step};

pub(super) type Input<'i> = &'i str;
pub(super) type Failure = ErrMode<ContextError<&'static str>>;
pub(super) type Parsed<T> = Result<T, Failure>;

pub(super) fn refuse<T>(reason: &'static str) -> Parsed<T> {
    let mut error = ContextError::new();
    error.push(reason);
    Err(ErrMode::Cut(error))
}

/// White space and comments, possibly none.
pub(super) fn blank(input: &mut Input<'_>) -> Parsed<()> {
    let space = take_while(1.., char::is_whitespace).void();
    let comment = ("/*", take_until(0.., "*/"), "*/").void();
    let remark = ("//", take_till(0.., ['\r', '\n'])).void();
    repeat(0.., alt((space, comment, remark))).parse_next(input)
}

/// A sign.
pub(super) fn symbol<'i>(sign: char) -> impl Parser<Input<'i>, (), Failure> {
    (sign, blank).void()
}

/// One of the spellings of a word. `ANDROID` and `AND:x` are not `AND`.
pub(super) fn keyword<'i>(words: &'static [&'static str]) -> impl Parser<Input<'i>, (), Failure> {
    move |input: &mut Input<'i>| {
        let mut word = take_while(1.., is_word).verify(move |word: &str| words.contains(&word));
        (word.by_ref(), not(':'), blank).void().parse_next(input)
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

/// Whether a key can stand without quotes.
pub(super) fn is_bare(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `object:key.key[*]`
pub(super) fn path(input: &mut Input<'_>) -> Parsed<ObjectPath> {
    let object = terminated(name, ':').context("expected an object path such as ipv4-addr:value").parse_next(input)?;
    let object = object.to_string();
    let mut steps = vec![Step::Key(key(input)?)];
    loop {
        if opt('.').parse_next(input)?.is_some() {
            steps.push(Step::Key(key(input)?));
        } else if opt('[').parse_next(input)?.is_some() {
            steps.push(index(input)?);
        } else {
            break;
        }
    }
    blank(input)?;
    Ok(ObjectPath { object, steps })
}

fn name<'i>(input: &mut Input<'i>) -> Parsed<&'i str> {
    (one_of(|c: char| c.is_ascii_alphabetic() || c == '_'), take_while(0.., is_word)).take().parse_next(input)
}

fn key(input: &mut Input<'_>) -> Parsed<String> {
    alt((name.map(str::to_string), quoted)).context("expected a key").parse_next(input)
}

fn index(input: &mut Input<'_>) -> Parsed<Step> {
    let number = (opt(one_of(['+', '-'])), digit1).take().try_map(str::parse).map(Step::Index);
    terminated(alt(('*'.value(Step::Any), number)), ']').context("expected [*] or [number]").parse_next(input)
}

/// What stands between two quotes; `\'` and `\\` are `'` and `\`.
fn quoted(input: &mut Input<'_>) -> Parsed<String> {
    '\''.parse_next(input)?;
    let mut text = String::new();
    loop {
        text.push_str(take_till(0.., ['\'', '\\']).parse_next(input)?);
        let Some(sign) = opt(any).parse_next(input)? else {
            return refuse("expected a closing quote");
        };
        if sign == '\'' {
            return Ok(text);
        }
        // A backslash before anything else is an error by the letter; feeds write Windows paths and regular expressions
        // so, beside alternatives that are perfectly good.
        text.push(opt(one_of(['\'', '\\'])).parse_next(input)?.unwrap_or('\\'));
    }
}

/// A string.
pub(super) fn text(input: &mut Input<'_>) -> Parsed<String> {
    terminated(quoted, blank).context("expected text in quotes").parse_next(input)
}

/// Any constant.
pub(super) fn literal(input: &mut Input<'_>) -> Parsed<Literal> {
    alt((
        text_literal,
        preceded('t', moment).map(Literal::Timestamp),
        preceded('b', unescaped(is_base64)).map(|text: &str| Literal::Binary(text.to_string())),
        preceded('h', unescaped(|c| c.is_ascii_hexdigit())).verify_map(hex).map(Literal::Hex),
        terminated("true", not(one_of(is_word))).value(Literal::Bool(true)),
        terminated("false", not(one_of(is_word))).value(Literal::Bool(false)),
        number,
    ))
    .context("expected a value such as 'text', 443, true or t'…'")
    .parse_next(input)
    .and_then(|literal| blank(input).map(|()| literal))
}

fn text_literal(input: &mut Input<'_>) -> Parsed<Literal> {
    quoted.map(Literal::Text).parse_next(input)
}

fn unescaped<'i>(allowed: fn(char) -> bool) -> impl Parser<Input<'i>, &'i str, Failure> {
    delimited('\'', take_while(0.., allowed), '\'')
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => {
                Some(u8::try_from(char::from(*high).to_digit(16)? * 16 + char::from(*low).to_digit(16)?).ok()?)
            }
            _ => None,
        })
        .collect()
}

fn number(input: &mut Input<'_>) -> Parsed<Literal> {
    let digits = || take_while(1.., |c: char| c.is_ascii_digit());
    let sign = || opt(one_of(['+', '-']));
    let float = (sign(), opt(digits()), '.', digits()).take().try_map(str::parse::<f64>);
    // Thousands of digits are infinite as f64, and infinity cannot be printed.
    let float = float.verify(|number| number.is_finite()).map(Literal::Float);
    let int = (sign(), digits()).take().try_map(str::parse::<i64>).map(Literal::Int);
    alt((float, int)).parse_next(input)
}

/// `'2025-09-01T00:00:00Z'`
fn moment(input: &mut Input<'_>) -> Parsed<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '.' | '+');
    unescaped(allowed).verify(|text: &str| !text.is_empty()).map(str::to_string).parse_next(input)
}

/// A time; STIX 2.0 writes it without the `t`.
pub(super) fn timestamp(input: &mut Input<'_>) -> Parsed<String> {
    preceded(opt('t'), terminated(moment, blank)).context("expected a time such as t'…'").parse_next(input)
}

/// A span of seconds, positive.
pub(super) fn seconds(input: &mut Input<'_>) -> Parsed<f64> {
    let digits = take_while(1.., |c: char| c.is_ascii_digit() || c == '.');
    let span = digits.try_map(str::parse::<f64>).verify(|span| span.is_finite() && *span > 0.0);
    terminated(span, blank).context("expected a number of seconds").parse_next(input)
}

/// A number of times, at least one.
pub(super) fn count(input: &mut Input<'_>) -> Parsed<u64> {
    let times = digit1.try_map(str::parse).verify(|times: &u64| *times > 0);
    terminated(times, blank).context("expected a number of times").parse_next(input)
}
