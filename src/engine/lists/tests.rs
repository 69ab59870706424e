//! The books against the rules as written, in plain loops.

use proptest::prelude::*;

use super::*;
use crate::model::indicator::{Indicator, State, Target};
use crate::model::relay::{CoverageSpan, Evidence, Family, Role, RoleFilter, TorMatching};
use crate::model::{Indicators, Prefix, RelayInterval, Tlp};

const TIMES: i64 = 60;

fn role() -> impl Strategy<Value = Role> {
    prop::sample::select(Role::ALL.to_vec())
}

fn family() -> impl Strategy<Value = Family> {
    prop::sample::select(Family::ALL.to_vec())
}

/// Few addresses and times, so that they meet often.
fn interval() -> impl Strategy<Value = RelayInterval> {
    let prefix = prop::sample::select(vec!["192.0.2.1", "192.0.2.2", "192.0.2.0/24", "2001:db8::1", "2001:db8::/32"]);
    let times = prop::option::of((0..TIMES, 0..TIMES));
    (prefix, role(), times, prop::option::of(0u16..3)).prop_map(|(prefix, role, times, port)| RelayInterval {
        prefix: Prefix::parse(prefix).unwrap(),
        role,
        seen_from: times.map(|(a, b)| Micros(a.min(b))),
        seen_to: times.map(|(a, b)| Micros(a.max(b))),
        observed_by: "list".into(),
        port,
        source: "s".into(),
    })
}

fn span() -> impl Strategy<Value = CoverageSpan> {
    (role(), family(), 0..TIMES, 0..TIMES).prop_map(|(role, family, a, b)| CoverageSpan {
        role,
        family,
        from: Micros(a.min(b)),
        to: Micros(a.max(b)),
        source: "s".into(),
    })
}

fn rules() -> impl Strategy<Value = TorRules> {
    let matching = prop::sample::select(vec![TorMatching::Auto, TorMatching::AtEvent, TorMatching::Loose]);
    (prop::sample::select(RoleFilter::ALL.to_vec()), matching, 0i64..12)
        .prop_map(|(roles, matching, tolerance)| TorRules { roles, matching, tolerance })
}

/// DESIGN §3.3, sentence by sentence.
fn naive(
    intervals: &[RelayInterval],
    spans: &[CoverageSpan],
    rules: TorRules,
    address: Address,
    time: i64,
) -> Option<(Vec<&'static str>, Evidence)> {
    let stands_for = |role: Role| match (role, rules.roles) {
        (Role::Unspecified, RoleFilter::Exit) => Role::Exit,
        (Role::Unspecified, RoleFilter::Guard) => Role::Guard,
        (role, _) => role,
    };
    let mut roles = Vec::new();
    let mut evidence = Vec::new();
    for interval in intervals {
        if !rules.roles.accepts(interval.role) || !interval.prefix.contains(address) {
            continue;
        }
        let near = match (interval.seen_from, interval.seen_to) {
            (Some(from), Some(to)) if from.0 <= time && time <= to.0 => Some(Evidence::Inside),
            (Some(from), Some(to)) if from.0 - rules.tolerance <= time && time <= to.0 + rules.tolerance => {
                Some(Evidence::WithinTolerance)
            }
            _ => None,
        };
        let covered = spans.iter().any(|span| {
            rules.roles.accepts(span.role)
                && stands_for(span.role) == stands_for(interval.role)
                && span.family == Family::of(address)
                && span.from.0 - rules.tolerance <= time
                && time <= span.to.0 + rules.tolerance
        });
        let far = if interval.seen_from.is_some() { Evidence::NoCoverage } else { Evidence::Undated };
        let matched = match rules.matching {
            TorMatching::AtEvent => near,
            TorMatching::Loose => Some(near.unwrap_or(far)),
            TorMatching::Auto => near.or((!covered).then_some(far)),
        };
        if let Some(matched) = matched {
            roles.push(interval.role.as_str());
            evidence.push(matched);
        }
    }
    roles.sort_unstable();
    roles.dedup();
    evidence.into_iter().min().map(|best| (roles, best))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn membership_is_the_rule_as_written(
        intervals in prop::collection::vec(interval(), 0..12),
        spans in prop::collection::vec(span(), 0..6),
        rules in rules(),
        address in prop::sample::select(vec!["192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "2001:db8::2", "198.51.100.1"]),
        time in -20i64..TIMES + 20,
    ) {
        let address = Address::parse(address).unwrap();
        let book = TorBook::new(&intervals, &spans, rules);
        let found = book.match_at(address, Some(Micros(time)), None);
        let want = naive(&intervals, &spans, rules, address, time);
        prop_assert_eq!(found.as_ref().map(|m| (m.role_text(), m.evidence)), want.map(|(roles, best)| (roles.join(", "), best)));
        let listed = intervals.iter().any(|i| rules.roles.accepts(i.role) && i.prefix.contains(address));
        prop_assert_eq!(book.lists(address), listed);
        prop_assert_eq!(book.is_left_out(address, Micros(time)), listed && found.is_none());
        prop_assert!(book.match_at(address, None, None).is_none());
    }
}

#[test]
fn a_finding_tells_the_hull_of_what_matched_or_the_nearest_sighting() {
    let dated = |from, to, port| RelayInterval {
        prefix: Prefix::parse("192.0.2.1").unwrap(),
        role: Role::Guard,
        seen_from: Some(Micros(from)),
        seen_to: Some(Micros(to)),
        observed_by: "list".into(),
        port,
        source: "s".into(),
    };
    let rules = TorRules { roles: RoleFilter::Any, matching: TorMatching::Auto, tolerance: 5 };
    let book = TorBook::new(&[dated(10, 20, Some(9001)), dated(24, 30, None), dated(90, 95, None)], &[], rules);
    let ask = |time, port| {
        let found = book.match_at(Address::parse("192.0.2.1").unwrap(), Some(Micros(time)), port).unwrap();
        (found.evidence, found.seen_from.map(|t| t.0), found.seen_to.map(|t| t.0), found.or_port)
    };
    assert_eq!(ask(22, Some(443)), (Evidence::WithinTolerance, Some(10), Some(30), Some(PortAgreement::Other)));
    assert_eq!(ask(15, Some(9001)), (Evidence::Inside, Some(10), Some(20), Some(PortAgreement::Same)));
    assert_eq!(ask(70, None), (Evidence::NoCoverage, Some(90), Some(95), Some(PortAgreement::Other)));
}

fn indicator(target: Target) -> Indicator {
    Indicator {
        value: "v".into(),
        target,
        confidence: None,
        threat_type: Some("C2".into()),
        tlp: None,
        tags: None,
        name: None,
        source: None,
        id: None,
        valid_from: None,
        valid_until: None,
        state: State::Active,
        port: None,
        to_ids: None,
        also: None,
    }
}

fn book(indicators: &[Indicator], rules: IntelRules) -> IntelBook {
    let mut table = Indicators::default();
    indicators.iter().for_each(|indicator| table.push_owned(indicator, 0));
    table.settle(|_| {});
    IntelBook::new(table, rules)
}

fn prefix(text: &str) -> Target {
    Target::Prefix(Prefix::parse(text).unwrap())
}

/// The fields in which each match was found.
fn asked(book: &IntelBook, address: &str, time: i64, url: &str, additional: &str) -> Vec<String> {
    let names = EventNames::of(Some(url), Some(additional));
    let found = book.match_at(Address::parse(address), Some(Micros(time)), Some(443), &names);
    found.iter().map(|one| Field::text_of(one.fields)).collect()
}

#[test]
fn names_match_with_their_subdomains_and_nothing_beside() {
    let book = book(
        &[indicator(Target::Domain("evil.example".into())), indicator(Target::Url("evil.example/x".into()))],
        IntelRules::default(),
    );
    for (url, additional, want) in [
        ("evil.example", "{}", vec!["RemoteUrl"]),
        ("https://a.b.Evil.example./y", "{}", vec!["RemoteUrl"]),
        ("https://evil.example/x", "{}", vec!["RemoteUrl", "RemoteUrl"]),
        ("notevil.example", "{}", vec![]),
        ("example", r#"{"query":"example"}"#, vec![]),
        (
            "",
            r#"{"host":"evil.example:80","server_name":"www.evil.example"}"#,
            vec!["AdditionalFields.host, AdditionalFields.server_name"],
        ),
        ("", r#"{"query":"evil.example","answers":"[]"}"#, vec!["AdditionalFields.query"]),
    ] {
        assert_eq!(asked(&book, "192.0.2.1", 0, url, additional), want, "{url} {additional}");
    }
}

#[test]
fn a_pattern_that_joins_a_domain_and_an_address_demands_both() {
    let both = Indicator { also: Prefix::parse("192.0.2.1").ok(), ..indicator(Target::Domain("evil.example".into())) };
    let book = book(&[both], IntelRules::default());
    assert_eq!(asked(&book, "192.0.2.1", 0, "evil.example", "").len(), 1);
    assert!(asked(&book, "192.0.2.2", 0, "evil.example", "").is_empty());
    assert!(asked(&book, "192.0.2.1", 0, "other.example", "").is_empty());
}

#[test]
fn grace_widens_the_dates_at_both_ends() {
    let dated =
        Indicator { valid_from: Some(Micros(100)), valid_until: Some(Micros(200)), ..indicator(prefix("192.0.2.1")) };
    let at_event =
        |grace| book(std::slice::from_ref(&dated), IntelRules { at_event: true, grace, ..IntelRules::default() });
    let matches = |grace, time| !asked(&at_event(grace), "192.0.2.1", time, "", "").is_empty();
    assert!(!matches(0, 99) && matches(0, 100) && matches(0, 199) && !matches(0, 200));
    assert!(!matches(10, 89) && matches(10, 90) && matches(10, 209) && !matches(10, 210));
}

#[test]
fn a_port_is_told_and_is_no_condition() {
    let with_port = Indicator { port: Some(443), ..indicator(prefix("192.0.2.0/24")) };
    let book = book(&[with_port, indicator(prefix("192.0.2.1"))], IntelRules::default());
    let ask = |port| {
        let found = book.match_at(Address::parse("192.0.2.1"), Some(Micros(0)), port, &EventNames::default());
        found.iter().map(|one| one.port).collect::<Vec<_>>()
    };
    assert_eq!(ask(Some(443)), [None, Some(PortAgreement::Same)]);
    assert_eq!(ask(None), [None, Some(PortAgreement::Other)]);
}

#[test]
fn text_that_is_stricter_than_the_limit_is_withheld() {
    let level = |tlp: Option<&str>| Indicator { tlp: tlp.map(Into::into), ..indicator(prefix("192.0.2.1")) };
    let book = book(&[level(None)], IntelRules { tlp_max: Some(Tlp::Green), ..IntelRules::default() });
    let withheld = |tlp| book.withheld(&level(tlp).as_ref());
    assert_eq!(withheld(Some("TLP:GREEN")), None);
    assert_eq!(withheld(None), Some("[TLP:AMBER withheld]"));
    assert_eq!(withheld(Some("red")), Some("[TLP:RED withheld]"));
}
