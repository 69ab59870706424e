//! What is left to the ordinary reader, by name.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, ListBuilder, RecordBatch, StringArray, StringBuilder, StructArray};
use arrow::datatypes::{DataType, Field};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Type};
use parquet::file::metadata::ParquetMetaDataReader;

use super::super::{Beyond, Chunk, Class, Scan, scan};

fn scanned(column: ArrayRef, change: impl FnOnce(&mut Vec<u8>, usize)) -> Result<Scan, Beyond> {
    let batch = RecordBatch::try_from_iter_with_nullable([("RemoteIP", column, true)]).unwrap();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let meta = ParquetMetaDataReader::new().parse_and_finish(&Bytes::from(file.clone())).unwrap();
    let column = meta.row_group(0).column(0);
    let (start, length) = column.byte_range();
    change(&mut file, usize::try_from(start).unwrap());
    let bytes = Bytes::from(file).slice(usize::try_from(start).unwrap()..usize::try_from(start + length).unwrap());
    scan(&Chunk { meta: column, rows: 3, bytes }, &mut |_: &[u8]| Class::Other)
}

fn texts() -> ArrayRef {
    Arc::new(StringArray::from(vec![Some("192.0.2.1"), None, Some("192.0.2.2")]))
}

#[test]
fn columns_of_other_shapes() {
    assert!(scanned(texts(), |_, _| {}).is_ok());
    let numbers = scanned(Arc::new(Int64Array::from(vec![1, 2, 3])), |_, _| {});
    assert_eq!(numbers.unwrap_err(), Beyond::Type(Type::INT64));
    let mut list = ListBuilder::new(StringBuilder::new());
    (0..3).for_each(|_| list.append_value([Some("192.0.2.1")]));
    assert_eq!(scanned(Arc::new(list.finish()), |_, _| {}).unwrap_err(), Beyond::Nested);
    let field = Arc::new(Field::new("inner", DataType::Utf8, true));
    let nested = StructArray::from(vec![(field, texts())]);
    assert_eq!(scanned(Arc::new(nested), |_, _| {}).unwrap_err(), Beyond::Nested);
}

#[test]
fn pages_that_look_encrypted() {
    let encrypted = scanned(texts(), |file, start| file[start..start + 4].copy_from_slice(&[40, 0, 0, 0]));
    assert_eq!(encrypted.unwrap_err(), Beyond::Encrypted);
}

#[test]
fn footers_that_cannot_be() {
    let batch = RecordBatch::try_from_iter([("RemoteIP", texts())]).unwrap();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    let meta = writer.close().unwrap();
    let column = meta.row_group(0).column(0);
    let (start, length) = column.byte_range();
    let bytes = Bytes::from(file).slice(usize::try_from(start).unwrap()..usize::try_from(start + length).unwrap());
    let scanned = |meta: &_, rows| scan(&Chunk { meta, rows, bytes: bytes.clone() }, &mut |_: &[u8]| Class::Other);
    assert!(scanned(column, 3).is_ok());
    assert!(matches!(scanned(column, 4), Err(Beyond::Damaged(_))));
    assert!(matches!(scanned(column, 1 << 40), Err(Beyond::Size { .. })));
    let builder = || column.clone().into_builder();
    for changed in [
        builder().set_num_values(2),
        builder().set_dictionary_page_offset(Some(-4)),
        builder().set_total_compressed_size(-1),
        builder().set_total_uncompressed_size(3),
    ] {
        assert!(matches!(scanned(&changed.build().unwrap(), 3), Err(Beyond::Damaged(_))));
    }
    let unknown = builder().set_compression(Compression::LZO).build().unwrap();
    assert_eq!(scanned(&unknown, 3).unwrap_err(), Beyond::Codec(Compression::LZO));
}
