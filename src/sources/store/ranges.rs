//! Many ranges of one object in few requests.
//!
//! A round trip costs more than a megabyte, so ranges that lie close together are fetched as one. Which are merged
//! depends on the ranges alone, and each range comes back as its own bytes.

use std::ops::Range;

use bytes::Bytes;

/// Merges ranges that overlap or lie less than `gap` bytes apart; sorted, without empty ones.
pub(super) fn merged(ranges: &[Range<u64>], gap: u64) -> Vec<Range<u64>> {
    let mut sorted: Vec<Range<u64>> = ranges.iter().filter(|range| range.start < range.end).cloned().collect();
    sorted.sort_unstable_by_key(|range| (range.start, range.end));
    let mut out: Vec<Range<u64>> = Vec::with_capacity(sorted.len());
    for range in sorted {
        match out.last_mut() {
            Some(last) if range.start <= last.end || range.start - last.end < gap => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

/// Cuts a range out of what was fetched; `None` if it is not in there whole.
pub(super) fn cut(fetched: &[(Range<u64>, Bytes)], range: &Range<u64>) -> Option<Bytes> {
    if range.start >= range.end {
        return Some(Bytes::new());
    }
    let at = fetched.partition_point(|(whole, _)| whole.start <= range.start).checked_sub(1)?;
    let (whole, bytes) = fetched.get(at)?;
    let start = usize::try_from(range.start - whole.start).ok()?;
    let end = usize::try_from(range.end.checked_sub(whole.start)?).ok()?;
    (end <= bytes.len()).then(|| bytes.slice(start..end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn close_ranges_are_one() {
        assert_eq!(merged(&[10..20, 0..5, 24..30, 5..5], 5), [0..5, 10..30]);
        assert_eq!(merged(&[10..20, 0..5, 24..30, 90..91], 6), [0..30, 90..91]);
        assert_eq!(merged(&[0..5, 5..6, 3..4, 9..10], 0), [0..6, 9..10]);
    }

    proptest! {
        #[test]
        fn every_range_comes_back_and_merged_ones_are_apart(
            pairs in prop::collection::vec((0u64..500, 0u64..60), 0..30), gap in 0u64..40,
        ) {
            let object: Vec<u8> = (0u32..600).map(|i| (i % 251) as u8).collect();
            let ranges: Vec<Range<u64>> = pairs.iter().map(|(start, length)| *start..start + length).collect();
            let merged = merged(&ranges, gap);
            prop_assert!(merged.windows(2).all(|two| two[1].start - two[0].end >= gap.max(1)));
            let fetched: Vec<(Range<u64>, Bytes)> = merged
                .into_iter()
                .map(|range| (range.clone(), Bytes::copy_from_slice(&object[range.start as usize..range.end as usize])))
                .collect();
            for range in ranges {
                let want = &object[range.start as usize..range.end as usize];
                prop_assert_eq!(cut(&fetched, &range).unwrap(), want);
            }
        }
    }
}
