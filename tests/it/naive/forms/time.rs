//! The event's time: typed timestamps, ISO text, epoch numbers.

use chrono::DateTime;
use proptest::prelude::*;
use proptest::sample::select;

use super::Column;
use crate::naive::event::{Event, When};

/// The unit of a timestamp or an epoch number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Unit {
    Seconds,
    Millis,
    Micros,
    Nanos,
}

/// The zone that ISO text ends with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Zone {
    Z,
    Zero,
    TwoEast,
    /// Nothing, which means UTC.
    None,
}

/// How a file keeps the event's time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum TimeForm {
    Int96,
    /// An INT64 timestamp, with or without the UTC flag.
    Typed(Unit, bool),
    /// Text with so many fraction digits; trailing zeros are trimmed or stay.
    Iso(usize, bool, Zone),
    Epoch(Unit),
    /// Seconds as a double.
    DoubleSeconds,
}

/// A time column in its file's type.
pub(crate) enum Times {
    Int96(Vec<Option<i64>>),
    Typed(Unit, bool, Vec<Option<i64>>),
}

/// Random forms.
pub(super) fn form() -> impl Strategy<Value = TimeForm> {
    let typed = select(vec![Unit::Millis, Unit::Micros, Unit::Nanos]);
    let epoch = select(vec![Unit::Seconds, Unit::Millis, Unit::Micros, Unit::Nanos]);
    let zone = select(vec![Zone::Z, Zone::Zero, Zone::TwoEast, Zone::None]);
    prop_oneof![
        2 => Just(TimeForm::Int96),
        4 => (typed, any::<bool>()).prop_map(|(unit, utc)| TimeForm::Typed(unit, utc)),
        4 => (select(vec![0usize, 3, 6, 7, 9]), any::<bool>(), zone).prop_map(|(digits, trim, zone)| TimeForm::Iso(digits, trim, zone)),
        3 => epoch.prop_map(TimeForm::Epoch),
        1 => Just(TimeForm::DoubleSeconds),
    ]
}

impl Unit {
    const fn nanos(self) -> i64 {
        match self {
            Self::Seconds => 1_000_000_000,
            Self::Millis => 1_000_000,
            Self::Micros => 1_000,
            Self::Nanos => 1,
        }
    }
}

impl TimeForm {
    /// The time as this form has it: cut to its unit, and junk only where it is text.
    pub(super) fn holds(self, time: &When) -> Option<When> {
        match (self, time) {
            (Self::Iso(..), When::Junk(_)) => Some(time.clone()),
            (_, When::Junk(_)) => None,
            (_, When::Nanos(nanos)) => Some(When::Nanos(nanos - nanos.rem_euclid(self.step()))),
        }
    }

    /// Nanoseconds between two times that the form can tell apart.
    fn step(self) -> i64 {
        match self {
            Self::Int96 => 1,
            Self::Typed(unit, _) | Self::Epoch(unit) => unit.nanos(),
            Self::Iso(digits, ..) => 10i64.pow(9 - u32::try_from(digits).unwrap()),
            // The nearest double of a time of our days is a quarter of a microsecond away at most.
            Self::DoubleSeconds => 1_000,
        }
    }

    /// The column of times that this form holds.
    pub(super) fn column(self, events: &[Event]) -> Column {
        let nanos = events.iter().map(|event| match event.time {
            Some(When::Nanos(nanos)) => Some(nanos),
            _ => None,
        });
        match self {
            Self::Int96 => Column::Times(Times::Int96(nanos.collect())),
            Self::Typed(unit, utc) => {
                Column::Times(Times::Typed(unit, utc, nanos.map(|n| n.map(|n| n / unit.nanos())).collect()))
            }
            Self::Epoch(unit) => Column::Int64(nanos.map(|n| n.map(|n| n / unit.nanos())).collect()),
            #[expect(clippy::cast_precision_loss, reason = "microseconds of our days are below 2^53")]
            Self::DoubleSeconds => Column::Double(nanos.map(|n| n.map(|n| (n / 1_000) as f64 / 1e6)).collect()),
            Self::Iso(digits, trim, zone) => {
                Column::Text(events.iter().map(|event| iso(event, digits, trim, zone)).collect())
            }
        }
    }
}

/// When the events arrived, which is not when they happened.
pub(super) fn an_hour_later(events: &[Event]) -> Column {
    let later = events.iter().map(|event| event.micros().map(|micros| micros + 3_600_000_000));
    Column::Times(Times::Typed(Unit::Micros, true, later.collect()))
}

fn iso(event: &Event, digits: usize, trim: bool, zone: Zone) -> Option<String> {
    let nanos = match event.time.as_ref()? {
        When::Junk(text) => return Some(text.clone()),
        When::Nanos(nanos) => *nanos,
    };
    let (shift_hours, ending) = match zone {
        Zone::Z => (0, "Z"),
        Zone::Zero => (0, "+00:00"),
        Zone::TwoEast => (2, "+02:00"),
        Zone::None => (0, ""),
    };
    let local = DateTime::from_timestamp_nanos(nanos + shift_hours * 3_600_000_000_000);
    let mut text = local.format("%Y-%m-%dT%H:%M:%S.%9f").to_string();
    text.truncate("2026-03-10T00:00:00.".len() + digits);
    let text = if trim { text.trim_end_matches('0') } else { &text };
    let text = if digits == 0 || trim { text.trim_end_matches('.') } else { text };
    Some(format!("{text}{ending}"))
}
