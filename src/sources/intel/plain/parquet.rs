//! The plain table as Parquet.

use super::super::columns::{ParquetFile, Texts};
use super::super::{Context, ParquetFormat, Sink};
use super::{NAMES, Record, has_indicator};
use crate::sources::SourceError;

/// The format.
pub(in crate::sources::intel) const FORMAT: ParquetFormat =
    ParquetFormat { name: "plain table (Parquet)", recognises, read };

fn recognises(file: &ParquetFile) -> bool {
    has_indicator(file.names())
}

fn read(file: ParquetFile, context: &Context<'_>, sink: &mut Sink<'_>) -> Result<(), SourceError> {
    let columns = NAMES.map(|(name, _)| name);
    for rows in file.batches(&columns)? {
        let rows = rows?;
        let texts: Vec<Texts> = columns.iter().map(|name| rows.texts(name)).collect::<Result<_, _>>()?;
        for row in 0..rows.len() {
            sink.record();
            let mut record = Record::default();
            for (rank, texts) in texts.iter().enumerate() {
                record.put(Some(rank), texts.get(row).unwrap_or_default());
            }
            let number = sink.tally.records;
            sink.take(record.content(context, || context.place("row", number)));
        }
    }
    Ok(())
}
