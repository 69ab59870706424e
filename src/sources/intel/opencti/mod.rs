//! Exports of OpenCTI that are no STIX: the entities of its GraphQL interface, as JSON and as the CSV export's table.
//!
//! Both name the same fields; here they become a record, once for both. OpenCTI's confidence (of the source) and score (of
//! the observable) are two things, and an option chooses. A list of observables is read too: who hands it over as
//! intelligence means it. Entities of other types (reports, malware) are counted.

pub(super) mod csv;
mod json;
#[cfg(test)]
mod tests;

pub(super) use self::json::KIND;

use super::content::{Content, Date, Details, Value};
use super::sentinel::log::{Key, Row, Standing};
use super::stix::fields::says_yes;
use super::stix::patterned;
use super::tally::OTHER_KIND;
use super::{Context, OpenctiConfidence, Sink};
use crate::model::Tlp;

/// One entity's fields, as text; a list is joined by commas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Entity {
    entity_type: Option<String>,
    standard_id: Option<String>,
    id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    pattern: Option<String>,
    pattern_type: Option<String>,
    /// Of an observable.
    value: Option<String>,
    /// OpenCTI's type of the observable that an indicator is mainly about.
    main_type: Option<String>,
    confidence: Option<String>,
    score: Option<String>,
    markings: Vec<String>,
    labels: Vec<String>,
    indicator_types: Vec<String>,
    publisher: Option<String>,
    valid_from: Option<String>,
    valid_until: Option<String>,
    revoked: Option<String>,
    modified: Option<String>,
    created: Option<String>,
}

impl Entity {
    fn is_indicator(&self) -> bool {
        self.entity_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("indicator")) || self.pattern.is_some()
    }

    /// Puts the record into the sink.
    fn take(self, context: &Context<'_>, sink: &mut Sink<'_>, place: impl Fn() -> String) {
        sink.record();
        if !self.is_indicator() && self.value.is_none() {
            sink.ignore(OTHER_KIND);
            return;
        }
        // The standard id is the STIX id, so that a STIX export of the same platform is the same indicator.
        let id = self.standard_id.as_deref().or(self.id.as_deref());
        let key = match id {
            Some(id) => Key::of(&["object", id]),
            None => Key::of(&["place", &context.file.display, &place()]),
        };
        let dates = [self.modified.as_deref(), self.created.as_deref()];
        let time = dates.into_iter().find_map(|text| Date::parse(text).micros());
        let standing = if self.revoked.as_deref().is_some_and(says_yes) { Standing::Retired } else { Standing::Active };
        let content = self.content(context, place);
        sink.objects.push(Row { id: key, observable: key, time, standing, content, source: context.source });
    }

    fn content(self, context: &Context<'_>, place: impl Fn() -> String) -> Content {
        let is_indicator = self.is_indicator();
        let details = Details {
            confidence: match context.options.opencti {
                OpenctiConfidence::Score => self.score.or(self.confidence),
                OpenctiConfidence::Confidence => self.confidence,
            },
            threat_type: self.indicator_types.into_iter().next(),
            tlp: Tlp::strictest(self.markings.iter().map(String::as_str)).map(|level| level.as_str().to_string()),
            tags: (!self.labels.is_empty()).then(|| self.labels.join(",")),
            name: self.name.clone().or(self.description),
            source: self.publisher.or_else(|| Some(context.file.display.clone())),
            id: self.standard_id.or(self.id),
            valid_from: Date::parse(self.valid_from.as_deref()),
            valid_until: Date::parse(self.valid_until.as_deref()),
            to_ids: None,
        };
        if let Some(pattern) = self.pattern {
            return patterned::content(&pattern, self.pattern_type.as_deref(), details, context.private, place);
        }
        // Without a pattern, an indicator is named after what it is about.
        let (value, called) = if is_indicator { (self.name, self.main_type) } else { (self.value, self.entity_type) };
        match value {
            Some(value) => {
                let called = called.unwrap_or_default();
                Content::of(&[Value::new(&value, &called)], details, context.private, place)
            }
            None => Content::other(OTHER_KIND),
        }
    }
}

/// The parts of a cell that holds a list.
fn parts(cell: &str) -> Vec<String> {
    cell.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_string).collect()
}
