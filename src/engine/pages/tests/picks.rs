//! Whatever the writer makes, picked texts and numbers are those that the ordinary reader reads; damaged pages are never a panic.

use arrow::datatypes::DataType;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::WriterVersion;
use proptest::prelude::*;
use proptest::sample::Index;

use super::super::walk::Walk;
use super::super::{Beyond, Chunk, Picker, Placed, SomePages};
use super::archive::{Plan, Texts, chunk, plans, read};
use super::cases;

/// The chunk's pages by their headers, as a page index would place them.
fn apart<'a>(chunk: &Chunk<'a>) -> SomePages<'a> {
    let mut walk = Walk::new(&chunk.bytes, chunk.flat().unwrap());
    let mut some = SomePages { meta: chunk.meta, rows: chunk.rows, dictionary: None, pages: Vec::new() };
    let mut first_row = 0;
    while let Some(page) = walk.next_page().unwrap() {
        let bytes = chunk.bytes.slice(page.start..page.range().end);
        if page.is_dictionary() {
            some.dictionary = Some(bytes);
        } else {
            some.pages.push(Placed { first_row, bytes });
            first_row += page.header.values;
        }
    }
    some
}

/// Without the pages in which none of the rows lies.
fn only<'a>(some: &SomePages<'a>, rows: &[u32]) -> SomePages<'a> {
    let ends = some.pages.iter().skip(1).map(|next| next.first_row).chain([u32::MAX]);
    let holds = |(page, end): &(&Placed, u32)| rows.iter().any(|row| (page.first_row..*end).contains(row));
    let pages = some.pages.iter().zip(ends).filter(holds).map(|(page, _)| page.clone()).collect();
    SomePages { pages, ..some.clone() }
}

fn picked(picker: &mut Picker, some: &SomePages<'_>, rows: &[u32]) -> Result<Texts, Beyond> {
    let mut texts = Vec::new();
    picker.pick(some.clone(), rows, &mut |text| texts.push(text.map(<[u8]>::to_vec)))?;
    Ok(texts)
}

fn drawn(draws: &[Index], rows: usize) -> Vec<u32> {
    let mut rows: Vec<u32> = draws.iter().map(|draw| u32::try_from(draw.index(rows)).unwrap()).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// Rows of long texts in large pages, some much longer than others: the place of a row cannot be guessed.
fn long() -> impl Strategy<Value = Plan> {
    let codec = prop_oneof![
        Just(Compression::SNAPPY),
        Just(Compression::ZSTD(ZstdLevel::default())),
        Just(Compression::UNCOMPRESSED),
        Just(Compression::LZ4_RAW),
    ];
    let texts =
        prop::collection::vec((prop_oneof![20 => 0..300_usize, 1 => 0..40_000_usize], 0..8_u8, any::<u64>()), 1..600);
    (texts, any::<[bool; 3]>(), codec, 1..300_000_usize).prop_map(
        |(texts, [is_required, is_v2, has_dictionary], codec, page_bytes)| Plan {
            texts: texts
                .into_iter()
                .map(|(length, kind, seed)| {
                    let varied = (0..length as u64).map(|at| (seed.wrapping_mul(at | 1) >> 40) as u8 | 1);
                    (kind > 0).then(|| if kind == 1 { vec![b'a'; length] } else { varied.collect() })
                })
                .collect(),
            column: DataType::Binary,
            is_required,
            codec,
            version: if is_v2 { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 },
            has_dictionary,
            dictionary_bytes: 20_000,
            page_bytes,
            page_rows: 500,
            group_rows: 500,
            batch_rows: 10,
            encoding: (!has_dictionary).then_some(Encoding::PLAIN),
        },
    )
}

/// All of them, and the same as columns of numbers.
fn any_plans() -> impl Strategy<Value = Plan> {
    let column = prop_oneof![2 => Just(DataType::Binary), 1 => Just(DataType::Int32), 1 => Just(DataType::Int64)];
    (prop_oneof![plans(), long()], column).prop_map(|(plan, column)| {
        let encoding = match (&column, plan.encoding) {
            (
                DataType::Int32 | DataType::Int64,
                Some(Encoding::DELTA_LENGTH_BYTE_ARRAY | Encoding::DELTA_BYTE_ARRAY),
            ) => Some(Encoding::DELTA_BINARY_PACKED),
            (_, encoding) => encoding,
        };
        Plan { column, encoding, ..plan }
    })
}

proptest! {
    #![proptest_config(cases(2))]

    #[test]
    fn values_are_those_of_the_ordinary_reader(plan in any_plans(), draws in prop::collection::vec(any::<Index>(), 1..20)) {
        let (file, meta) = plan.write();
        let mut picker = Picker::default();
        for group in 0..meta.num_row_groups() {
            let texts = read(&file, group).unwrap();
            let rows = drawn(&draws, texts.len());
            let some = apart(&chunk(&file, &meta, group));
            for some in [only(&some, &rows), some] {
                match picked(&mut picker, &some, &rows) {
                    Ok(picked) => {
                        let want: Texts = rows.iter().map(|row| texts[*row as usize].clone()).collect();
                        prop_assert_eq!(picked, want);
                    }
                    Err(why) => prop_assert!(matches!(why, Beyond::Encoding(_)), "{why}"),
                }
            }
        }
    }

    #[test]
    fn damaged_pages_are_values_or_beyond(
        plan in any_plans(),
        draws in prop::collection::vec(any::<Index>(), 1..20),
        damage in prop::collection::vec((any::<Index>(), any::<Index>(), any::<u8>()), 1..4),
    ) {
        let (file, meta) = plan.write();
        let chunk = chunk(&file, &meta, 0);
        let mut some = apart(&chunk);
        for (page, at, byte) in damage {
            let page = &mut some.pages[page.index(apart(&chunk).pages.len())];
            let mut bytes = page.bytes.to_vec();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            page.bytes = bytes.into();
        }
        let rows = drawn(&draws, usize::try_from(chunk.rows).unwrap());
        if let Ok(texts) = picked(&mut Picker::default(), &some, &rows) {
            prop_assert_eq!(texts.len(), rows.len());
        }
    }
}

/// A row near the front of the values' order and near the end of their bytes.
#[test]
fn a_page_whose_front_was_too_short_is_read_whole() {
    for codec in [Compression::SNAPPY, Compression::ZSTD(ZstdLevel::default())] {
        read_whole(codec);
    }
}

fn read_whole(codec: Compression) {
    let long = |n: u32| format!("{n:0>500}").into_bytes();
    let plan = Plan {
        texts: (0..500).map(long).chain((0..9500).map(|_| b"short".to_vec())).map(Some).collect(),
        column: DataType::Binary,
        is_required: true,
        codec,
        version: WriterVersion::PARQUET_1_0,
        has_dictionary: false,
        dictionary_bytes: 1,
        page_bytes: 1 << 20,
        page_rows: 20_000,
        group_rows: 20_000,
        batch_rows: 1000,
        encoding: None,
    };
    let (file, meta) = plan.write();
    let some = apart(&chunk(&file, &meta, 0));
    assert_eq!(some.pages.len(), 1);
    for row in [0, 499, 500, 9999] {
        let texts = picked(&mut Picker::default(), &some, &[row]).unwrap();
        assert_eq!(texts, [plan.texts[row as usize].clone()], "{row}");
    }
    let behind = picked(&mut Picker::default(), &some, &[3, 10_000]);
    assert_eq!(behind, Err(Beyond::Damaged("rows behind the last page")));
    let mut moved = some.clone();
    moved.pages[0].first_row = 5;
    assert!(picked(&mut Picker::default(), &moved, &[3]).is_err());
}
