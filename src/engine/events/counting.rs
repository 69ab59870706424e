//! What a scan counts of the rows that it reads whole: values that cannot be read, and matches that only a time rules out.

use std::sync::Arc;

use arrow::array::{Array as _, AsArray as _, BooleanArray, BooleanBufferBuilder, RecordBatch};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{DataType, TimestampMicrosecondType};
use datafusion::common::Result;

use super::names::RowNames;
use super::opener::{EventOpener, column, same_address};
use super::probe::{Probe, Sieve};
use super::tally::ScanTally;
use crate::model::{Address, Micros};
use crate::sources::telemetry::{Conversion, DataFile, Origin, columns};

impl EventOpener {
    /// Counts events on listed addresses that only their time keeps from matching.
    fn count_left_out(&self, file: &DataFile, batch: &RecordBatch) -> Result<()> {
        let (Some(probe), Some(Origin::Column { index, .. }), Some(Origin::Column { index: time, .. })) =
            (&self.probe, file.shape.origins.get(columns::REMOTE_IP), file.shape.origins.get(columns::TIMESTAMP))
        else {
            return Ok(());
        };
        let (Ok(addresses), Ok(_)) = (column(batch, file, *index), column(batch, file, *time)) else { return Ok(()) };
        let addresses = cast(addresses, &DataType::Utf8)?;
        let times = self.times(file, batch)?;
        let times = times.as_primitive::<TimestampMicrosecondType>();
        let is_left_out = |(text, time): (Option<&str>, Option<i64>)| {
            let (Some(address), Some(time)) = (text.and_then(Address::parse), time) else { return false };
            probe.is_left_out(address, Micros(time))
        };
        let rows = addresses.as_string::<i32>().iter().zip(times).filter(|row| is_left_out(*row)).count();
        ScanTally::add(&self.spec.tally.left_out_by_time, rows);
        Ok(())
    }

    /// Counts events on listed addresses that cannot be judged, having no time, and judged ones whose port cannot be read.
    pub(super) fn count_unreadable(&self, file: &DataFile, batch: &RecordBatch) -> Result<()> {
        let Some(probe) = self.question() else { return Ok(()) };
        let listed;
        let batch = if self.spec.has_index && probe.wants_names() {
            listed = listed_rows(file, batch, probe)?;
            &listed
        } else {
            batch
        };
        let rows = batch.num_rows();
        let judged: Vec<bool> = match file.shape.origins.get(columns::TIMESTAMP) {
            Some(Origin::Column { index, .. }) if column(batch, file, *index).is_ok() => {
                let times = self.times(file, batch)?;
                (0..rows).map(|row| times.is_valid(row)).collect()
            }
            Some(Origin::Path(time)) => vec![time.is_valid(0); rows],
            Some(_) => vec![true; rows],
            None => vec![false; rows],
        };
        self.count_left_out(file, batch)?;
        let bad: Vec<Vec<bool>> =
            ["RemotePort", "LocalPort"].iter().map(|name| unreadable(file, batch, name)).collect::<Result<_>>()?;
        let bad = |row: usize| bad.iter().any(|column| column.get(row) == Some(&true));
        let tally = &self.spec.tally;
        ScanTally::add(&tally.unreadable_times, judged.iter().filter(|judged| !**judged).count());
        ScanTally::add(
            &tally.unreadable_ports,
            (0..rows).filter(|row| judged.get(*row) == Some(&true) && bad(*row)).count(),
        );
        Ok(())
    }
}

/// The rows for which the probe says yes, of a batch that may have others.
fn listed_rows(file: &DataFile, batch: &RecordBatch, probe: &Probe) -> Result<RecordBatch> {
    let addresses = match file.shape.origins.get(columns::REMOTE_IP) {
        Some(Origin::Column { index, .. }) => match column(batch, file, *index) {
            Ok(addresses) => Arc::clone(addresses),
            Err(_) => return Ok(batch.clone()),
        },
        _ => same_address(file, batch.num_rows())?,
    };
    let names = RowNames::of(file, probe);
    let Ok(named) = names.judge(batch, file, probe) else { return Ok(batch.clone()) };
    let mut mask = BooleanBufferBuilder::new(batch.num_rows());
    Sieve::new(probe, false).sift(&addresses, &named, None, &mut mask)?;
    Ok(filter_record_batch(batch, &BooleanArray::new(mask.finish(), None))?)
}

/// Which rows hold something in a column that cannot be read; blank text is nothing.
fn unreadable(file: &DataFile, batch: &RecordBatch, name: &str) -> Result<Vec<bool>> {
    let Some(Origin::Column { index, conversion }) = file.shape.origins.get(name) else { return Ok(Vec::new()) };
    let Ok(raw) = column(batch, file, *index) else { return Ok(Vec::new()) };
    let (read, texts) = (conversion.apply(raw)?, Conversion::Text.apply(raw)?);
    let texts = texts.as_string_opt::<i32>();
    let blank = |row: usize| texts.is_some_and(|t| t.is_valid(row) && t.value(row).trim().is_empty());
    Ok((0..batch.num_rows()).map(|row| read.is_null(row) && raw.is_valid(row) && !blank(row)).collect())
}
