//! An append-only table reduced to what is newest.
//!
//! Of each observable of each indicator the newest row counts, and the indicator's newest row decides for all its
//! observables whether it is deleted or retired. On equal times the row that excludes wins, and after that a fixed order
//! of the contents, so that neither the order of files nor of rows can change the result. Keys are kept as digests: of
//! millions of rows only those with an address must be remembered in full.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest as _, Sha256};

use super::super::content::Content;
use super::super::origin;
use super::super::tally::{DELETED, SUPERSEDED, Tally};
use crate::model::indicator::State;
use crate::model::{Indicator, Indicators, Micros};

/// What a row says of its indicator, the strongest last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::sources::intel) enum Standing {
    /// In use.
    Active,
    /// Revoked or inactive.
    Retired,
    /// Deleted, or a false positive.
    Deleted,
}

/// 128 bits of SHA-256 over parts that cannot run into each other.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in crate::sources::intel) struct Key(u128);

impl Key {
    pub(in crate::sources::intel) fn of(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        Self(hash.finalize().iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(*byte)))
    }
}

/// One row.
#[derive(Clone, Debug)]
pub(in crate::sources::intel) struct Row {
    /// The indicator.
    pub(in crate::sources::intel) id: Key,
    /// The observable of that indicator.
    pub(in crate::sources::intel) observable: Key,
    /// When the row was written.
    pub(in crate::sources::intel) time: Option<Micros>,
    pub(in crate::sources::intel) standing: Standing,
    pub(in crate::sources::intel) content: Content,
    /// Position of the source that brought it.
    pub(in crate::sources::intel) source: usize,
}

impl Row {
    fn beats(&self, held: &Self) -> bool {
        let rank = |row: &Self| (row.time, row.standing);
        rank(self).cmp(&rank(held)).then_with(|| held.content.order(&self.content)).is_gt()
    }
}

/// The newest rows.
#[derive(Clone, Debug, Default)]
pub(in crate::sources::intel) struct Log {
    rows: Vec<Row>,
    /// Positions in `rows`, by observable.
    newest: HashMap<Key, usize>,
    /// Rows that lost, by source.
    superseded: BTreeMap<usize, u64>,
}

impl Log {
    /// Whether a row of this time would lose whatever it says, so that its content need not be read. It is counted.
    pub(in crate::sources::intel) fn is_superseded(
        &mut self,
        observable: Key,
        time: Option<Micros>,
        source: usize,
    ) -> bool {
        let held = self.newest.get(&observable).and_then(|at| self.rows.get(*at));
        let loses = held.is_some_and(|held| time < held.time);
        if loses {
            self.lose(source, 1);
        }
        loses
    }

    pub(in crate::sources::intel) fn insert(&mut self, row: Row) {
        let held = self.newest.get(&row.observable).and_then(|at| self.rows.get_mut(*at));
        let loser = match held {
            None => {
                self.newest.insert(row.observable, self.rows.len());
                self.rows.push(row);
                return;
            }
            Some(held) if row.beats(held) => std::mem::replace(held, row).source,
            Some(_) => row.source,
        };
        self.lose(loser, 1);
    }

    fn lose(&mut self, source: usize, count: u64) {
        *self.superseded.entry(source).or_default() += count;
    }

    /// Takes over another file's rows: all files of a table are one log.
    pub(in crate::sources::intel) fn absorb(&mut self, other: Self) {
        if self.rows.is_empty() {
            self.rows = other.rows;
            self.newest = other.newest;
        } else {
            other.rows.into_iter().for_each(|row| self.insert(row));
        }
        for (source, count) in other.superseded {
            self.lose(source, count);
        }
    }

    /// The usable indicators with their sources; the rest is counted in the tallies of the sources.
    pub(in crate::sources::intel) fn settle(self, tallies: &mut [Tally], indicators: &mut Indicators) {
        drop(self.newest);
        for (source, count) in self.superseded {
            if let Some(tally) = tallies.get_mut(source) {
                tally.ignore_many(SUPERSEDED, count);
            }
        }
        // The newest row of an indicator is also the newest of its own observable, so nothing that lost can decide.
        let mut standings: HashMap<Key, (Option<Micros>, Standing)> = HashMap::new();
        for row in &self.rows {
            let newest = standings.entry(row.id).or_insert((row.time, row.standing));
            *newest = (*newest).max((row.time, row.standing));
        }
        for row in self.rows {
            let Some(tally) = tallies.get_mut(row.source) else { continue };
            let standing = standings.get(&row.id).map_or(row.standing, |(_, standing)| *standing);
            let state = match standing {
                Standing::Deleted => {
                    tally.ignore(DELETED);
                    continue;
                }
                Standing::Retired => State::Retired,
                Standing::Active => State::Active,
            };
            for indicator in row.content.settle(tally) {
                indicators.push_owned(&Indicator { state, ..indicator }, origin(row.source));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::content::{Details, Value};
    use super::*;
    use crate::model::prefix::PrivateRanges;

    /// Few ids, observables and times, so that they meet often.
    fn row() -> impl Strategy<Value = Row> {
        let standing = prop_oneof![Just(Standing::Active), Just(Standing::Retired), Just(Standing::Deleted)];
        (0u8..3, 0u8..3, prop::option::of(0i64..3), standing, 0u8..3).prop_map(
            |(id, value, time, standing, confidence)| {
                let details = Details {
                    confidence: Some(confidence.to_string()),
                    id: Some(id.to_string()),
                    ..Details::default()
                };
                let address = format!("192.0.2.{value}");
                Row {
                    id: Key::of(&[&id.to_string()]),
                    observable: Key::of(&[&id.to_string(), &address]),
                    time: time.map(Micros),
                    standing,
                    content: Content::of(&[Value::new(&address, "")], details, PrivateRanges::Refuse, String::new),
                    source: 0,
                }
            },
        )
    }

    fn settled(log: Log) -> (Indicators, Tally) {
        let mut tallies = [Tally::default()];
        let mut found = Indicators::default();
        log.settle(&mut tallies, &mut found);
        found.settle(|_| {});
        let [tally] = tallies;
        (found, tally)
    }

    /// The rule as written, by looking at all rows again and again.
    fn naive(rows: &[Row]) -> Vec<Indicator> {
        let mut found = Vec::new();
        for row in rows {
            let of_observable = rows.iter().filter(|other| other.observable == row.observable);
            let newest_of_id =
                rows.iter().filter(|other| other.id == row.id).map(|other| (other.time, other.standing)).max();
            let state = match newest_of_id {
                Some((_, Standing::Active)) => State::Active,
                Some((_, Standing::Retired)) => State::Retired,
                _ => continue,
            };
            if of_observable.clone().all(|other| !other.beats(row)) {
                found.extend(row.content.indicators.iter().map(|i| Indicator { state, ..i.clone() }));
            }
        }
        found.sort_by(|a, b| a.as_ref().rank(&b.as_ref()));
        found.dedup();
        found
    }

    proptest! {
        #[test]
        fn any_order_and_any_split_into_files_agree_with_the_rule(rows in prop::collection::vec(row(), 0..14), cut in 0usize..14) {
            let (first, second) = rows.split_at(cut.min(rows.len()));
            let mut log = Log::default();
            for part in [second, first] {
                let mut file = Log::default();
                for row in part.iter().rev() {
                    if !file.is_superseded(row.observable, row.time, 0) {
                        file.insert(row.clone());
                    }
                }
                log.absorb(file);
            }
            let (found, tally) = settled(log);
            let want = naive(&rows);
            let counted: u64 = tally.ignored.values().sum();
            prop_assert_eq!(rows.len() as u64, found.len() as u64 + counted);
            prop_assert_eq!(found.iter().collect::<Vec<_>>(), want.iter().map(Indicator::as_ref).collect::<Vec<_>>());
        }
    }

    #[test]
    fn parts_of_a_key_do_not_run_together() {
        assert_ne!(Key::of(&["a", "bc"]), Key::of(&["ab", "c"]));
        assert_ne!(Key::of(&["a"]), Key::of(&["a", ""]));
    }
}
