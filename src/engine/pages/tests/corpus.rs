//! The inputs from which the fuzzer starts, as a plain test: every one is answered, and none has lost what it is there for.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{BrotliLevel, Compression, Encoding, GzipLevel, Repetition, Type, ZstdLevel};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::schema::types::{ColumnDescriptor, ColumnPath, Type as SchemaType};

use super::super::{Beyond, Chunk, Scan, fuzz, scan};
use super::archive::class_of;

/// As many as there were.
const INPUTS: usize = 24;

/// Names and bytes, in the order of the names.
fn inputs() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/pages");
    let mut inputs: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
        .collect();
    inputs.sort();
    inputs
}

/// The footer that the first bytes of an input stand for, where they are as the inputs with names have them.
fn footer(front: [u8; 8], length: usize) -> ColumnChunkMetaData {
    let [codec, flags, rows @ .., size_low, size_high] = front;
    let codec = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::LZO,
        Compression::BROTLI(BrotliLevel::default()),
        Compression::LZ4,
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4_RAW,
    ][usize::from(codec)];
    let repetition = if flags & 1 == 0 { Repetition::REQUIRED } else { Repetition::OPTIONAL };
    let field = SchemaType::primitive_type_builder("RemoteIP", Type::BYTE_ARRAY).with_repetition(repetition);
    let path = ColumnPath::from("RemoteIP");
    let column = ColumnDescriptor::new(Arc::new(field.build().unwrap()), i16::from(flags & 1), 0, path);
    ColumnChunkMetaData::builder(Arc::new(column))
        .set_encodings(vec![Encoding::RLE])
        .set_num_values(u32::from_le_bytes(rows).into())
        .set_compression(codec)
        .set_total_compressed_size(length as i64)
        .set_total_uncompressed_size(i64::from(u16::from_le_bytes([size_low, size_high])) << 4)
        .set_data_page_offset(i64::from(flags >> 4) - 1)
        .build()
        .unwrap()
}

fn scanned(input: &[u8]) -> Result<(Scan, u64), Beyond> {
    let (front, bytes) = input.split_first_chunk().unwrap();
    let meta = footer(*front, bytes.len());
    let rows = meta.num_values().cast_unsigned();
    let chunk = Chunk { meta: &meta, rows, bytes: Bytes::copy_from_slice(bytes) };
    // Rare enough that some rows are passed over, frequent enough that some are found.
    scan(&chunk, &mut |text: &[u8]| class_of(text, 4)).map(|found| (found, rows))
}

#[test]
fn every_input_is_answered() {
    let inputs = inputs();
    assert!(inputs.len() >= INPUTS, "{}", inputs.len());
    inputs.iter().for_each(|(_, input)| fuzz(input));
}

#[test]
fn inputs_are_what_their_names_say() {
    let mut found_rows = 0;
    for (name, input) in inputs() {
        // What a fuzzer added has no such name.
        let kind = name.split('-').next().unwrap_or_default();
        if !["barren", "damaged", "delta", "dictionary", "overflow", "plain"].contains(&kind) {
            continue;
        }
        let scanned = scanned(&input);
        if kind == "damaged" {
            assert!(scanned.is_err(), "{name}: {scanned:?}");
            continue;
        }
        let (found, rows) = scanned.unwrap_or_else(|beyond| panic!("{name}: {beyond}"));
        assert!(rows >= 30, "{name}: {rows} rows");
        let pages = (found.dictionary_pages > 0, found.plain_pages > 0);
        assert_eq!(pages, (!["delta", "plain"].contains(&kind), !["barren", "dictionary"].contains(&kind)), "{name}");
        found_rows += found.listed_rows + found.unreadable_rows;
    }
    assert!(found_rows > 300, "{found_rows}");
}
