//! The grammar, from the whole down to one comparison; words and constants are in `lexis`.
//!
//! No alternative is tried twice, so time is linear; every function that calls itself counts its depth.

use winnow::combinator::{alt, eof, opt};
use winnow::prelude::*;

use super::lexis::{Input, Parsed, blank, count, keyword, literal, path, refuse, seconds, symbol, text, timestamp};
use super::{
    BYTES_MAX, Check, Comparison, DEPTH_MAX, Literal, Observation, Pattern, PatternError, Qualifier, Relation, TextTest,
};

const UNREADABLE: &str = "no STIX pattern";

/// Reads the whole text.
pub(super) fn pattern(text: &str) -> Result<Pattern, PatternError> {
    if text.len() > BYTES_MAX {
        return Err(PatternError { offset: BYTES_MAX, reason: "pattern longer than 1 MiB" });
    }
    whole.parse(text).map_err(|error| PatternError {
        offset: error.offset(),
        reason: error.inner().context().next().copied().unwrap_or(UNREADABLE),
    })
}

fn whole(input: &mut Input<'_>) -> Parsed<Pattern> {
    blank(input)?;
    let observation = observations(input, 0)?;
    eof.context("expected AND, OR, FOLLOWEDBY, a qualifier or the end").parse_next(input)?;
    Ok(Pattern(observation))
}

/// Operands joined by a word, one or more; one stands for itself.
fn chain<'i, T>(
    input: &mut Input<'i>,
    words: &'static [&'static str],
    join: fn(Vec<T>) -> T,
    mut operand: impl FnMut(&mut Input<'i>) -> Parsed<T>,
) -> Parsed<T> {
    let first = operand(input)?;
    if opt(keyword(words)).parse_next(input)?.is_none() {
        return Ok(first);
    }
    let mut operands = vec![first, operand(input)?];
    while opt(keyword(words)).parse_next(input)?.is_some() {
        operands.push(operand(input)?);
    }
    Ok(join(operands))
}

const AND: &[&str] = &["AND", "and"];
const OR: &[&str] = &["OR", "or"];
const TEXT_TESTS: [(&[&str], TextTest); 4] = [
    (&["LIKE"], TextTest::Like),
    (&["MATCHES"], TextTest::Matches),
    (&["ISSUBSET"], TextTest::IsSubset),
    (&["ISSUPERSET"], TextTest::IsSuperset),
];

fn deeper(depth: usize) -> Parsed<usize> {
    if depth < DEPTH_MAX { Ok(depth + 1) } else { refuse("nested more than 64 deep") }
}

fn observations(input: &mut Input<'_>, depth: usize) -> Parsed<Observation> {
    chain(input, &["FOLLOWEDBY"], Observation::FollowedBy, |input| {
        chain(input, OR, Observation::Or, |input| {
            chain(input, AND, Observation::And, |input| observation(input, depth))
        })
    })
}

fn observation(input: &mut Input<'_>, depth: usize) -> Parsed<Observation> {
    let inner = if opt(symbol('[')).parse_next(input)?.is_some() {
        let comparison = comparisons(input, depth)?;
        symbol(']').context("expected AND, OR or ]").parse_next(input)?;
        Observation::Bracket(comparison)
    } else if opt(symbol('(')).parse_next(input)?.is_some() {
        let inner = observations(input, deeper(depth)?)?;
        symbol(')').context("expected AND, OR, FOLLOWEDBY, a qualifier or )").parse_next(input)?;
        inner
    } else {
        return refuse("expected [ or (");
    };
    let mut qualifiers = Vec::new();
    while let Some(qualifier) = qualifier(input)? {
        qualifiers.push(qualifier);
    }
    Ok(if qualifiers.is_empty() { inner } else { Observation::Qualified(Box::new(inner), qualifiers) })
}

fn qualifier(input: &mut Input<'_>) -> Parsed<Option<Qualifier>> {
    if opt(keyword(&["WITHIN"])).parse_next(input)?.is_some() {
        let span = seconds(input)?;
        keyword(&["SECONDS"]).context("expected SECONDS").parse_next(input)?;
        return Ok(Some(Qualifier::Within(span)));
    }
    if opt(keyword(&["REPEATS"])).parse_next(input)?.is_some() {
        let times = count(input)?;
        keyword(&["TIMES"]).context("expected TIMES").parse_next(input)?;
        return Ok(Some(Qualifier::Repeats(times)));
    }
    if opt(keyword(&["START"])).parse_next(input)?.is_some() {
        let start = timestamp(input)?;
        keyword(&["STOP"]).context("expected STOP").parse_next(input)?;
        return Ok(Some(Qualifier::StartStop(start, timestamp(input)?)));
    }
    Ok(None)
}

fn comparisons(input: &mut Input<'_>, depth: usize) -> Parsed<Comparison> {
    chain(input, OR, Comparison::Or, |input| chain(input, AND, Comparison::And, |input| comparison(input, depth)))
}

fn comparison(input: &mut Input<'_>, depth: usize) -> Parsed<Comparison> {
    if opt(symbol('(')).parse_next(input)?.is_some() {
        let inner = comparisons(input, deeper(depth)?)?;
        symbol(')').context("expected AND, OR or )").parse_next(input)?;
        return Ok(inner);
    }
    if opt(keyword(&["NOT"])).parse_next(input)?.is_some() {
        return Ok(Comparison::Not(Box::new(comparison(input, deeper(depth)?)?)));
    }
    if opt(keyword(&["EXISTS"])).parse_next(input)?.is_some() {
        return Ok(Comparison::Exists(path(input)?));
    }
    let path = path(input)?;
    let negated = opt(keyword(&["NOT"])).parse_next(input)?.is_some();
    let test = Comparison::Test(path, check(input)?);
    Ok(if negated { Comparison::Not(Box::new(test)) } else { test })
}

fn check(input: &mut Input<'_>) -> Parsed<Check> {
    if let Some(relation) = opt(relation).parse_next(input)? {
        return Ok(Check::Is(relation, literal(input)?));
    }
    if opt(keyword(&["IN", "in"])).parse_next(input)?.is_some() {
        return list(input).map(Check::In);
    }
    for (word, test) in TEXT_TESTS {
        if opt(keyword(word)).parse_next(input)?.is_some() {
            return Ok(Check::Text(test, text(input)?));
        }
    }
    refuse("expected an operator such as =, IN or LIKE")
}

fn relation(input: &mut Input<'_>) -> Parsed<Relation> {
    // The longer sign first: `<` begins three of them.
    let sign = alt((
        alt(("!=", "<>")).value(Relation::NotEqual),
        "<=".value(Relation::LessOrEqual),
        ">=".value(Relation::GreaterOrEqual),
        "<".value(Relation::Less),
        ">".value(Relation::Greater),
        alt(("==", "=")).value(Relation::Equal),
    ))
    .parse_next(input)?;
    blank(input)?;
    Ok(sign)
}

fn list(input: &mut Input<'_>) -> Parsed<Vec<Literal>> {
    symbol('(').context("expected ( after IN").parse_next(input)?;
    let mut members = Vec::new();
    if opt(symbol(')')).parse_next(input)?.is_some() {
        return Ok(members);
    }
    loop {
        members.push(literal(input)?);
        if opt(symbol(',')).parse_next(input)?.is_none() {
            break;
        }
    }
    symbol(')').context("expected , or )").parse_next(input)?;
    Ok(members)
}
