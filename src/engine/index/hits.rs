//! Rows of a file, as ranges by row group: what an index answers with.

use std::collections::BTreeMap;
use std::ops::Range;

/// Rows by row group. Ranges are ascending, do not touch, and count from the first row of their row group.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Hits {
    groups: BTreeMap<usize, Vec<Range<usize>>>,
}

impl Hits {
    /// The ranges of a row group.
    #[must_use]
    pub fn of_group(&self, row_group: usize) -> &[Range<usize>] {
        self.groups.get(&row_group).map(Vec::as_slice).unwrap_or_default()
    }

    /// The row groups that have any, ascending, with their ranges.
    pub fn groups(&self) -> impl Iterator<Item = (usize, &[Range<usize>])> {
        self.groups.iter().map(|(group, ranges)| (*group, ranges.as_slice()))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.groups.values().flatten().map(ExactSizeIterator::len).sum()
    }

    /// The rows of either.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        for (group, ranges) in other.groups {
            let all = self.groups.entry(group).or_default();
            all.extend(ranges);
            all.sort_unstable_by_key(|range| range.start);
            let mut joined: Vec<Range<usize>> = Vec::with_capacity(all.len());
            all.drain(..).for_each(|range| append(&mut joined, range));
            *all = joined;
        }
        self
    }

    /// The rows of both.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        let common = self.groups.into_iter().map(|(group, ranges)| (group, both(&ranges, other.of_group(group))));
        Self { groups: common.filter(|(_, ranges)| !ranges.is_empty()).collect() }
    }

    /// Adds rows of a segment, in any order, each at most once or not; `base` is the row group whose first row has number 0,
    /// `row_groups` are the rows of all. Rows behind the last row group are left out.
    pub(super) fn add(&mut self, mut rows: Vec<u32>, base: usize, row_groups: &[u64]) {
        rows.sort_unstable();
        rows.dedup();
        let mut found = Self::default();
        let mut groups = (base..).zip(row_groups.iter().skip(base));
        let mut current = groups.next();
        let mut start = 0u64;
        for row in rows.into_iter().map(u64::from) {
            while let Some((_, rows)) = current.filter(|(_, rows)| row - start >= **rows) {
                start += rows;
                current = groups.next();
            }
            let (Some((group, _)), Ok(row)) = (current, usize::try_from(row - start)) else { break };
            append(found.groups.entry(group).or_default(), row..row + 1);
        }
        *self = std::mem::take(self).or(found);
    }
}

/// Appends a range that begins nowhere before the last one.
fn append(ranges: &mut Vec<Range<usize>>, range: Range<usize>) {
    match ranges.last_mut().filter(|last| range.start <= last.end) {
        Some(last) => last.end = last.end.max(range.end),
        None => ranges.push(range),
    }
}

fn both(a: &[Range<usize>], b: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
        let common = x.start.max(y.start)..x.end.min(y.end);
        if !common.is_empty() {
            out.push(common);
        }
        if x.end < y.end {
            a.next()
        } else {
            b.next()
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Row groups of 4, 0 and 100 rows behind one that the segment leaves out.
    const GROUPS: [u64; 4] = [9, 4, 0, 100];

    fn hits(rows: &BTreeSet<u32>) -> Hits {
        let mut hits = Hits::default();
        let (first, second): (Vec<u32>, Vec<u32>) = rows.iter().partition(|row| *row % 3 == 0);
        hits.add(first, 1, &GROUPS);
        hits.add(second, 1, &GROUPS);
        hits
    }

    fn rows(hits: &Hits) -> BTreeSet<u32> {
        let start = |group| if group == 1 { 0 } else { 4 };
        hits.groups()
            .flat_map(|(group, ranges)| ranges.iter().cloned().flatten().map(move |r| r as u32 + start(group)))
            .collect()
    }

    proptest! {
        #[test]
        fn hits_are_sets_of_rows(a in prop::collection::btree_set(0u32..104, 0..60), b in prop::collection::btree_set(0u32..104, 0..60)) {
            prop_assert_eq!(rows(&hits(&a)), a.clone());
            prop_assert_eq!(hits(&a).rows(), a.len());
            let (or, and) = (hits(&a).or(hits(&b)), hits(&a).and(&hits(&b)));
            prop_assert_eq!(rows(&or), &a | &b);
            prop_assert_eq!(rows(&and), &a & &b);
            for (_, ranges) in or.groups().chain(and.groups()) {
                prop_assert!(ranges.iter().all(|range| !range.is_empty()) && !ranges.is_empty());
                prop_assert!(ranges.windows(2).all(|pair| pair[0].end < pair[1].start));
            }
            prop_assert!(hits(&a).of_group(2).is_empty() && hits(&a).of_group(0).is_empty());
        }
    }
}
