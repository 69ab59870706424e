//! The plain table as Parquet.

use super::super::columns::{ParquetFile, Texts};
use super::super::{Context, ParquetFormat, Sink};
use super::{Record, has_indicator, known};
use crate::sources::SourceError;

/// The format.
pub(in crate::sources::intel) const FORMAT: ParquetFormat =
    ParquetFormat { name: "plain table (Parquet)", recognises, read };

fn recognises(file: &ParquetFile) -> bool {
    has_indicator(file.names())
}

fn read(file: ParquetFile, context: &Context<'_>, sink: &mut Sink<'_>) -> Result<(), SourceError> {
    let columns: Vec<(String, usize)> =
        file.names().into_iter().filter_map(|name| Some((name.to_owned(), known(name)?))).collect();
    let wanted: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    for rows in file.batches(&wanted)? {
        let rows = rows?;
        let texts = columns.iter().map(|(name, rank)| Ok((rows.texts(name)?, *rank)));
        let texts: Vec<(Texts, usize)> = texts.collect::<Result<_, SourceError>>()?;
        for row in 0..rows.len() {
            sink.record();
            let mut record = Record::default();
            for (texts, rank) in &texts {
                record.put(Some(*rank), texts.get(row).unwrap_or_default());
            }
            let number = sink.tally.records;
            sink.take(record.content(context, || context.place("row", number)));
        }
    }
    Ok(())
}
