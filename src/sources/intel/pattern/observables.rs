//! What of a pattern a connection can be compared with.
//!
//! A pattern is turned into alternatives, each a conjunction ([`Case`]). An alternative that is one address, domain or URL
//! is an indicator; any other is counted by reason, and does not spoil its siblings. Values are handed on as written.
//!
//! Widened on purpose: a port and `protocols` are told or passed over, never demanded. `WITHIN` says nothing of a single
//! sighting and is passed over too; `REPEATS` and `START … STOP` do leave sightings out, so the indicator is kept and the
//! qualifier is counted.

use std::collections::BTreeSet;

use super::super::tally::{EMAIL, FILE_HASH, OTHER_KIND};
use super::case::{Case, Side};
use super::{Check, Comparison, Literal, ObjectPath, Observation, Pattern, Qualifier, Relation, Step, TextTest};

/// Most alternatives that an `AND` over `OR`s may come to.
const PRODUCT_MAX: usize = 1_000;

/// One indicator on more than one thing.
pub(super) const SEVERAL: &str = "AND of several observables";
const PRODUCT: &str = "pattern with more than 1,000 combinations";
const NO_TEXT: &str = "pattern with a value of the wrong type";
const NO_PORT: &str = "port is no number from 0 to 65535 (kept without it)";
const EMPTY_LIST: &str = "pattern with an empty IN";

/// What is observed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(in crate::sources) enum ObservableKind {
    /// An address or prefix.
    Address,
    /// A host name.
    Domain,
    /// A URL.
    Url,
}

/// One indicator of a pattern.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(in crate::sources) struct Observable {
    /// As the pattern says; whether the value is one is not judged here.
    pub(in crate::sources) kind: ObservableKind,
    /// As written.
    pub(in crate::sources) value: String,
    /// The port of the same end, told and not demanded.
    pub(in crate::sources) port: Option<u16>,
    /// The address that the domain or URL must have, as written.
    pub(in crate::sources) also_address: Option<String>,
}

/// A pattern as far as it can be matched.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::sources) struct Understood {
    /// In the order of the pattern, each once.
    pub(in crate::sources) indicators: Vec<Observable>,
    /// One reason per alternative that cannot be matched; those that end in `(kept without it)` are about one that is
    /// kept.
    pub(in crate::sources) unsupported: Vec<&'static str>,
}

/// Says what of a pattern can be matched.
pub(in crate::sources) fn observables(pattern: &Pattern) -> Understood {
    let mut understood = observed(&pattern.0);
    let mut seen = BTreeSet::new();
    understood.indicators.retain(|observable| seen.insert(observable.clone()));
    understood
}

fn observed(observation: &Observation) -> Understood {
    let mut sum = Understood::default();
    match observation {
        Observation::Bracket(comparison) => {
            for settled in cases(comparison).into_iter().map(Case::settle) {
                match settled {
                    Ok(settled) => {
                        sum.indicators.push(settled.observable);
                        sum.unsupported.extend(settled.no_port.then_some(NO_PORT));
                    }
                    Err(reason) => sum.unsupported.push(reason),
                }
            }
        }
        Observation::Or(operands) => {
            for part in operands.iter().map(observed) {
                sum.indicators.extend(part.indicators);
                sum.unsupported.extend(part.unsupported);
            }
        }
        Observation::And(operands) => sum.unsupported.push(together(operands)),
        Observation::FollowedBy(_) => sum.unsupported.push("pattern with FOLLOWEDBY"),
        Observation::Qualified(inner, qualifiers) => {
            sum = observed(inner);
            if !sum.indicators.is_empty() {
                sum.unsupported.extend(qualifiers.iter().filter_map(left_out));
            }
        }
    }
    sum
}

/// Brackets that are all about the same kind of thing that no connection shows are no loss; any others are.
fn together(operands: &[Observation]) -> &'static str {
    let mut parts = operands.iter().map(observed);
    let Some(kind) = parts.next().and_then(|part| only_kind(&part)) else { return SEVERAL };
    if parts.all(|part| only_kind(&part) == Some(kind)) { kind } else { SEVERAL }
}

fn only_kind(part: &Understood) -> Option<&'static str> {
    let kind = *part.unsupported.first()?;
    let same = part.indicators.is_empty() && part.unsupported.iter().all(|reason| *reason == kind);
    (same && [EMAIL, FILE_HASH, OTHER_KIND].contains(&kind)).then_some(kind)
}

fn left_out(qualifier: &Qualifier) -> Option<&'static str> {
    match qualifier {
        Qualifier::Within(_) | Qualifier::Repeats(..=1) => None,
        Qualifier::Repeats(_) => Some("pattern with REPEATS (kept without it)"),
        Qualifier::StartStop(..) => Some("pattern with START and STOP (kept without it)"),
    }
}

/// The alternatives of a comparison, at least one.
fn cases(comparison: &Comparison) -> Vec<Case<'_>> {
    match comparison {
        Comparison::Or(operands) => operands.iter().flat_map(cases).collect(),
        Comparison::And(operands) => product(operands.iter().map(cases)),
        Comparison::Test(path, check) => tested(path, check),
        Comparison::Exists(path) => vec![unless_foreign(path, "pattern with EXISTS")],
        Comparison::Not(inner) => vec![match inner.as_ref() {
            Comparison::Test(path, _) | Comparison::Exists(path) => unless_foreign(path, "pattern with NOT"),
            _ => Case::refused("pattern with NOT"),
        }],
    }
}

/// Each alternative of each operand with each of the others.
fn product<'p>(operands: impl Iterator<Item = Vec<Case<'p>>>) -> Vec<Case<'p>> {
    let mut single = Case::default();
    let mut wide = Vec::new();
    for operand in operands {
        match operand.as_slice() {
            [case] => single = single.and(*case),
            _ => wide.push(operand),
        }
    }
    let mut product = vec![single];
    for operand in wide {
        if product.len() * operand.len() > PRODUCT_MAX {
            return vec![Case::refused(PRODUCT)];
        }
        product = product.iter().flat_map(|one| operand.iter().map(|two| one.and(*two))).collect();
    }
    product
}

/// What a path leads to.
enum Role {
    Value(ObservableKind),
    EndValue(Side),
    EndType(Side),
    Port(Side),
    Resolved,
    /// Something about a connection or its ends that narrows and is passed over.
    Detail,
    /// Something that no connection shows.
    Foreign(&'static str),
}

impl Role {
    fn of(path: &ObjectPath) -> Self {
        let mut steps = path.steps.iter().filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Index(_) | Step::Any => None,
        });
        match (path.object.as_str(), steps.next().unwrap_or_default(), steps.next(), steps.next()) {
            ("ipv4-addr" | "ipv6-addr", "value", None, _) => Self::Value(ObservableKind::Address),
            // `hostname` is OpenCTI's own object.
            ("domain-name" | "hostname", "value", None, _) => Self::Value(ObservableKind::Domain),
            ("url", "value", None, _) => Self::Value(ObservableKind::Url),
            ("domain-name", "resolves_to_refs", Some("value"), None) => Self::Resolved,
            ("domain-name", "resolves_to_refs", Some("type"), None) => Self::Detail,
            ("network-traffic", "dst_ref", Some("value"), None) => Self::EndValue(Side::Destination),
            ("network-traffic", "src_ref", Some("value"), None) => Self::EndValue(Side::Source),
            ("network-traffic", "dst_ref", Some("type"), None) => Self::EndType(Side::Destination),
            ("network-traffic", "src_ref", Some("type"), None) => Self::EndType(Side::Source),
            ("network-traffic", "dst_port", None, _) => Self::Port(Side::Destination),
            ("network-traffic", "src_port", None, _) => Self::Port(Side::Source),
            ("network-traffic", "protocols", None, _) => Self::Detail,
            // MISP's own properties: facts about the same object.
            ("url", "x_misp_ip", None, _) => Self::Resolved,
            ("url" | "domain-name", "x_misp_port", None, _) => Self::Port(Side::Destination),
            ("ipv4-addr" | "ipv6-addr" | "domain-name" | "url" | "network-traffic", key, None, _)
                if key.starts_with("x_") =>
            {
                Self::Detail
            }
            ("file" | "artifact", ..) => Self::Foreign(FILE_HASH),
            ("email-addr" | "email-message", ..) => Self::Foreign(EMAIL),
            _ => Self::Foreign(OTHER_KIND),
        }
    }
}

/// What an operator cannot be judged for matters only where the object could be matched at all.
fn unless_foreign(path: &ObjectPath, reason: &'static str) -> Case<'static> {
    match Role::of(path) {
        Role::Foreign(kind) => Case::foreign(kind),
        _ => Case::refused(reason),
    }
}

fn tested<'p>(path: &ObjectPath, check: &'p Check) -> Vec<Case<'p>> {
    let role = Role::of(path);
    if let Role::Foreign(kind) = role {
        return vec![Case::foreign(kind)];
    }
    let refused = |reason| vec![Case::refused(reason)];
    match check {
        Check::Is(Relation::Equal, literal) => vec![equal(&role, literal)],
        Check::In(literals) if literals.is_empty() => refused(EMPTY_LIST),
        Check::In(_) if matches!(role, Role::Detail) => vec![Case::default()],
        Check::In(literals) => literals.iter().map(|literal| equal(&role, literal)).collect(),
        Check::Text(TextTest::IsSubset, text) => vec![subset(&role, text)],
        Check::Is(Relation::NotEqual, _) => refused("pattern with !="),
        Check::Is(_, _) => refused("pattern with < or >"),
        Check::Text(TextTest::Like, _) => refused("pattern with LIKE"),
        Check::Text(TextTest::Matches, _) => refused("pattern with MATCHES"),
        Check::Text(TextTest::IsSuperset, _) => refused("pattern with ISSUPERSET"),
    }
}

fn equal<'p>(role: &Role, literal: &'p Literal) -> Case<'p> {
    match (role, literal) {
        (Role::Port(side), _) => Case::port(*side, port(literal)),
        (Role::Detail, _) => Case::default(),
        (Role::EndType(side), Literal::Text(text)) => Case::end_type(*side, text),
        (_, Literal::Text(text)) => named(role, text).unwrap_or(Case::refused(NO_TEXT)),
        _ => Case::refused(NO_TEXT),
    }
}

/// Only addresses have subsets.
fn subset<'p>(role: &Role, text: &'p str) -> Case<'p> {
    match role {
        Role::Value(ObservableKind::Domain | ObservableKind::Url) => Case::refused("pattern with ISSUBSET on a name"),
        _ => named(role, text).unwrap_or(Case::refused("pattern with ISSUBSET on a name")),
    }
}

fn named<'p>(role: &Role, text: &'p str) -> Option<Case<'p>> {
    match role {
        Role::Value(kind) => Some(Case::value(*kind, text)),
        Role::EndValue(side) => Some(Case::end_value(*side, text)),
        Role::Resolved => Some(Case::resolved(text)),
        Role::EndType(_) | Role::Port(_) | Role::Detail | Role::Foreign(_) => None,
    }
}

/// A whole number in any type, as everywhere.
fn port(literal: &Literal) -> Option<u16> {
    let whole = |text: &str| {
        let text = text.trim();
        text.strip_suffix(".0").unwrap_or(text).parse().ok()
    };
    match literal {
        Literal::Int(number) => u16::try_from(*number).ok(),
        Literal::Float(number) => whole(&number.to_string()),
        Literal::Text(text) => whole(text),
        _ => None,
    }
}
