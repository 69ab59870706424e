//! What one record says: the indicators in it, or why there is none.
//!
//! Feeds differ in where they keep a field; what becomes of it is decided here, once for all of them.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use chrono::NaiveDateTime;

use super::kind::{Kind, judge};
use super::tally::{DATES_REVERSED, NO_CONFIDENCE, NO_DATE, Tally};
use crate::model::indicator::{State, Target};
use crate::model::prefix::PrivateRanges;
use crate::model::time::EpochUnit;
use crate::model::{Indicator, Micros, Prefix};
use crate::sources::text::excerpt;

/// A date as a record has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Date {
    /// None.
    #[default]
    Missing,
    /// This one.
    At(Micros),
    /// Something that is no date.
    Unreadable,
}

impl Date {
    /// Reads ISO text, an epoch number, or the form in which Microsoft's portals export times.
    pub(super) fn parse(text: Option<&str>) -> Self {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Self::Missing };
        let epoch =
            || text.parse().ok().and_then(|number| EpochUnit::of_magnitude(number).instant_f64(number)).map(Micros);
        Micros::parse(text).or_else(epoch).or_else(|| portal_time(text)).map_or(Self::Unreadable, Self::At)
    }

    pub(super) const fn micros(self) -> Option<Micros> {
        match self {
            Self::At(micros) => Some(micros),
            Self::Missing | Self::Unreadable => None,
        }
    }
}

/// `4/16/2021, 9:09:00.730 AM`: the half of the day shows that the month stands first.
fn portal_time(text: &str) -> Option<Micros> {
    let time = NaiveDateTime::parse_from_str(text, "%m/%d/%Y, %I:%M:%S%.f %p").ok()?;
    Some(Micros(time.and_utc().timestamp_micros()))
}

/// The fields around a value, as the feed has them.
#[derive(Clone, Debug, Default)]
pub(super) struct Details {
    pub(super) confidence: Option<String>,
    pub(super) threat_type: Option<String>,
    pub(super) tlp: Option<String>,
    pub(super) tags: Option<String>,
    pub(super) name: Option<String>,
    pub(super) source: Option<String>,
    pub(super) id: Option<String>,
    pub(super) valid_from: Date,
    pub(super) valid_until: Date,
    pub(super) to_ids: Option<bool>,
}

/// One value of a record.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Value<'a> {
    /// As published.
    pub(super) text: &'a str,
    /// The feed's own word for it, or empty.
    pub(super) called: &'a str,
    /// The peer's port that stands beside it.
    pub(super) port: Option<u16>,
    /// An address that an event on this value must have too.
    pub(super) also: Option<&'a str>,
}

impl<'a> Value<'a> {
    pub(super) fn new(text: &'a str, called: &'a str) -> Self {
        Self { text, called, ..Self::default() }
    }
}

/// One reason for which a record, or a part of it, is not used.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Note {
    reason: &'static str,
    example: Option<String>,
}

/// What a record comes to.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    pub(super) indicators: Vec<Indicator>,
    notes: Vec<Note>,
    /// Counted when the record has no address at all; apart from `notes` because most records of a feed are such.
    other: Option<&'static str>,
}

impl Content {
    /// A record without any address.
    pub(super) fn other(kind: &'static str) -> Self {
        Self { other: Some(kind), ..Self::default() }
    }

    /// The record's values, judged. Equal ones count once; `place` names the record in examples.
    pub(super) fn of(
        values: &[Value<'_>],
        details: Details,
        private: PrivateRanges,
        place: impl Fn() -> String,
    ) -> Self {
        let mut content = Self::default();
        let mut targets: Vec<Aim<'_>> = Vec::new();
        let mut seen = BTreeSet::new();
        for value in values {
            let refused = |reason: &'static str, text: &str| Note {
                reason,
                example: Some(format!("{}: {} ({reason})", place(), shown(text))),
            };
            let target = match judge(value.text, value.called, private) {
                Kind::Usable(target) => target,
                Kind::Refused(reason) => {
                    content.notes.push(refused(reason, value.text));
                    continue;
                }
                Kind::Other(kind) => {
                    content.other = content.other.or(Some(kind));
                    continue;
                }
            };
            let also = match value.also.map(|text| (text, Prefix::parse_listed(text, private))) {
                None => None,
                Some((_, Ok(prefix))) => Some(prefix),
                Some((text, Err(refusal))) => {
                    content.notes.push(refused(refusal.reason(), text));
                    continue;
                }
            };
            // One record may name a hundred thousand.
            if values.len() == 1 || seen.insert((target.clone(), value.port, also)) {
                targets.push(Aim { target, text: value.text.trim(), port: value.port, also });
            }
        }
        if !targets.is_empty() {
            content.other = None;
            content.indicators = details.indicators(targets, &mut content.notes);
        }
        content
    }

    /// A record, or a part of one, that is not used; the example shows it.
    pub(super) fn noted(mut self, reason: &'static str, example: Option<String>) -> Self {
        self.notes.push(Note { reason, example });
        self
    }

    /// Counts what is not used and hands over what is.
    pub(super) fn settle(self, tally: &mut Tally) -> Vec<Indicator> {
        for note in self.notes {
            match note.example {
                Some(example) => tally.reject(note.reason, || example),
                None => tally.ignore(note.reason),
            }
        }
        if let Some(kind) = self.other {
            tally.ignore(kind);
        }
        self.indicators
    }

    /// A total order, so that a choice between equally new rows does not depend on which came first.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let pairs = self.indicators.iter().zip(&other.indicators);
        pairs
            .map(|(mine, theirs)| mine.as_ref().rank(&theirs.as_ref()))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| other.indicators.len().cmp(&self.indicators.len()))
            .then_with(|| self.other.cmp(&other.other))
            .then_with(|| self.notes.cmp(&other.notes))
    }
}

/// A value that was judged to be usable.
struct Aim<'a> {
    target: Target,
    text: &'a str,
    port: Option<u16>,
    also: Option<Prefix>,
}

impl Details {
    fn indicators(self, aims: Vec<Aim<'_>>, notes: &mut Vec<Note>) -> Vec<Indicator> {
        let mut note = |reason| notes.push(Note { reason, example: None });
        let confidence = self.confidence.as_deref().and_then(confidence);
        if self.confidence.is_some() && confidence.is_none() {
            note(NO_CONFIDENCE);
        }
        if self.valid_from == Date::Unreadable || self.valid_until == Date::Unreadable {
            note(NO_DATE);
        }
        let dates = match (self.valid_from.micros(), self.valid_until.micros()) {
            (Some(from), Some(until)) if until < from => {
                note(DATES_REVERSED);
                (None, None)
            }
            dates => dates,
        };
        let threat_type = self.threat_type.or_else(|| self.tags.as_deref().and_then(tagged_type));
        let indicator = |aim: Aim<'_>| Indicator {
            value: aim.text.to_string(),
            target: aim.target,
            port: aim.port,
            also: aim.also,
            to_ids: self.to_ids,
            confidence,
            threat_type: threat_type.clone(),
            tlp: self.tlp.clone(),
            tags: self.tags.clone(),
            name: self.name.clone(),
            source: self.source.clone(),
            id: self.id.clone(),
            valid_from: dates.0,
            valid_until: dates.1,
            state: State::Active,
        };
        aims.into_iter().map(indicator).collect()
    }
}

fn shown(value: &str) -> String {
    if value.is_empty() { "no value".into() } else { excerpt(value) }
}

/// A number from 0 to 100; anything else would say more or less than the scale can.
fn confidence(text: &str) -> Option<f64> {
    let number: f64 = text.trim().parse().ok()?;
    // Adding zero makes -0 and 0 one value.
    (0.0..=100.0).contains(&number).then_some(number + 0.0)
}

/// MISP's tag for the threat type, in tags written `a,b` or `["a","b"]`.
fn tagged_type(tags: &str) -> Option<String> {
    const TAG: &str = "sentinel-threattype:";
    tags.split([',', ';', '[', ']', '"']).map(str::trim).find_map(|tag| {
        let (head, value) = (tag.get(..TAG.len())?, tag.get(TAG.len()..)?.trim());
        (head.eq_ignore_ascii_case(TAG) && !value.is_empty()).then(|| value.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(values: &[(&str, &str)], details: Details) -> Content {
        let values: Vec<Value<'_>> = values.iter().map(|(text, called)| Value::new(text, called)).collect();
        Content::of(&values, details, PrivateRanges::Refuse, || "row 7".into())
    }

    #[test]
    fn a_record_with_several_values_gives_each_prefix_once() {
        let values = [("192.0.2.1", ""), (" ::ffff:192.0.2.1 ", ""), ("192.0.2.0/24", ""), ("Evil.example.org", "")];
        let read = content(&values, Details::default());
        let kept: Vec<_> = read.indicators.iter().map(|i| i.value.as_str()).collect();
        assert_eq!(kept, ["192.0.2.1", "192.0.2.0/24", "Evil.example.org"]);
        let mut tally = Tally::default();
        read.settle(&mut tally);
        assert!(tally.ignored.is_empty());
    }

    #[test]
    fn what_is_not_used_is_counted() {
        let mut tally = Tally::default();
        content(&[("10.0.0.1", ""), ("a@example.org", "")], Details::default()).settle(&mut tally);
        let counted: Vec<_> = tally.ignored.into_iter().collect();
        assert_eq!(counted, [("email", 1), ("private, loopback, link-local or multicast range", 1)]);
        assert_eq!(tally.examples, ["row 7: 10.0.0.1 (private, loopback, link-local or multicast range)"]);
    }

    #[test]
    fn a_confidence_off_the_scale_is_none() {
        for (text, want) in [
            ("85", Some(85.0)),
            (" 85.5 ", Some(85.5)),
            ("-0", Some(0.0)),
            ("101", None),
            ("-1", None),
            ("high", None),
            ("NaN", None),
        ] {
            let read = content(&[("192.0.2.1", "")], Details { confidence: Some(text.into()), ..Details::default() });
            assert_eq!(read.indicators[0].confidence, want, "{text}");
            assert_eq!(read.notes.len(), usize::from(want.is_none()), "{text}");
        }
    }

    #[test]
    fn the_threat_type_comes_from_a_tag_last() {
        let typed = |threat: Option<&str>, tags: &str| {
            let details =
                Details { threat_type: threat.map(Into::into), tags: Some(tags.into()), ..Details::default() };
            content(&[("192.0.2.1", "")], details).indicators[0].threat_type.clone()
        };
        assert_eq!(typed(None, r#"["tlp:green","Sentinel-ThreatType:C2"]"#).as_deref(), Some("C2"));
        assert_eq!(typed(None, "a, sentinel-threattype: Botnet").as_deref(), Some("Botnet"));
        assert_eq!(typed(Some("Malware"), "sentinel-threattype:C2").as_deref(), Some("Malware"));
        assert_eq!(typed(None, "tlp:green"), None);
    }

    #[test]
    fn an_end_before_the_start_is_no_date() {
        let dates = |from: &str, until: &str| {
            let (valid_from, valid_until) = (Date::parse(Some(from)), Date::parse(Some(until)));
            let read = content(&[("192.0.2.1", "")], Details { valid_from, valid_until, ..Details::default() });
            (read.indicators[0].valid_from.is_some(), read.notes.len())
        };
        assert_eq!(dates("2026-02-01", "2026-01-01"), (false, 1));
        assert_eq!(dates("2026-01-01", "2026-01-01"), (true, 0));
    }

    #[test]
    fn dates_are_text_or_epoch_numbers() {
        assert_eq!(Date::parse(Some("2026-07-01")).micros(), Micros::parse("2026-07-01"));
        assert_eq!(Date::parse(Some("1782864000")).micros(), Micros::parse("2026-07-01"));
        let portal = Date::parse(Some("4/16/2021, 9:09:00.730 PM"));
        assert_eq!(portal.micros(), Micros::parse("2021-04-16T21:09:00.730Z"));
        assert_eq!(Date::parse(Some("12/31/9999, 12:00:00 AM")).micros(), Micros::parse("9999-12-31"));
        assert_eq!(Date::parse(Some("16/4/2021, 9:09:00.730 AM")), Date::Unreadable);
        assert_eq!(Date::parse(Some("4/16/262000, 9:09:00.730 AM")), Date::Unreadable);
        assert_eq!(Date::parse(Some(" ")), Date::Missing);
        assert_eq!(Date::parse(Some("soon")), Date::Unreadable);
        assert_eq!(Date::parse(Some("inf")), Date::Unreadable);
    }
}
