//! From a domain or URL to the indicators that name it: numbers only, since a feed may name millions.

use std::hash::BuildHasher as _;

use hashbrown::DefaultHashBuilder;

use super::Indicators;
use super::hashed::Hashed;

/// Positions in a table of indicators, by the compared spelling of what they stand for.
#[derive(Clone, Debug, Default)]
pub struct NameIndex {
    by_name: Hashed,
    hasher: DefaultHashBuilder,
}

impl NameIndex {
    /// The names of a table. It answers only together with that table.
    #[must_use]
    pub fn of(table: &Indicators) -> Self {
        let mut index = Self::default();
        index.by_name = Hashed::of(table.names().map(|(name, position)| (index.hash(name), position)));
        index
    }

    /// The positions that stand for exactly this name, ascending.
    pub fn lookup<'a>(&'a self, table: &'a Indicators, wanted: &'a str) -> impl Iterator<Item = u32> + 'a {
        let is_it = move |position: &u32| table.name(*position) == Some(wanted);
        self.by_name.with(self.hash(wanted)).filter(is_it)
    }

    /// Whether no indicator has a name.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
    fn hash(&self, name: &str) -> u32 {
        self.hasher.hash_one(name) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::indicator::{Indicator, State, Target};

    fn named(target: Target, id: &str) -> Indicator {
        Indicator {
            value: id.to_owned(),
            target,
            confidence: None,
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
    }

    #[test]
    fn every_indicator_of_a_name_is_found_and_no_other() {
        let mut table = Indicators::default();
        for number in 0..50 {
            table.push_owned(&named(Target::Domain(format!("d{}.example", number % 10)), &number.to_string()), 0);
        }
        table.push_owned(&named(Target::Url("d1.example/".into()), "url"), 0);
        table.settle(|_| {});
        let index = NameIndex::of(&table);
        for number in 0..10 {
            let wanted = format!("d{number}.example");
            let scan: Vec<u32> =
                table.iter().zip(0..).filter(|(i, _)| i.target_name == Some(&wanted)).map(|(_, at)| at).collect();
            assert_eq!(scan.len(), 5);
            assert_eq!(index.lookup(&table, &wanted).collect::<Vec<_>>(), scan);
        }
        assert_eq!(index.lookup(&table, "d1.example/").count(), 1);
        assert_eq!(index.lookup(&table, "example").count(), 0);
        assert_eq!(NameIndex::of(&Indicators::default()).lookup(&table, "d1.example").count(), 0);
    }
}
