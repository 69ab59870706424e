//! A STIX indicator as a record.

use serde_json::Value;

use super::super::content::{Content, Date, Details};
use super::super::json::Members;
use super::super::sentinel::described;
use super::super::sentinel::log::Standing;
use super::super::{Context, OpenctiConfidence};
use super::fields::{date, is_true, text, text_of, texts, value};
use super::patterned;
use crate::model::{Micros, Tlp};

/// OpenCTI's own extension, into which newer exports move its members.
const OPENCTI: &str = "extension-definition--ea279b3e-5c71-4632-ac08-831c66a786ba";

/// Words for what an indicator shows; STIX 2.0 has them among the labels.
const TYPES: [&str; 6] =
    ["anomalous-activity", "anonymization", "attribution", "benign", "compromised", "malicious-activity"];

/// An indicator, but for what other objects say of it.
pub(super) struct Read {
    pub(super) content: Content,
    pub(super) standing: Standing,
    /// The version's time.
    pub(super) time: Option<Micros>,
    /// The level that its own labels name.
    pub(super) level: Option<Tlp>,
}

/// Reads an object of type `indicator`.
pub(super) fn read(members: &Members<'_>, id: Option<String>, place: &str, context: &Context<'_>) -> Read {
    let labels = texts(members, "labels");
    let description = text(members, "description");
    let revoked = if is_true(members, "revoked") { Standing::Retired } else { Standing::Active };
    let standing = revoked.max(described(description.as_deref()));
    let time = [date(members, "modified"), date(members, "created")].into_iter().find_map(Date::micros);
    let level = Tlp::strictest(labels.iter().map(String::as_str).filter(|label| is_tlp(label)));
    let details = Details {
        confidence: confidence(members, context),
        threat_type: threat_type(members, &labels),
        tlp: None,
        tags: tags(members, labels),
        name: text(members, "name").or(description),
        source: Some(context.file.display.clone()),
        id,
        valid_from: date(members, "valid_from"),
        valid_until: date(members, "valid_until"),
        to_ids: None,
    };
    let pattern = text(members, "pattern").unwrap_or_default();
    let pattern_type = text(members, "pattern_type");
    let content = patterned::content(&pattern, pattern_type.as_deref(), details, context.private, || place.to_string());
    Read { content, standing, time, level }
}

fn is_tlp(label: &str) -> bool {
    label.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("tlp"))
}

/// OpenCTI's score where it is asked for and there is one.
fn confidence(members: &Members<'_>, context: &Context<'_>) -> Option<String> {
    let score = match context.options.opencti {
        OpenctiConfidence::Confidence => None,
        OpenctiConfidence::Score => text(members, "x_opencti_score").or_else(|| extension(members, "score")),
    };
    score.or_else(|| text(members, "confidence"))
}

fn extension(members: &Members<'_>, name: &str) -> Option<String> {
    let mut extensions = members.get("extensions").map(value)?;
    text_of(extensions.get_mut(OPENCTI)?.get_mut(name).map(Value::take)?)
}

/// The first type; without one, MISP's tag for it is left to speak, and MISP's category is last.
fn threat_type(members: &Members<'_>, labels: &[String]) -> Option<String> {
    const TAG: &str = "sentinel-threattype:";
    if let Some(first) = texts(members, "indicator_types").into_iter().next() {
        return Some(first);
    }
    if labels.iter().any(|label| label.get(..TAG.len()).is_some_and(|start| start.eq_ignore_ascii_case(TAG))) {
        return None;
    }
    let typed = labels.iter().find(|label| TYPES.contains(&label.as_str())).cloned();
    typed.or_else(|| labels.iter().find_map(|label| category(label)).map(str::to_string))
}

/// `misp:category="Network activity"`
fn category(label: &str) -> Option<&str> {
    let name = label.strip_prefix("misp:category=")?.trim_matches('"');
    (!name.is_empty()).then_some(name)
}

/// The labels, and those that OpenCTI keeps apart.
fn tags(members: &Members<'_>, mut labels: Vec<String>) -> Option<String> {
    let more = texts(members, "x_opencti_labels");
    labels.extend(more.into_iter().filter(|label| !label.is_empty()));
    let mut once: Vec<String> = Vec::new();
    for label in labels {
        if !once.contains(&label) {
            once.push(label);
        }
    }
    (!once.is_empty()).then(|| once.join(","))
}
