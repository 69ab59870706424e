//! The plain table as Parquet.

use super::super::columns::{Dates, ParquetFile, Texts};
use super::super::{Context, ParquetFormat, Sink};
use super::{Record, field_of, has_indicator, is_date, known};
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
        let mut texts: Vec<(Texts, usize)> = Vec::new();
        let mut dates: Vec<(Dates, usize)> = Vec::new();
        for (name, rank) in &columns {
            if field_of(*rank).is_some_and(is_date) {
                dates.push((rows.dates(name)?, *rank));
            } else {
                texts.push((rows.texts(name)?, *rank));
            }
        }
        for row in 0..rows.len() {
            sink.record();
            let mut record = Record::default();
            for (texts, rank) in &texts {
                record.put(Some(*rank), texts.get(row).unwrap_or_default());
            }
            for (dates, rank) in &dates {
                record.put_date(*rank, dates.get(row));
            }
            let number = sink.tally.records;
            sink.take(record.content(context, || context.place("row", number)));
        }
    }
    Ok(())
}
