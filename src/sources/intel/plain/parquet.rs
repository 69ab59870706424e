//! The plain table as Parquet.

use super::super::columns::{ParquetFile, Texts};
use super::super::tally::Tally;
use super::super::{Context, FileYield, Holds, ParquetFormat};
use super::{NAMES, Record, has_indicator};
use crate::sources::SourceError;

/// The format.
pub(in crate::sources::intel) const FORMAT: ParquetFormat =
    ParquetFormat { name: "plain table (Parquet)", recognises, read };

fn recognises(file: &ParquetFile) -> bool {
    has_indicator(file.names())
}

fn read(file: ParquetFile, context: &Context<'_>) -> Result<FileYield, SourceError> {
    let columns = NAMES.map(|(name, _)| name);
    let mut tally = Tally::default();
    let mut indicators = Vec::new();
    for rows in file.batches(&columns)? {
        let rows = rows?;
        let texts: Vec<Texts> = columns.iter().map(|name| rows.texts(name)).collect::<Result<_, _>>()?;
        for row in 0..rows.len() {
            tally.records += 1;
            let mut record = Record::default();
            for (rank, texts) in texts.iter().enumerate() {
                record.put(Some(rank), texts.get(row).unwrap_or_default());
            }
            let number = tally.records;
            indicators.extend(record.settle(context, || context.place("row", number), &mut tally));
        }
    }
    Ok(FileYield { tally, holds: Holds::Plain(indicators) })
}
