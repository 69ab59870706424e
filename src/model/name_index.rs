//! From a domain or URL to the indicators that name it: numbers only, since a feed may name millions.

use std::hash::BuildHasher as _;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::Indicators;

/// Positions in a table of indicators, by the compared spelling of what they stand for.
#[derive(Clone, Debug, Default)]
pub struct NameIndex {
    /// Positions that have a name, by name and then ascending.
    positions: Vec<u32>,
    /// Where each name's positions begin and end in `positions`.
    groups: Vec<(u32, u32)>,
    by_name: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl NameIndex {
    /// The names of a table. It answers only together with that table.
    #[must_use]
    pub fn of(table: &Indicators) -> Self {
        let mut named: Vec<_> = table.name_symbols().collect();
        named.sort_unstable();
        let mut groups = Vec::new();
        let mut start = 0u32;
        for group in named.chunk_by(|(a, _), (b, _)| a == b) {
            let end = start.saturating_add(u32::try_from(group.len()).unwrap_or(u32::MAX));
            groups.push((start, end));
            start = end;
        }
        let positions = named.into_iter().map(|(_, position)| position).collect();
        let mut index = Self { positions, groups, ..Self::default() };
        let hasher = index.hasher;
        let (positions, groups) = (&index.positions, &index.groups);
        let hash = |group: &u32| hasher.hash_one(name_of_group(table, positions, groups, *group));
        index.by_name.reserve(groups.len(), hash);
        for group in (0u32..).take(groups.len()) {
            index.by_name.insert_unique(hash(&group), group, hash);
        }
        index
    }

    /// The positions that stand for exactly this name, ascending.
    #[must_use]
    pub fn lookup(&self, table: &Indicators, wanted: &str) -> &[u32] {
        let is_it = |group: &u32| name_of_group(table, &self.positions, &self.groups, *group) == Some(wanted);
        let found = self.by_name.find(self.hasher.hash_one(Some(wanted)), is_it);
        found.and_then(|group| members(&self.positions, &self.groups, *group)).unwrap_or_default()
    }

    /// Whether no indicator has a name.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }
}

fn name(table: &Indicators, position: u32) -> Option<&str> {
    table.get(position).and_then(|indicator| indicator.target_name)
}

fn members<'a>(positions: &'a [u32], groups: &[(u32, u32)], group: u32) -> Option<&'a [u32]> {
    let (start, end) = groups.get(usize::try_from(group).ok()?)?;
    positions.get(usize::try_from(*start).ok()?..usize::try_from(*end).ok()?)
}

fn name_of_group<'a>(table: &'a Indicators, positions: &[u32], groups: &[(u32, u32)], group: u32) -> Option<&'a str> {
    name(table, *members(positions, groups, group)?.first()?)
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
            assert_eq!(index.lookup(&table, &wanted), scan);
        }
        assert_eq!(index.lookup(&table, "d1.example/").len(), 1);
        assert!(index.lookup(&table, "example").is_empty());
        assert!(NameIndex::of(&Indicators::default()).lookup(&table, "d1.example").is_empty());
    }
}
