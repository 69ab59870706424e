//! A record whose values stand in a STIX pattern.

use super::super::content::{Content, Details, Value};
use super::super::pattern::{self, ObservableKind};
use super::super::tally::NO_PATTERN;
use crate::model::prefix::PrivateRanges;
use crate::sources::text::excerpt;

/// Kinds of pattern that are no STIX, and how they are counted.
const FOREIGN: [(&str, &str); 7] = [
    ("pcre", "pattern type pcre"),
    ("sigma", "pattern type sigma"),
    ("snort", "pattern type snort"),
    ("spl", "pattern type spl"),
    ("suricata", "pattern type suricata"),
    ("tanium-signal", "pattern type tanium-signal"),
    ("yara", "pattern type yara"),
];

/// The pattern's indicators, and why the rest of it is not used; `place` names the record in examples. A missing type is
/// STIX: version 2.0 has no other.
pub(in crate::sources::intel) fn content(
    pattern: &str,
    pattern_type: Option<&str>,
    details: Details,
    private: PrivateRanges,
    place: impl Fn() -> String,
) -> Content {
    if let Some(name) = pattern_type.filter(|name| !name.eq_ignore_ascii_case("stix")) {
        let known = FOREIGN.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        return Content::default().noted(known.map_or("pattern type other than stix", |(_, reason)| reason), None);
    }
    let understood = match pattern::read(pattern) {
        Ok(understood) => understood,
        Err(error) => {
            let example = format!("{}: {} ({error})", place(), excerpt(pattern));
            return Content::default().noted(NO_PATTERN, Some(example));
        }
    };
    let values: Vec<Value<'_>> = understood
        .indicators
        .iter()
        .map(|observable| Value {
            text: &observable.value,
            called: called(observable.kind),
            port: observable.port,
            also: observable.also_address.as_deref(),
        })
        .collect();
    let content = Content::of(&values, details, private, place);
    understood.unsupported.into_iter().fold(content, |content, reason| content.noted(reason, None))
}

const fn called(kind: ObservableKind) -> &'static str {
    match kind {
        ObservableKind::Address => "ipv4-addr:value",
        ObservableKind::Domain => "domain-name:value",
        ObservableKind::Url => "url:value",
    }
}
