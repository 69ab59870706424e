//! A damaged, foreign or stale index says that it is, or answers exactly as a whole one.

use std::io;
use std::ops::Range;

use async_trait::async_trait;

use super::*;

/// Two row groups with everything in them, and several segments.
fn sample() -> (File, Bytes) {
    let row = |at: u32| Row {
        class: match at % 7 {
            0 => Class::Unreadable,
            1 => Class::Nothing,
            2 => Class::Address(Address::from_bits((0x2001_0db8_u128 << 96) + u128::from(at / 3))),
            _ => v4(at.wrapping_mul(2_654_435_761) >> (at % 5)),
        },
        names: (0..at % 3).map(|name| format!("{}.b{name}.example", at % 11)).collect(),
    };
    let file: File = vec![(0..80).map(row).collect(), (80..100).map(row).collect()];
    let bytes = build(&file, 900);
    (file, bytes)
}

/// Everything that an index can be asked, or why it cannot.
async fn answers(bytes: Bytes) -> Result<[Places; 3], Unusable> {
    let index = open(bytes).await?;
    let addresses = index.rows_of_addresses(&Question(|address: Address| address.bits().is_multiple_of(2))).await?;
    let names = index.rows_of_names(ALL_NAMES, &|name| name.contains("b1")).await?;
    Ok([addresses, names, index.unreadable().await?].map(|hits| places(&hits)))
}

#[test]
fn every_flipped_byte_is_seen_or_does_not_matter() {
    let (file, bytes) = sample();
    let want = ready(answers(bytes.clone())).unwrap();
    assert_eq!(want[2], scan(&file, |row| row.class == Class::Unreadable));
    let mut unusable = 0;
    ready(async {
        for at in 0..bytes.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut damaged = bytes.to_vec();
                damaged[at] ^= flip;
                match answers(damaged.into()).await {
                    Ok(answers) => assert_eq!(answers, want, "byte {at}"),
                    Err(_) => unusable += 1,
                }
            }
        }
    });
    assert_eq!(unusable, bytes.len() * 3, "every byte of an index is checked by these questions");
}

#[test]
fn a_shorter_or_longer_index_is_partial() {
    let (_, bytes) = sample();
    ready(async {
        for length in 0..bytes.len() {
            let error = answers(bytes.slice(..length)).await.unwrap_err();
            assert!(matches!(error, Unusable::Partial | Unusable::Corrupt(Part::End)), "{length}: {error}");
        }
        for more in [vec![0; 1], vec![0; 100], bytes.to_vec()] {
            let error = answers([bytes.to_vec(), more].concat().into()).await.unwrap_err();
            assert_eq!(error, Unusable::Partial);
        }
        // A hole as a crashed machine leaves it.
        for at in (0..bytes.len()).step_by(16) {
            let mut holed = bytes.to_vec();
            holed[at..].fill(0);
            assert!(answers(holed.into()).await.is_err());
        }
    });
}

#[test]
fn parts_that_change_places_are_seen() {
    let (_, bytes) = sample();
    let want = ready(answers(bytes.clone())).unwrap();
    let other = build(&vec![rows_of_one(80), rows_of_one(20)], 900);
    ready(async {
        for length in [4, 16, 64] {
            for from in (0..bytes.len() - 2 * length).step_by(length) {
                let mut swapped = bytes.to_vec();
                let (left, right) = swapped.split_at_mut(from + length);
                left[from..].swap_with_slice(&mut right[..length]);
                if let Ok(answers) = answers(swapped.into()).await {
                    assert_eq!(answers, want, "{length} bytes at {from}");
                }
            }
        }
        // The start of one index with the end of another.
        for cut in 0..bytes.len().min(other.len()) {
            let spliced = [&bytes[..cut], &other[other.len().min(cut)..]].concat();
            if let Ok(index) = open(spliced.into()).await {
                let hits = index.rows_of_addresses(&Question(|_| true)).await;
                assert!(hits.is_err() || cut <= 12, "{cut}");
            }
        }
    });
}

fn rows_of_one(count: usize) -> Vec<Row> {
    (0..count).map(|at| Row { class: v4(at as u32), names: Vec::new() }).collect()
}

#[test]
fn what_is_no_index_says_what_it_is() {
    let (_, bytes) = sample();
    let because = |bytes: Vec<u8>| ready(answers(bytes.into())).unwrap_err();
    assert_eq!(
        because(b"PAR1 and whatever follows, as long as an index could be, so that it is not only short".to_vec()),
        Unusable::Foreign
    );
    assert_eq!(because(b"x".to_vec()), Unusable::Foreign);
    assert_eq!(because(Vec::new()), Unusable::Partial);
    let mut newer = bytes.to_vec();
    newer[8] = 9;
    assert_eq!(because(newer), Unusable::Version(9));
}

#[test]
fn an_index_of_another_state_is_stale() {
    let (_, bytes) = sample();
    for (change, stale) in [
        ((|key| key.path.push('x')) as fn(&mut Key), Stale::Path),
        (|key| key.size += 1, Stale::Size),
        (|key| key.version.clear(), Stale::Version),
        (|key| key.footer[31] ^= 1, Stale::Footer),
    ] {
        let mut there = key();
        change(&mut there);
        let opened = ready(Index::open(Arc::new(bytes.clone()), &there));
        assert_eq!(opened.unwrap_err(), Unusable::Stale(stale));
    }
}

#[test]
fn names_that_were_not_indexed_are_not_answered_for() {
    let url = Names { remote_url: true, additional_fields: false };
    let mut builder = Builder::new(key(), url, Vec::new()).unwrap();
    builder.row_group(1).unwrap();
    builder.name(0, "a.example").unwrap();
    let bytes: Bytes = builder.finish().unwrap().into();
    ready(async {
        let index = open(bytes).await.unwrap();
        assert_eq!(index.rows_of_names(ALL_NAMES, &|_| true).await, Err(Unusable::Stale(Stale::Names)));
        assert_eq!(index.rows_of_names(url, &|_| true).await.unwrap().rows(), 1);
    });
}

/// A store that reads little at once, and may break or lie.
#[derive(Debug)]
struct Store {
    bytes: Bytes,
    fault: Option<io::ErrorKind>,
    short: bool,
}

#[async_trait]
impl ReadRanges for Store {
    async fn size(&self) -> io::Result<u64> {
        self.fault.map_or(Ok(self.bytes.len() as u64), |kind| Err(kind.into()))
    }

    async fn read(&self, ranges: &[Range<u64>]) -> io::Result<Vec<Bytes>> {
        let mut read = self.bytes.read(ranges).await?;
        if self.short {
            read.iter_mut().for_each(|bytes| *bytes = bytes.slice(..bytes.len() / 2));
        }
        Ok(read)
    }

    fn first_bytes(&self) -> u64 {
        0
    }
}

#[test]
fn a_store_may_answer_in_pieces_but_not_wrongly() {
    let (_, bytes) = sample();
    let want = ready(answers(bytes.clone())).unwrap();
    let asked = |fault, short| {
        let store = Store { bytes: bytes.clone(), fault, short };
        ready(async {
            let index = Index::open(Arc::new(store), &key()).await?;
            index.rows_of_addresses(&Question(|address: Address| address.bits().is_multiple_of(2))).await
        })
    };
    assert_eq!(asked(None, false).map(|hits| places(&hits)).as_ref(), Ok(&want[0]));
    assert_eq!(asked(None, true), Err(Unusable::Partial));
    assert_eq!(asked(Some(io::ErrorKind::NotFound), false), Err(Unusable::Missing));
    assert!(matches!(asked(Some(io::ErrorKind::PermissionDenied), false), Err(Unusable::Unread(_))));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_harm(kind in 0u8..8, data in prop::collection::vec(any::<u8>(), 0..300)) {
        ready(fuzz(&[&[kind], data.as_slice()].concat()));
    }

    /// What was an index once is nearer to one than random bytes are.
    #[test]
    fn any_change_behind_the_checksums_is_read_without_harm(kind in 1u8..8, from in 0usize..4000, length in 1usize..400, at in 0usize..400, byte: u8) {
        let (_, bytes) = sample();
        let from = from.min(bytes.len() - 1);
        let mut data = bytes[from..(from + length).min(bytes.len())].to_vec();
        if let Some(place) = data.get_mut(at) {
            *place = byte;
        }
        ready(fuzz(&[&[kind], data.as_slice()].concat()));
    }
}
