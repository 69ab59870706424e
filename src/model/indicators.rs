//! All indicators of a run, best first: five million fit into a few hundred megabytes.
//!
//! A row holds numbers only; texts stand in a lexicon, shared ones once. Rows are reached by position, and positions are
//! in the order in which indicators speak for a finding, so that the smaller of two positions is the better indicator.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::address::Address;
use super::indicator::{Indicator, IndicatorRef, Kind, State};
use super::lexicon::{Lexicon, Symbol};
use super::{Micros, Prefix};

/// The table.
#[derive(Clone, Debug, Default)]
pub struct Indicators {
    rows: Vec<Row>,
    texts: Lexicon,
    /// The second addresses of the few rows that have one.
    also: Vec<Prefix>,
    /// What the last row shares with others: most rows share the same as the one before.
    last: Shared,
    /// Whether a row was added that does not come after the one before it.
    is_mixed: bool,
}

/// The texts that many rows have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Shared {
    threat_type: Symbol,
    tlp: Symbol,
    tags: Symbol,
    name: Symbol,
    source: Symbol,
}

/// Who brought a row: a number that the builder of the table gives.
pub type Origin = u32;

#[derive(Clone, Copy, Debug)]
struct Row {
    /// First address, of an address or prefix.
    first: u128,
    /// -1 for none.
    confidence: f64,
    /// [`NO_TIME`] for none.
    valid_from: i64,
    valid_until: i64,
    value: Symbol,
    target: Symbol,
    shared: Shared,
    id: Symbol,
    origin: Origin,
    /// One more than the position in [`Indicators::also`].
    also: u32,
    port: Option<u16>,
    kind: Kind,
    bits: u8,
    state: State,
    to_ids: Option<bool>,
}

/// What a row says without its texts.
#[derive(Clone, Copy, Debug)]
pub struct Marks {
    /// Who brought it.
    pub origin: Origin,
    /// What it stands for.
    pub kind: Kind,
    /// In use or retired.
    pub state: State,
    /// Whether it has a last date.
    pub has_end: bool,
    /// Whether its publisher holds it fit for detection.
    pub to_ids: Option<bool>,
}

/// Members without a value are numbers that no value has: an `Option` of each would double a row.
const NO_TIME: i64 = i64::MIN;
const NO_CONFIDENCE: f64 = -1.0;

/// What decides between most pairs of rows without looking at their texts: the first parts of [`IndicatorRef::rank`].
type FirstKey = std::cmp::Reverse<(i64, u8, i64)>;
/// The same with the first bytes of the value.
type SortKey = (FirstKey, u64);

impl Indicators {
    /// Adds one. The table is in order again after [`Indicators::settle`].
    pub fn push(&mut self, indicator: IndicatorRef<'_>, origin: Origin) {
        self.also.extend(indicator.also);
        let also = indicator.also.and_then(|_| u32::try_from(self.also.len()).ok()).unwrap_or(0);
        let texts = &mut self.texts;
        let target = texts.add_some(indicator.target_name);
        let is_name = indicator.target_name == Some(indicator.value);
        let value = if is_name { target } else { texts.add(indicator.value) };
        let mut share = |last: &mut Symbol, text| {
            if texts.get(*last) != text {
                *last = texts.intern_some(text);
            }
        };
        share(&mut self.last.threat_type, indicator.threat_type);
        share(&mut self.last.tlp, indicator.tlp);
        share(&mut self.last.tags, indicator.tags);
        share(&mut self.last.name, indicator.name);
        share(&mut self.last.source, indicator.source);
        let row = Row {
            first: indicator.prefix.map_or(0, |prefix| prefix.first().bits()),
            bits: indicator.prefix_bits(),
            also,
            // Adding zero makes -0 and 0 one value, whose bits sort as the numbers do.
            confidence: indicator.confidence.unwrap_or(NO_CONFIDENCE) + 0.0,
            valid_from: indicator.valid_from.map_or(NO_TIME, |time| time.0),
            valid_until: indicator.valid_until.map_or(NO_TIME, |time| time.0),
            value,
            target,
            shared: self.last,
            id: texts.add_some(indicator.id),
            origin,
            port: indicator.port,
            kind: indicator.kind,
            state: indicator.state,
            to_ids: indicator.to_ids,
        };
        self.is_mixed = self.is_mixed || self.rows.last().is_some_and(|last| self.rank(last, &row).is_ge());
        self.rows.push(row);
    }

    /// Adds one that owns its text.
    pub fn push_owned(&mut self, indicator: &Indicator, origin: Origin) {
        self.push(indicator.as_ref(), origin);
    }

    /// Takes back what was added after the table had this length.
    pub fn truncate(&mut self, len: usize) {
        self.rows.truncate(len);
    }

    /// Puts the table in order and leaves equal rows out, all but one of the smallest origin; `on_duplicate` is told whose
    /// row goes. Nothing can be added cheaply after that.
    pub fn settle(&mut self, mut on_duplicate: impl FnMut(Origin)) {
        if self.is_mixed {
            self.sort();
            let Self { rows, texts, also, .. } = self;
            let mut last: Option<Row> = None;
            rows.retain(|row| {
                let same = last.as_ref().is_some_and(|last| is_same(texts, also, last, row));
                if same {
                    on_duplicate(row.origin);
                } else {
                    last = Some(*row);
                }
                !same
            });
            self.is_mixed = false;
        }
        self.rows.shrink_to_fit();
        self.texts.freeze();
    }

    fn view(&self, row: &Row) -> IndicatorRef<'_> {
        view(&self.texts, &self.also, row)
    }

    /// [`IndicatorRef::rank`], with a look at most texts only where values are equal.
    fn rank(&self, a: &Row, b: &Row) -> Ordering {
        let value = |row: &Row| self.texts.get(row.value);
        let by_text = || self.view(a).rank(&self.view(b));
        first_key(a).cmp(&first_key(b)).then_with(|| value(a).cmp(&value(b))).then_with(by_text)
    }

    /// Sorts small keys, and looks at texts only where these are equal.
    fn sort(&mut self) {
        let mut order: Vec<(SortKey, u32)> =
            self.rows.iter().zip(0u32..).map(|(row, at)| (self.sort_key(row), at)).collect();
        let row = |at: u32| usize::try_from(at).ok().and_then(|at| self.rows.get(at));
        order.sort_unstable_by(|(a_key, a), (b_key, b)| {
            a_key.cmp(b_key).then_with(|| match (row(*a), row(*b)) {
                (Some(a), Some(b)) => self.rank(a, b).then_with(|| a.origin.cmp(&b.origin)),
                _ => Ordering::Equal,
            })
        });
        let order: Vec<u32> = order.into_iter().map(|(_, at)| at).collect();
        self.rows =
            order.iter().filter_map(|at| usize::try_from(*at).ok().and_then(|at| self.rows.get(at)).copied()).collect();
    }

    fn sort_key(&self, row: &Row) -> SortKey {
        let start = self.texts.get(row.value).unwrap_or_default().bytes().chain([0; 8]).take(8);
        (first_key(row), start.fold(0, |all, byte| all << 8 | u64::from(byte)))
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The one at a position.
    #[must_use]
    pub fn get(&self, position: u32) -> Option<IndicatorRef<'_>> {
        let row = self.rows.get(usize::try_from(position).ok()?)?;
        Some(self.view(row))
    }

    /// All, best first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = IndicatorRef<'_>> {
        self.rows.iter().map(|row| self.view(row))
    }

    /// Which of them say only tor, anonymization or benign, by position. Equal types and tags are read once.
    #[must_use]
    pub fn only_tor(&self) -> Vec<bool> {
        let mut known: HashMap<(Symbol, Symbol), bool> = HashMap::new();
        let mut last = None;
        let mut judge = |row: &Row| {
            let said = (row.shared.threat_type, row.shared.tags);
            match last {
                Some((before, only_tor)) if before == said => only_tor,
                _ => {
                    let only_tor = *known.entry(said).or_insert_with(|| self.view(row).says_only_tor());
                    last = Some((said, only_tor));
                    only_tor
                }
            }
        };
        self.rows.iter().map(&mut judge).collect()
    }

    /// The addresses that the rows stand for, in their order: without a look at their texts.
    pub fn prefixes(&self) -> impl ExactSizeIterator<Item = Option<Prefix>> {
        self.rows.iter().map(prefix_of)
    }

    /// The names of those that have one, with their positions.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, u32)> {
        self.rows.iter().zip(0u32..).filter_map(|(row, at)| Some((self.texts.get(row.target)?, at)))
    }

    /// The name of the one at a position.
    pub(super) fn name(&self, position: u32) -> Option<&str> {
        self.texts.get(self.rows.get(usize::try_from(position).ok()?)?.target)
    }

    /// What the rows say without their texts, in their order.
    pub fn marks(&self) -> impl ExactSizeIterator<Item = Marks> {
        self.rows.iter().map(|row| Marks {
            origin: row.origin,
            kind: row.kind,
            state: row.state,
            has_end: row.valid_until != NO_TIME,
            to_ids: row.to_ids,
        })
    }
}

fn first_key(row: &Row) -> FirstKey {
    // The order of these bits is that of total_cmp, since confidences are not negative and none is NaN.
    let confidence = if row.confidence < 0.0 { -1 } else { row.confidence.to_bits().cast_signed() };
    std::cmp::Reverse((confidence, row.bits, row.valid_from))
}

/// Whether [`IndicatorRef::rank`] calls two rows equal, without a look at their texts as long as anything else differs.
fn is_same(texts: &Lexicon, also: &[Prefix], a: &Row, b: &Row) -> bool {
    let numbers = |row: &Row| (row.first, row.kind, row.valid_until, row.port, row.state, row.to_ids);
    // Texts that are not looked for when they are added may stand there twice.
    let is_text = |a: Symbol, b: Symbol| a == b || texts.get(a) == texts.get(b);
    first_key(a) == first_key(b)
        && numbers(a) == numbers(b)
        && a.shared == b.shared
        && second_address(also, a) == second_address(also, b)
        && is_text(a.value, b.value)
        && is_text(a.target, b.target)
        && is_text(a.id, b.id)
}

fn prefix_of(row: &Row) -> Option<Prefix> {
    let is_prefix = matches!(row.kind, Kind::Address | Kind::Prefix);
    is_prefix.then(|| Prefix::covering(Address::from_bits(row.first), row.bits))
}

fn second_address(also: &[Prefix], row: &Row) -> Option<Prefix> {
    usize::try_from(row.also).ok().and_then(|number| also.get(number.checked_sub(1)?)).copied()
}

fn view<'a>(texts: &'a Lexicon, also: &[Prefix], row: &Row) -> IndicatorRef<'a> {
    let time = |time: i64| (time != NO_TIME).then_some(Micros(time));
    IndicatorRef {
        value: texts.get(row.value).unwrap_or_default(),
        kind: row.kind,
        prefix: prefix_of(row),
        target_name: texts.get(row.target),
        confidence: (row.confidence >= 0.0).then_some(row.confidence),
        threat_type: texts.get(row.shared.threat_type),
        tlp: texts.get(row.shared.tlp),
        tags: texts.get(row.shared.tags),
        name: texts.get(row.shared.name),
        source: texts.get(row.shared.source),
        id: texts.get(row.id),
        valid_from: time(row.valid_from),
        valid_until: time(row.valid_until),
        state: row.state,
        port: row.port,
        to_ids: row.to_ids,
        also: second_address(also, row),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::indicator::Target;

    fn indicator() -> impl Strategy<Value = Indicator> {
        let target = prop_oneof![
            (0u32..4, 120u8..=128).prop_map(|(low, bits)| {
                let address = Address::from(std::net::Ipv4Addr::from(0xCB00_7100 + low));
                Target::Prefix(Prefix::covering(address, bits))
            }),
            "[ab]\\.example".prop_map(Target::Domain),
            "[ab]\\.example/x".prop_map(Target::Url),
        ];
        let text = || proptest::option::of("[xy]{0,2}");
        let time = || proptest::option::of((0i64..3).prop_map(Micros));
        let confidence = proptest::option::of(prop_oneof![Just(0.0), Just(0.5), Just(80.0), Just(100.0)]);
        let rest = (proptest::option::of(0u16..3), proptest::option::of(any::<bool>()), any::<bool>(), any::<bool>());
        (target, confidence, text(), text(), time(), time(), rest).prop_map(
            |(target, confidence, source, id, valid_from, valid_until, (port, to_ids, also, retired))| Indicator {
                value: match &target {
                    // Most domains are published as they are compared.
                    Target::Domain(name) if name.starts_with('a') => name.clone(),
                    target => format!("{target:?}"),
                },
                target,
                confidence,
                threat_type: source.clone(),
                tlp: None,
                tags: source.clone(),
                name: None,
                source,
                id,
                valid_from,
                valid_until,
                state: if retired { State::Retired } else { State::Active },
                port,
                to_ids,
                also: also.then(|| Prefix::covering(Address::from_bits(7), 128)),
            },
        )
    }

    #[test]
    fn a_negative_zero_sorts_as_zero() {
        let with = |confidence: Option<f64>, id: &str| {
            let target = Target::Prefix(Prefix::covering(Address::from_bits(7), 128));
            Indicator {
                value: id.into(),
                target,
                confidence,
                threat_type: None,
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
        };
        let mut table = Indicators::default();
        for indicator in [with(None, "none"), with(Some(-0.0), "zero"), with(Some(1.0), "one")] {
            table.push_owned(&indicator, 0);
        }
        table.settle(|_| {});
        assert_eq!(table.iter().map(|one| one.value).collect::<Vec<_>>(), ["one", "zero", "none"]);
    }

    /// Random rows are hardly ever equal, so some come again with one member changed, or none.
    fn with_copies() -> impl Strategy<Value = Vec<Indicator>> {
        let copies = proptest::collection::vec((any::<proptest::sample::Index>(), 0u8..10), 0..20);
        (proptest::collection::vec(indicator(), 1..20), copies).prop_map(|(mut pushed, copies)| {
            for (of, member) in copies {
                let mut copy = pushed[of.index(pushed.len())].clone();
                match member {
                    0 => copy.id = Some("other".into()),
                    1 => copy.value.push('.'),
                    2 => copy.source = Some("other".into()),
                    3 => copy.port = Some(9),
                    4 => copy.also = Some(Prefix::covering(Address::from_bits(8), 128)),
                    5 => copy.valid_until = Some(Micros(9)),
                    6 => copy.to_ids = copy.to_ids.map(|mark| !mark),
                    7 => copy.name = Some("other".into()),
                    _ => {}
                }
                pushed.push(copy);
            }
            pushed
        })
    }

    proptest! {
        #[test]
        fn the_table_holds_what_was_pushed_once_and_in_order(pushed in with_copies()) {
            let mut table = Indicators::default();
            for (at, indicator) in pushed.iter().enumerate() {
                table.push_owned(indicator, u32::try_from(at).unwrap_or(0));
            }
            let mut duplicates = 0;
            table.settle(|_| duplicates += 1);
            let mut want: Vec<IndicatorRef<'_>> = pushed.iter().map(Indicator::as_ref).collect();
            want.sort_by(IndicatorRef::rank);
            want.dedup_by(|a, b| a.rank(b).is_eq());
            prop_assert_eq!(table.iter().collect::<Vec<_>>(), want);
            prop_assert_eq!(table.len() + duplicates, pushed.len());
        }
    }
}
