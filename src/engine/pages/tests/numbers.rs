//! Runs and packed groups against a reader that takes one bit at a time.

use proptest::prelude::*;

use super::super::Class;
use super::super::hybrid::{Run, Runs};
use super::super::levels::Hit;
use super::super::marks::Marks;
use super::super::unpack;

/// What a writer may put: a value repeated, or groups of eight.
#[derive(Debug, Clone)]
enum Piece {
    Same(u32, u32),
    Packed(Vec<[u32; 8]>),
}

fn pieces(width: u32) -> impl Strategy<Value = Vec<Piece>> {
    let most = if width == 32 { u32::MAX } else { (1 << width) - 1 };
    let piece = prop_oneof![
        (0..=most, 0..300_u32).prop_map(|(value, count)| Piece::Same(value, count)),
        proptest::collection::vec(proptest::array::uniform8(0..=most), 0..20).prop_map(Piece::Packed),
    ];
    proptest::collection::vec(piece, 1..8)
}

fn varint(mut number: u64, out: &mut Vec<u8>) {
    while number > 127 {
        out.push((number as u8) | 128);
        number >>= 7;
    }
    out.push(number as u8);
}

/// The bytes of the pieces and the values they mean.
fn write(pieces: &[Piece], width: u32) -> (Vec<u8>, Vec<u32>) {
    let (mut bytes, mut values) = (Vec::new(), Vec::new());
    for piece in pieces {
        match piece {
            Piece::Same(value, count) => {
                varint(u64::from(*count) << 1, &mut bytes);
                bytes.extend(&value.to_le_bytes()[..width.div_ceil(8) as usize]);
                values.extend(std::iter::repeat_n(*value, *count as usize));
            }
            Piece::Packed(groups) => {
                varint((groups.len() as u64) << 1 | 1, &mut bytes);
                let bits: Vec<bool> =
                    groups.iter().flatten().flat_map(|v| (0..width).map(move |bit| v >> bit & 1 == 1)).collect();
                bytes.extend(
                    bits.chunks(8).map(|byte| (0..).zip(byte).fold(0, |sum, (at, bit)| sum | u8::from(*bit) << at)),
                );
                values.extend(groups.iter().flatten());
            }
        }
    }
    (bytes, values)
}

/// The values of runs, one bit at a time.
fn read(bytes: &[u8], width: u32, count: u32) -> Option<Vec<u32>> {
    let mut runs = Runs::new(bytes, width, count).ok()?;
    let mut values = Vec::new();
    while let Some(run) = runs.next_run().ok()? {
        match run {
            Run::Same { value, count } => values.extend(std::iter::repeat_n(value, count as usize)),
            Run::Packed { bytes, count } => {
                let bit = |at: u32| u32::from(bytes[at as usize / 8] >> (at % 8) & 1);
                values.extend((0..count).map(|at| (0..width).map(|b| bit(at * width + b) << b).sum::<u32>()));
            }
        }
    }
    Some(values)
}

proptest! {
    #[test]
    fn runs_are_what_was_written(
        (width, pieces) in (0..=32_u32).prop_flat_map(|width| (Just(width), pieces(width))),
        part in any::<proptest::sample::Index>(),
    ) {
        let (bytes, values) = write(&pieces, width);
        let count = part.index(values.len() + 1);
        let got = read(&bytes, width, u32::try_from(count).unwrap()).unwrap();
        prop_assert_eq!(&got, &values[..count]);
        prop_assert!(read(&bytes, width, u32::try_from(values.len()).unwrap() + 1).is_none());
    }

    #[test]
    fn marked_numbers_are_found(
        (width, pieces) in (0..=32_u32).prop_flat_map(|width| (Just(width), pieces(width.min(9)))),
        classes in proptest::collection::vec(0..12_u8, 1..700),
    ) {
        // Numbers stay below 512, however wide they are written.
        let (bytes, values) = write(&pieces, width);
        let class = |number: u32| classes.get(number as usize).map(|class| match class {
            0 => Class::Listed,
            1 => Class::Unreadable,
            _ => Class::Other,
        });
        let mut marks = Marks::default();
        (0..).map_while(class).for_each(|class| marks.extend(&[b""], &[class]));
        let mut page = vec![width as u8];
        page.extend(bytes);
        let mut hits: Vec<Hit> = Vec::new();
        let done = unpack::find(&page, u32::try_from(values.len()).unwrap(), &marks, &mut hits);
        let wanted: Option<Vec<Class>> = values.iter().map(|value| class(*value)).collect();
        prop_assert_eq!(done.is_ok(), wanted.is_some());
        let Some(wanted) = wanted else { return Ok(()) };
        let mut got = vec![Class::Other; wanted.len()];
        for hit in hits {
            got[hit.at as usize..(hit.at + hit.count) as usize].fill(hit.class);
        }
        prop_assert_eq!(got, wanted);
    }
}

#[test]
fn what_is_missing_is_noticed() {
    // A packed group of width 4 needs four bytes, but its third number only two of them.
    assert_eq!(read(&[3, 0x21, 0x43], 4, 3), Some(vec![1, 2, 3]));
    assert_eq!(read(&[3, 0x21, 0x43], 4, 5), None);
    assert_eq!(read(&[], 4, 1), None);
    assert_eq!(read(&[8], 4, 1), None);
    assert!(Runs::new(&[], 33, 1).is_err());
}
