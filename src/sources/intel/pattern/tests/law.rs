//! What is printed is read back as the same tree.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::observables::{Observable, observables};
use super::super::{
    Check, Comparison, Literal, ObjectPath, Observation, Pattern, Qualifier, Relation, Step, TextTest, parse,
};

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,12}", r"['\\\[\]() /*]{0,8}", Just("AND".to_string())]
}

fn moment() -> impl Strategy<Value = String> {
    "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-9]{2}:00:00(\\.[0-9]{1,3})?Z"
}

fn float() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("finite", |number| number.is_finite())
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        text().prop_map(Literal::Text),
        any::<i64>().prop_map(Literal::Int),
        float().prop_map(Literal::Float),
        any::<bool>().prop_map(Literal::Bool),
        moment().prop_map(Literal::Timestamp),
        "[A-Za-z0-9+/]{0,8}={0,2}".prop_map(Literal::Binary),
        vec(any::<u8>(), 0..5).prop_map(Literal::Hex),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![text().prop_map(Step::Key), any::<i64>().prop_map(Step::Index), Just(Step::Any)]
}

fn path() -> impl Strategy<Value = ObjectPath> {
    let object = prop_oneof!["[a-z][a-z0-9-]{0,8}", Just("NOT".to_string()), Just("in".to_string())];
    let key = prop_oneof!["[a-z_]{1,8}", text()];
    (object, key, vec(step(), 0..4)).prop_map(|(object, key, rest)| ObjectPath {
        object,
        steps: std::iter::once(Step::Key(key)).chain(rest).collect(),
    })
}

fn check() -> impl Strategy<Value = Check> {
    let relation = prop::sample::select(vec![
        Relation::Equal,
        Relation::NotEqual,
        Relation::Less,
        Relation::LessOrEqual,
        Relation::Greater,
        Relation::GreaterOrEqual,
    ]);
    let test = prop::sample::select(vec![TextTest::Like, TextTest::Matches, TextTest::IsSubset, TextTest::IsSuperset]);
    prop_oneof![
        (relation, literal()).prop_map(|(relation, literal)| Check::Is(relation, literal)),
        vec(literal(), 0..4).prop_map(Check::In),
        (test, text()).prop_map(|(test, text)| Check::Text(test, text)),
    ]
}

fn comparison() -> impl Strategy<Value = Comparison> {
    let leaf = prop_oneof![
        3 => (path(), check()).prop_map(|(path, check)| Comparison::Test(path, check)),
        1 => path().prop_map(Comparison::Exists),
    ];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(Comparison::And),
            vec(inner.clone(), 2..4).prop_map(Comparison::Or),
            inner.prop_map(|inner| Comparison::Not(Box::new(inner))),
        ]
    })
}

fn qualifier() -> impl Strategy<Value = Qualifier> {
    prop_oneof![
        float().prop_filter("positive", |span| *span > 0.0).prop_map(Qualifier::Within),
        (1..=u64::MAX).prop_map(Qualifier::Repeats),
        (moment(), moment()).prop_map(|(start, stop)| Qualifier::StartStop(start, stop)),
    ]
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let leaf = comparison().prop_map(Observation::Bracket);
    let observation = leaf.prop_recursive(3, 6, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(Observation::And),
            vec(inner.clone(), 2..4).prop_map(Observation::Or),
            vec(inner.clone(), 2..4).prop_map(Observation::FollowedBy),
            (inner, vec(qualifier(), 1..3)).prop_map(|(inner, all)| Observation::Qualified(Box::new(inner), all)),
        ]
    });
    observation.prop_map(Pattern)
}

/// Conditions on few values, so that they meet often.
fn network() -> impl Strategy<Value = Comparison> {
    let tests: Vec<Comparison> = [
        "ipv4-addr:value = '192.0.2.1'",
        "domain-name:value IN ('a.example', 'b.example')",
        "domain-name:resolves_to_refs[*].value = '192.0.2.1'",
        "network-traffic:dst_ref.value = '192.0.2.1'",
        "network-traffic:dst_ref.type = 'ipv4-addr'",
        "network-traffic:dst_port IN (80, 443)",
        "network-traffic:protocols[*] = 'tcp'",
        "url:value LIKE '%'",
        "file:name = 'x'",
    ]
    .iter()
    .map(|test| match parse(&format!("[{test}]")) {
        Ok(Pattern(Observation::Bracket(comparison))) => comparison,
        other => unreachable!("{other:?}"),
    })
    .collect();
    prop::sample::select(tests).prop_recursive(3, 10, 3, |inner| {
        prop_oneof![vec(inner.clone(), 2..4).prop_map(Comparison::And), vec(inner, 2..4).prop_map(Comparison::Or)]
    })
}

/// The same condition from the other end.
fn reversed(comparison: &Comparison) -> Comparison {
    match comparison {
        Comparison::And(operands) => Comparison::And(operands.iter().rev().map(reversed).collect()),
        Comparison::Or(operands) => Comparison::Or(operands.iter().rev().map(reversed).collect()),
        other => other.clone(),
    }
}

fn found(comparison: &Comparison) -> (BTreeSet<Observable>, usize) {
    let understood = observables(&Pattern(Observation::Bracket(comparison.clone())));
    (understood.indicators.into_iter().collect(), understood.unsupported.len())
}

/// All alternatives, each with every condition that must hold.
fn alternatives(comparison: &Comparison) -> Vec<Vec<Comparison>> {
    match comparison {
        Comparison::Or(operands) => operands.iter().flat_map(alternatives).collect(),
        Comparison::And(operands) => operands.iter().map(alternatives).fold(vec![Vec::new()], |sum, operand| {
            sum.iter().flat_map(|one| operand.iter().map(|two| [one.as_slice(), two.as_slice()].concat())).collect()
        }),
        other => vec![vec![other.clone()]],
    }
}

proptest! {
    #[test]
    fn the_order_of_operands_does_not_matter(comparison in network()) {
        prop_assert_eq!(found(&comparison), found(&reversed(&comparison)));
    }

    #[test]
    fn and_distributes_over_or(comparison in network()) {
        let spread: Vec<_> = alternatives(&comparison);
        // A product of its own bound is another matter.
        prop_assume!(spread.len() <= 100);
        let apart = spread.into_iter().map(|conditions| found(&Comparison::And(conditions)));
        let apart = apart.fold((BTreeSet::new(), 0), |(mut all, count), (some, more)| {
            all.extend(some);
            (all, count + more)
        });
        prop_assert_eq!(found(&comparison), apart);
    }

    #[test]
    fn printed_and_read_again(pattern in pattern()) {
        let text = pattern.to_string();
        prop_assert_eq!(parse(&text).map_err(|error| format!("{error} in {text}")), Ok(pattern));
    }

    #[test]
    fn any_text_is_a_pattern_or_an_error(text in "[\\[\\]()'\\\\ \\PC]{0,40}") {
        if let Err(error) = parse(&text) {
            prop_assert!(error.offset <= text.len());
        }
    }
}
