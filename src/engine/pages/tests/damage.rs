//! Damaged bytes: never a panic, and never rows that the ordinary reader does not see in the same bytes.

use bytes::Bytes;
use proptest::prelude::*;

use super::super::fuzzing::check;
use super::super::walk::Walk;
use super::super::{Chunk, scan};
use super::archive::{agrees, chunk, class_of, plans, read};
use super::cases;

/// A change to one byte: near the header of some page, or anywhere.
#[derive(Debug, Clone)]
struct Change {
    page: Option<proptest::sample::Index>,
    at: proptest::sample::Index,
    near: usize,
    byte: u8,
    is_flip: bool,
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let index = any::<proptest::sample::Index>;
    let change = (proptest::option::weighted(0.7, index()), index(), 0..40_usize, any::<u8>(), any::<bool>())
        .prop_map(|(page, at, near, byte, is_flip)| Change { page, at, near, byte, is_flip });
    proptest::collection::vec(change, 1..4)
}

/// Where the pages of a sound chunk start.
fn starts(chunk: &Chunk<'_>) -> Vec<usize> {
    let mut walk = Walk::new(&chunk.bytes, chunk.shape().unwrap());
    std::iter::from_fn(|| walk.next_page().unwrap().map(|page| page.start)).collect()
}

proptest! {
    #![proptest_config(cases(2))]

    #[test]
    fn changed_bytes_are_refused_or_read_as_the_ordinary_reader_reads_them(
        plan in plans(), changes in changes(), rarity in prop_oneof![3..6_u32, Just(u32::MAX)],
    ) {
        let (file, meta) = plan.write();
        let sound = chunk(&file, &meta, 0);
        let starts = starts(&sound);
        let first = usize::try_from(sound.meta.byte_range().0).unwrap();
        let mut bytes = file.to_vec();
        for change in &changes {
            let near = change.page.map(|page| page.get(&starts) + change.near).filter(|at| *at < sound.bytes.len());
            let at = first + near.unwrap_or_else(|| change.at.index(sound.bytes.len()));
            bytes[at] = if change.is_flip { bytes[at] ^ (1 << (change.byte % 8)) } else { change.byte };
        }
        let file = Bytes::from(bytes);
        let damaged = chunk(&file, &meta, 0);
        let Ok(found) = scan(&damaged, &mut |text: &[u8]| class_of(text, rarity)) else { return Ok(()) };
        check(&found, damaged.rows);
        match read(&file, 0) {
            Some(texts) => prop_assert!(agrees(&found, &texts, rarity), "{found:?}"),
            // Only what was passed over unread may be broken without being noticed.
            None => prop_assert!(found.skipped_pages > 0, "only the page reader reads this: {found:?}"),
        }
    }

    #[test]
    fn a_chunk_that_is_cut_is_refused_or_whole(plan in plans(), cut in any::<proptest::sample::Index>()) {
        let (file, meta) = plan.write();
        let mut cut_off = chunk(&file, &meta, 0);
        cut_off.bytes = cut_off.bytes.slice(..cut.index(cut_off.bytes.len()));
        prop_assert!(scan(&cut_off, &mut |text: &[u8]| class_of(text, 4)).is_err());
    }

    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        super::super::fuzz(&bytes);
    }
}
