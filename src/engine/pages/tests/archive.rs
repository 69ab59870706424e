//! Files to read, and what the ordinary reader says of them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BinaryArray, Int32Array, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Int32Type, Int64Type, Schema};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{BrotliLevel, Compression, Encoding, GzipLevel, ZstdLevel};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;
use proptest::prelude::*;

use super::super::{Chunk, Class, Scan, Span};

pub(super) type Texts = Vec<Option<Vec<u8>>>;

/// How a file is written.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) texts: Texts,
    /// Binary, or numbers that are made of the texts.
    pub(super) column: DataType,
    pub(super) is_required: bool,
    pub(super) codec: Compression,
    pub(super) version: WriterVersion,
    pub(super) has_dictionary: bool,
    pub(super) dictionary_bytes: usize,
    pub(super) page_bytes: usize,
    pub(super) page_rows: usize,
    pub(super) group_rows: usize,
    pub(super) batch_rows: usize,
    pub(super) encoding: Option<Encoding>,
}

impl Plan {
    /// The file's bytes and footer.
    pub(super) fn write(&self) -> (Bytes, ParquetMetaData) {
        let field = Field::new("RemoteIP", self.column.clone(), !self.is_required);
        let schema = Arc::new(Schema::new(vec![field]));
        let column = ColumnPath::from("RemoteIP");
        let mut properties = WriterProperties::builder()
            .set_compression(self.codec)
            .set_writer_version(self.version)
            .set_dictionary_enabled(self.has_dictionary)
            .set_dictionary_page_size_limit(self.dictionary_bytes)
            .set_data_page_size_limit(self.page_bytes)
            .set_data_page_row_count_limit(self.page_rows)
            .set_max_row_group_row_count(Some(self.group_rows))
            .set_write_batch_size(self.batch_rows);
        if let Some(encoding) = self.encoding {
            properties = properties.set_column_encoding(column, encoding);
        }
        let texts = self.texts.iter().map(|t| t.as_deref().or(self.is_required.then_some(&[][..])));
        let column: ArrayRef = match self.column {
            DataType::Int32 => {
                Arc::new(texts.map(|text| text.map(|text| number_of(text) as i32)).collect::<Int32Array>())
            }
            DataType::Int64 => Arc::new(texts.map(|text| text.map(number_of)).collect::<Int64Array>()),
            _ => Arc::new(texts.collect::<BinaryArray>()),
        };
        let batch = RecordBatch::try_new(Arc::clone(&schema), vec![column]).unwrap();
        let mut file = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut file, schema, Some(properties.build())).unwrap();
        // A batch of many row groups is written by recursion, which a test's stack does not stand.
        for start in (0..batch.num_rows()).step_by(self.group_rows) {
            writer.write(&batch.slice(start, self.group_rows.min(batch.num_rows() - start))).unwrap();
        }
        writer.close().unwrap();
        let file = Bytes::from(file);
        let meta = ParquetMetaDataReader::new().parse_and_finish(&file).unwrap();
        (file, meta)
    }
}

/// The number that stands for a text where a column holds numbers: a small one for a short text.
fn number_of(text: &[u8]) -> i64 {
    text.iter().fold(0, |number: i64, byte| number.wrapping_mul(251) ^ i64::from(*byte))
}

/// What the ordinary reader reads from one row group, or `None` if it gives up. A number is its bytes, the lowest first.
pub(super) fn read(file: &Bytes, group: usize) -> Option<Texts> {
    let read = || {
        let reader = ParquetRecordBatchReaderBuilder::try_new(file.clone()).ok()?;
        let reader = reader.with_row_groups(vec![group]).with_batch_size(100).build().ok()?;
        let mut texts = Vec::new();
        for batch in reader {
            let batch = batch.ok()?;
            match batch.column(0).data_type() {
                DataType::Int32 => {
                    let numbers = batch.column(0).as_primitive::<Int32Type>();
                    texts.extend(numbers.iter().map(|number| number.map(|number| number.to_le_bytes().to_vec())));
                }
                DataType::Int64 => {
                    let numbers = batch.column(0).as_primitive::<Int64Type>();
                    texts.extend(numbers.iter().map(|number| number.map(|number| number.to_le_bytes().to_vec())));
                }
                _ => texts.extend(batch.column(0).as_binary_opt::<i32>()?.iter().map(|text| text.map(<[u8]>::to_vec))),
            }
        }
        Some(texts)
    };
    catch_unwind(AssertUnwindSafe(read)).ok().flatten()
}

/// One row group's chunk.
pub(super) fn chunk<'a>(file: &Bytes, meta: &'a ParquetMetaData, group: usize) -> Chunk<'a> {
    let group = meta.row_group(group);
    let (start, length) = group.column(0).byte_range();
    let range = usize::try_from(start).unwrap()..usize::try_from(start + length).unwrap();
    Chunk { meta: group.column(0), rows: group.num_rows().cast_unsigned(), bytes: file.slice(range) }
}

/// A class that depends on the text alone, and is rarer the larger `rarity` is.
pub(super) fn class_of(text: &[u8], rarity: u32) -> Class {
    let mixed = text.iter().fold(7_u32, |mixed, byte| (mixed ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    match (mixed >> 4) % rarity {
        1 => Class::Listed,
        2 => Class::Unreadable,
        _ => Class::Other,
    }
}

/// The rows of a class, by looking at each text.
pub(super) fn rows_of(texts: &Texts, rarity: u32, class: Class) -> Vec<u32> {
    let is = |text: &Option<Vec<u8>>| text.as_ref().is_some_and(|text| class_of(text, rarity) == class);
    (0..).zip(texts).filter(|(_, text)| is(text)).map(|(row, _)| row).collect()
}

/// The rows that spans cover.
pub(super) fn rows_in(spans: &[Span]) -> Vec<u32> {
    spans.iter().flat_map(|span| span.start..span.start + span.rows).collect()
}

/// Whether a scan found the rows that the texts have.
pub(super) fn agrees(scan: &Scan, texts: &Texts, rarity: u32) -> bool {
    let listed = rows_of(texts, rarity, Class::Listed);
    let theirs = listed.iter().map(|row| texts.get(*row as usize).and_then(Option::as_deref));
    scan.listed_texts.all().is_some_and(|texts| texts.map(Some).eq(theirs))
        && rows_in(&scan.listed) == listed
        && rows_in(&scan.unreadable) == rows_of(texts, rarity, Class::Unreadable)
}

/// Addresses and what stands in their place, few or many distinct ones, alone and in runs, with nulls.
fn texts() -> impl Strategy<Value = Texts> {
    let text = prop_oneof![
        4 => any::<u32>().prop_map(|bits| std::net::Ipv4Addr::from_bits(bits).to_string()),
        2 => any::<u128>().prop_map(|bits| std::net::Ipv6Addr::from_bits(bits).to_string()),
        1 => Just(String::new()),
        1 => "\\PC{0,40}",
    ];
    let pool = proptest::collection::vec(text, 1..400);
    let draws = proptest::collection::vec((any::<proptest::sample::Index>(), 0..20_u8, 1..30_usize), 1..700);
    (pool, draws).prop_map(|(pool, draws)| {
        let draw = |(index, kind, run): (proptest::sample::Index, u8, usize)| {
            let text = (kind > 2).then(|| index.get(&pool).clone().into_bytes());
            std::iter::repeat_n(text, if kind % 5 == 0 { run } else { 1 })
        };
        draws.into_iter().flat_map(draw).collect()
    })
}

/// Files of every kind that the writer makes.
pub(super) fn plans() -> impl Strategy<Value = Plan> {
    let codec = prop_oneof![
        Just(Compression::UNCOMPRESSED),
        Just(Compression::SNAPPY),
        Just(Compression::GZIP(GzipLevel::default())),
        Just(Compression::BROTLI(BrotliLevel::default())),
        Just(Compression::LZ4),
        Just(Compression::LZ4_RAW),
        Just(Compression::ZSTD(ZstdLevel::default())),
    ];
    let encoding = prop_oneof![
        Just(None),
        Just(Some(Encoding::PLAIN)),
        Just(Some(Encoding::DELTA_LENGTH_BYTE_ARRAY)),
        Just(Some(Encoding::DELTA_BYTE_ARRAY)),
    ];
    let sizes = (1..4000_usize, 1..4000_usize, 1..500_usize, 1..1000_usize, 1..100_usize);
    let flags = (any::<bool>(), any::<bool>(), 0..5_u8);
    (texts(), codec, encoding, sizes, flags).prop_map(
        |(texts, codec, encoding, sizes, (is_required, is_v2, dictionary))| Plan {
            texts,
            column: DataType::Binary,
            is_required,
            codec,
            version: if is_v2 { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 },
            has_dictionary: dictionary > 0,
            dictionary_bytes: sizes.0 * usize::from(dictionary) * usize::from(dictionary),
            page_bytes: sizes.1,
            page_rows: sizes.2,
            group_rows: sizes.3,
            batch_rows: sizes.4,
            encoding,
        },
    )
}
