//! Whatever the writer makes, the rows are those that the ordinary reader's texts give.

use arrow::datatypes::DataType;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::WriterVersion;
use proptest::prelude::*;

use super::super::fuzzing::check;
use super::super::{Chunk, Class, Reach, Scanner, dictionary, scan};
use super::archive::{Plan, agrees, chunk, class_of, plans, read, rows_in};
use super::cases;

proptest! {
    #![proptest_config(cases(1))]

    #[test]
    fn rows_are_those_of_the_ordinary_reader(plan in plans(), rarity in prop_oneof![3..5_u32, 5..100_u32, Just(u32::MAX)]) {
        let (file, meta) = plan.write();
        let mut scanner = Scanner::default();
        for group in 0..meta.num_row_groups() {
            let texts = read(&file, group).unwrap();
            let chunk = chunk(&file, &meta, group);
            let mut asked = 0;
            let found = scanner.scan(&chunk, &mut |text: &[u8]| { asked += 1; class_of(text, rarity) }).unwrap();
            check(&found, chunk.rows);
            prop_assert!(agrees(&found, &texts, rarity), "{found:?}");
            prop_assert_eq!(asked, found.texts);
            prop_assert_eq!(found.pages, found.dictionary_pages + found.plain_pages);
            let verdict = scanner.dictionary(&chunk, &mut |text: &[u8]| class_of(text, rarity)).unwrap();
            let by_header = if found.plain_pages == 0 { Reach::AllRows } else { Reach::SomeRows };
            prop_assert_eq!(verdict.reach, by_header);
            prop_assert!(!verdict.is_barren() || found.listed_rows + found.unreadable_rows == 0);
            // A chunk without an offset for its dictionary starts with the dictionary all the same.
            let meta = chunk.meta.clone().into_builder();
            let start = i64::try_from(chunk.meta.byte_range().0).unwrap();
            let meta = meta.set_dictionary_page_offset(None).set_data_page_offset(start).build().unwrap();
            let peeked = Chunk { meta: &meta, rows: chunk.rows, bytes: chunk.bytes.clone() };
            prop_assert_eq!(scan(&peeked, &mut |text: &[u8]| class_of(text, rarity)).unwrap(), found);
        }
    }
}

/// Five thousand distinct addresses, then a few of them again and again.
fn overflowing(codec: Compression) -> Plan {
    let text = |n: u32| Some(std::net::Ipv4Addr::from_bits(n.wrapping_mul(0x9e37_79b9)).to_string().into_bytes());
    Plan {
        texts: (0..5000).chain((0..5000).map(|n| n % 7)).map(text).collect(),
        column: DataType::Binary,
        is_required: false,
        codec,
        version: WriterVersion::PARQUET_1_0,
        has_dictionary: true,
        dictionary_bytes: 20_000,
        page_bytes: 4000,
        page_rows: 1000,
        group_rows: 10_000,
        batch_rows: 100,
        encoding: None,
    }
}

#[test]
fn a_dictionary_that_overflows_speaks_only_for_the_pages_before() {
    let plan = overflowing(Compression::SNAPPY);
    let (file, meta) = plan.write();
    let chunk = chunk(&file, &meta, 0);
    // The last distinct address lies in a plain page.
    let wanted = plan.texts[4999].clone().unwrap();
    let mut ask = |text: &[u8]| if text == wanted { Class::Listed } else { Class::Other };
    let found = scan(&chunk, &mut ask).unwrap();
    assert_eq!(rows_in(&found.listed), [4999]);
    assert!(found.dictionary_pages > 0 && found.plain_pages > 0, "{found:?}");
    // Pages that point into a dictionary without a listed address are passed over.
    assert_eq!(found.skipped_pages, found.dictionary_pages);
    let verdict = dictionary(&chunk, &mut ask).unwrap();
    assert_eq!((verdict.listed, verdict.reach, verdict.is_barren()), (0, Reach::SomeRows, false));
}

/// The texts of a few listed rows are kept, in dictionary pages and in others, and none of very many.
#[test]
fn more_listed_rows_than_are_kept_are_rows_without_texts() {
    let plan = overflowing(Compression::SNAPPY);
    let (file, meta) = plan.write();
    let chunk = chunk(&file, &meta, 0);
    let few = scan(&chunk, &mut |text: &[u8]| class_of(text, 10)).unwrap();
    let texts: Vec<_> = few.listed_texts.all().unwrap().map(<[u8]>::to_vec).map(Some).collect();
    let want: Vec<_> = rows_in(&few.listed).iter().map(|row| plan.texts[*row as usize].clone()).collect();
    assert!(texts.len() > 300 && texts == want, "{} texts", texts.len());
    let all = scan(&chunk, &mut |_: &[u8]| Class::Listed).unwrap();
    assert_eq!((all.listed_rows, all.listed_texts.all().is_none()), (10_000, true));
}

#[test]
fn the_dictionary_page_alone_is_enough_for_its_verdict() {
    let mut plan = overflowing(Compression::ZSTD(ZstdLevel::default()));
    for (limit, reach) in [(1 << 20, Reach::AllRows), (20_000, Reach::SomeRows)] {
        plan.dictionary_bytes = limit;
        let (file, meta) = plan.write();
        let mut chunk = chunk(&file, &meta, 0);
        let all = dictionary(&chunk, &mut |text: &[u8]| class_of(text, 50)).unwrap();
        let first = chunk.meta.data_page_offset() - chunk.meta.dictionary_page_offset().unwrap();
        chunk.bytes = chunk.bytes.slice(..usize::try_from(first).unwrap());
        let alone = dictionary(&chunk, &mut |text: &[u8]| class_of(text, 50)).unwrap();
        assert_eq!(alone, all);
        assert_eq!(alone.reach, reach);
        // Without the footer's statistics of encodings nothing is known.
        let meta = chunk.meta.clone().into_builder().clear_page_encoding_stats().build().unwrap();
        let chunk = Chunk { meta: &meta, rows: chunk.rows, bytes: chunk.bytes.clone() };
        assert_eq!(dictionary(&chunk, &mut |_: &[u8]| Class::Other).unwrap().reach, Reach::Unknown);
    }
}

#[test]
fn a_chunk_that_holds_nothing_of_interest_is_its_dictionary_alone() {
    let mut plan = overflowing(Compression::SNAPPY);
    plan.dictionary_bytes = 1 << 20;
    let (file, meta) = plan.write();
    let found = scan(&chunk(&file, &meta, 0), &mut |_: &[u8]| Class::Other).unwrap();
    assert_eq!((found.skipped_pages, found.values_decoded, found.texts), (found.pages, 0, 5000));
}

#[test]
fn texts_by_prefix_and_by_length_are_read() {
    for encoding in [Encoding::DELTA_BYTE_ARRAY, Encoding::DELTA_LENGTH_BYTE_ARRAY] {
        let mut plan = overflowing(Compression::UNCOMPRESSED);
        (plan.has_dictionary, plan.encoding) = (false, Some(encoding));
        let (file, meta) = plan.write();
        let found = scan(&chunk(&file, &meta, 0), &mut |text: &[u8]| class_of(text, 40)).unwrap();
        assert!(found.listed_rows > 50 && agrees(&found, &plan.texts, 40));
    }
}
