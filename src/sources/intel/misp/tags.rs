//! What tags say: how far the text may go, how sure the publisher is, and what the target is.
//!
//! Numbers come from the taxonomies that have them and are never invented: the admiralty scale has none.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::lenient::{Word, each, is_object, object};
use crate::model::Tlp;

/// The values of `misp:confidence-level`, as the taxonomy numbers them, its misspelling and the word that it meant.
const LEVELS: [(&str, &str); 7] = [
    ("completely-confident", "100"),
    ("usually-confident", "75"),
    ("fairly-confident", "50"),
    ("rarely-confident", "25"),
    ("unconfident", "0"),
    ("confidence-cannot-be-evalued", "50"),
    ("confidence-cannot-be-evaluated", "50"),
];

/// The tags of one attribute or of one event.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    /// In document order, each once.
    pub(super) names: Vec<String>,
    /// The strictest.
    pub(super) tlp: Option<Tlp>,
    /// From a confidence level, else from a certainty; of several the lowest, since all of them hold.
    pub(super) confidence: Option<String>,
    /// A confidence that is no number.
    pub(super) unclear: Option<String>,
    pub(super) threat_type: Option<String>,
}

impl Marks {
    pub(super) fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut marks = Self::default();
        let mut certainty = Lowest::default();
        let mut level = Lowest::default();
        for name in names.into_iter().map(str::trim).filter(|name| !name.is_empty()) {
            if marks.names.iter().any(|known| known == name) {
                continue;
            }
            marks.names.push(name.to_string());
            if let Some(word) = value(name, "misp:confidence-level") {
                let known = LEVELS.iter().find(|(text, _)| word.eq_ignore_ascii_case(text));
                level.add(known.map_or(word, |(_, number)| number));
            } else if let Some(word) = value(name, "osint:certainty") {
                certainty.add(word);
            } else if let Some(word) = named(name, "sentinel-threattype") {
                marks.threat_type.get_or_insert_with(|| word.to_string());
            } else if is_tlp(name) {
                marks.tlp = marks.tlp.max(Tlp::of_text(name));
            }
        }
        marks.confidence = level.number.or(certainty.number).map(|(_, text)| text);
        marks.unclear = level.unclear.or(certainty.unclear);
        marks
    }

    /// The tags of a member `Tag`: objects with a name, or names.
    pub(super) fn of_json(tags: Option<&RawValue>) -> Self {
        let mut names = Vec::new();
        if let Some(tags) = tags {
            each(tags, |_, tag| names.extend(name(tag)));
        }
        Self::of(names.iter().map(String::as_str))
    }

    /// The tags of a cell of the CSV export.
    pub(super) fn of_cell(cell: Option<&str>) -> Self {
        Self::of(cell.unwrap_or_default().split(','))
    }

    /// All names of an attribute's tags, then those of its event's tags that are not among them.
    pub(super) fn joined(&self, event: &Self) -> Option<String> {
        let more = event.names.iter().filter(|name| !self.names.contains(name));
        let names: Vec<&str> = self.names.iter().chain(more).map(String::as_str).collect();
        (!names.is_empty()).then(|| names.join(","))
    }
}

#[derive(Deserialize)]
struct Tag<'a> {
    #[serde(borrow, default)]
    name: Word<'a>,
}

/// A broken tag is no tag; its attribute still counts.
fn name(tag: &RawValue) -> Option<String> {
    if is_object(tag) {
        object::<Tag<'_>>(tag).ok()?.name.owned()
    } else {
        serde_json::from_str::<Word<'_>>(tag.get()).ok()?.owned()
    }
}

/// The smallest number of several, as written.
#[derive(Default)]
struct Lowest {
    number: Option<(f64, String)>,
    unclear: Option<String>,
}

impl Lowest {
    fn add(&mut self, text: &str) {
        match text.parse::<f64>() {
            Ok(number) if (0.0..=100.0).contains(&number) => {
                if self.number.as_ref().is_none_or(|(held, _)| number < *held) {
                    self.number = Some((number, text.to_string()));
                }
            }
            _ => self.unclear = self.unclear.take().or_else(|| Some(text.to_string())),
        }
    }
}

/// The value of a machine tag `predicate="value"`.
fn value<'a>(tag: &'a str, predicate: &str) -> Option<&'a str> {
    let (left, right) = tag.split_once('=')?;
    left.trim().eq_ignore_ascii_case(predicate).then(|| unquoted(right))
}

/// The value of a tag `namespace:value` or `namespace="value"`.
fn named<'a>(tag: &'a str, namespace: &str) -> Option<&'a str> {
    let (left, right) = tag.split_once([':', '='])?;
    (left.trim().eq_ignore_ascii_case(namespace)).then(|| unquoted(right)).filter(|word| !word.is_empty())
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches('"').trim()
}

/// A tag `red` alone is a colour, not a level.
fn is_tlp(tag: &str) -> bool {
    tag.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("tlp"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(names: &[&str]) -> Marks {
        Marks::of(names.iter().copied())
    }

    #[test]
    fn confidence_is_the_taxonomys_number() {
        for (tags, want, unclear) in [
            (&["misp:confidence-level=\"usually-confident\""][..], Some("75"), None),
            (&["MISP:confidence-level=\"Unconfident\""], Some("0"), None),
            (&["misp:confidence-level=\"confidence-cannot-be-evalued\""], Some("50"), None),
            (&["osint:certainty=\"93\""], Some("93"), None),
            (&["osint:certainty=\"93\"", "misp:confidence-level=\"rarely-confident\""], Some("25"), None),
            (&["osint:certainty=\"93\"", "osint:certainty=\"7\"", "osint:certainty=\"100\""], Some("7"), None),
            (&["misp:confidence-level=\"very\"", "osint:certainty=\"50\""], Some("50"), Some("very")),
            (&["osint:certainty=\"900\""], None, Some("900")),
            (&["osint:certainty=\"NaN\""], None, Some("NaN")),
            (&["admiralty-scale:source-reliability=\"a\"", "tlp:red"], None, None),
        ] {
            let read = marks(tags);
            assert_eq!((read.confidence.as_deref(), read.unclear.as_deref()), (want, unclear), "{tags:?}");
        }
    }

    #[test]
    fn the_strictest_level_counts_and_a_colour_is_none() {
        for (tags, want) in [
            (&["tlp:white"][..], Some(Tlp::Clear)),
            (&["TLP:AMBER+STRICT", "tlp:green"], Some(Tlp::AmberStrict)),
            (&["tlp:green", "tlp:red", "tlp:ex:chr"], Some(Tlp::Red)),
            (&["red", "green"], None),
            (&["tl", "tlö:red", ""], None),
        ] {
            assert_eq!(marks(tags).tlp, want, "{tags:?}");
        }
    }

    #[test]
    fn the_threat_type_is_the_first_one_named() {
        let read = marks(&["x", "Sentinel-ThreatType:C2", "sentinel-threattype:Botnet"]);
        assert_eq!(read.threat_type.as_deref(), Some("C2"));
        assert_eq!(marks(&["sentinel-threattype=\"Phishing\""]).threat_type.as_deref(), Some("Phishing"));
        assert_eq!(marks(&["sentinel-threattype:"]).threat_type, None);
    }

    #[test]
    fn tags_are_objects_or_names_and_broken_ones_are_none() {
        let json = r#"[{"name":" b "},"a",{"name":null},{"name":["x"]},{"name":"c","name":"d"},7,null,{"name":"b"}]"#;
        let read = Marks::of_json(Some(serde_json::from_str(json).unwrap()));
        assert_eq!(read.names, ["b", "a", "7"]);
        assert_eq!(Marks::of_cell(Some("a, b,,a")).joined(&read).as_deref(), Some("a,b,7"));
        assert_eq!(Marks::of_json(None).joined(&Marks::default()), None);
    }
}
