//! What the fuzz target calls: any bytes as a chunk, under any footer.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{BrotliLevel, Compression, Encoding, GzipLevel, LogicalType, Repetition, Type, ZstdLevel};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::schema::types::{ColumnDescriptor, ColumnPath, Type as SchemaType};

use super::{Chunk, Class, Picker, Placed, Scan, Scanner, SomePages, Span};

/// Bytes in front of the chunk that say what its footer claims.
const FOOTER_BYTES: usize = 8;

/// Reads a chunk under a footer, both from `data`, and checks that an answer does not contradict itself.
///
/// # Panics
/// When it does.
pub fn fuzz(data: &[u8]) {
    let Some((footer, bytes)) = data.split_first_chunk::<FOOTER_BYTES>() else { return };
    let Some(meta) = footer_of(footer, bytes.len()) else { return };
    let rows = u64::try_from(meta.num_values()).unwrap_or(0);
    let chunk = Chunk { meta: &meta, rows, bytes: Bytes::copy_from_slice(bytes) };
    pick(&chunk);
    let mut scanner = Scanner::default();
    let verdict = scanner.dictionary(&chunk, &mut classify);
    if let Ok(scan) = scanner.scan(&chunk, &mut classify) {
        check(&scan, rows);
        let barren = verdict.is_ok_and(|verdict| verdict.is_barren());
        assert!(!barren || scan.listed_rows + scan.unreadable_rows == 0, "a barren dictionary has rows of interest");
    }
}

/// Picks rows from the same bytes as a single page, which may be its own dictionary.
fn pick(chunk: &Chunk<'_>) {
    let Some(last) = u32::try_from(chunk.rows).ok().and_then(|rows| rows.checked_sub(1)) else { return };
    let (dictionary, placed) = (Some(chunk.bytes.clone()), Placed { first_row: 0, bytes: chunk.bytes.clone() });
    let some = SomePages { meta: chunk.meta, rows: chunk.rows, dictionary, pages: vec![placed] };
    let mut rows = vec![0, last / 3, last];
    rows.dedup();
    let mut told = 0;
    if Picker::default().pick(some, &rows, &mut |_| told += 1).is_ok() {
        assert_eq!(told, rows.len(), "a row has no text");
    }
}

/// Every class is met by some text of few bytes.
fn classify(text: &[u8]) -> Class {
    match text.first().map(|first| first % 4) {
        Some(1) => Class::Listed,
        Some(2) => Class::Unreadable,
        _ => Class::Other,
    }
}

/// Rows ascend, lie apart and inside the row group, and are as many as is said, and as there are texts.
pub(super) fn check(scan: &Scan, rows: u64) {
    for (spans, counted) in [(&scan.listed, scan.listed_rows), (&scan.unreadable, scan.unreadable_rows)] {
        let end = |span: &Span| u64::from(span.start) + u64::from(span.rows);
        assert!(spans.windows(2).all(|pair| matches!(pair, [a, b] if end(a) < u64::from(b.start))), "spans touch");
        assert!(spans.iter().all(|span| span.rows > 0 && end(span) <= rows), "spans leave the row group");
        assert_eq!(spans.iter().map(|span| u64::from(span.rows)).sum::<u64>(), counted);
    }
    let texts = scan.listed_texts.all().map(|texts| texts.len() as u64);
    assert!(texts.is_none_or(|texts| texts == scan.listed_rows), "not as many texts as listed rows");
}

fn footer_of(footer: &[u8; FOOTER_BYTES], length: usize) -> Option<ColumnChunkMetaData> {
    let [codec, flags, rows @ .., size_low, size_high] = *footer;
    let (column, logical) = match codec >> 6 {
        0 | 1 => (Type::BYTE_ARRAY, Some(LogicalType::String)),
        2 => (Type::INT32, None),
        _ => (Type::INT64, None),
    };
    let codec = match codec % 8 {
        0 => Compression::UNCOMPRESSED,
        1 => Compression::SNAPPY,
        2 => Compression::GZIP(GzipLevel::default()),
        3 => Compression::LZO,
        4 => Compression::BROTLI(BrotliLevel::default()),
        5 => Compression::LZ4,
        6 => Compression::ZSTD(ZstdLevel::default()),
        _ => Compression::LZ4_RAW,
    };
    let (repetition, levels) = if flags & 1 == 0 { (Repetition::REQUIRED, 0) } else { (Repetition::OPTIONAL, 1) };
    let field =
        SchemaType::primitive_type_builder("RemoteIP", column).with_repetition(repetition).with_logical_type(logical);
    let descr = ColumnDescriptor::new(Arc::new(field.build().ok()?), levels, 0, ColumnPath::from("RemoteIP"));
    let start = i64::from(flags >> 4) - 1;
    let encodings =
        if flags & 2 == 0 { vec![Encoding::PLAIN_DICTIONARY, Encoding::RLE] } else { vec![Encoding::PLAIN] };
    ColumnChunkMetaData::builder(Arc::new(descr))
        .set_encodings(encodings)
        .set_num_values(i64::from(u32::from_le_bytes(rows) >> (flags & 12)))
        .set_compression(codec)
        .set_total_compressed_size(i64::try_from(length).ok()?)
        .set_total_uncompressed_size(i64::from(u16::from_le_bytes([size_low, size_high])) << 4)
        .set_data_page_offset(start)
        .build()
        .ok()
}
