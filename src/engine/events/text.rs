//! Reads a text export: block after block, first the columns that decide, then whole events of the blocks that have any.
//!
//! Blocks are read in parallel and come out in the order of the file. What a block says of its records (rejects, rows of
//! other tables, times) is counted from the same reading that gave its events.

use std::sync::Arc;

use arrow::array::{
    Array as _, ArrayRef, AsArray as _, BooleanArray, BooleanBufferBuilder, RecordBatch, UInt32Array, new_null_array,
};
use arrow::compute::kernels::zip::zip;
use arrow::compute::{and, filter_record_batch, is_not_null, take};
use arrow::datatypes::{SchemaRef, TimestampMicrosecondType};
use datafusion::common::{DataFusionError, Result};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr_adapter::PhysicalExprAdapterFactory as _;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};

use super::adapter::EventExprAdapterFactory;
use super::names::RowNames;
use super::opener::{EventOpener, column, project, roots_of, same_address};
use super::probe::Sieve;
use super::rejects::Rejected;
use super::tally::ScanTally;
use crate::model::Micros;
use crate::sources::telemetry::{
    Block, DataFile, End, Origin, ReadBlock, Step, TextExport, Wanted, columns, read_block, time_type,
};

/// Blocks of one file that are read at a time.
const BLOCKS_IN_FLIGHT: usize = 4;

/// A scan of one text export.
struct TextScan {
    opener: EventOpener,
    file: Arc<DataFile>,
    exprs: Vec<Arc<dyn PhysicalExpr>>,
    output: SchemaRef,
    /// The columns that decide which events matter.
    deciding: Wanted,
    /// Those and the ones that the query asks for.
    whole: Wanted,
    /// The column of the event's time, and where a record without it may have one: tables are mixed in one file.
    time: Option<(String, Vec<&'static str>)>,
}

/// What became of a step.
enum Outcome {
    /// Wanted events of a block, and what a conversion must hand on.
    Events(Option<RecordBatch>, Vec<Rejected>),
    /// The file's end.
    Ended(End),
}

/// What a reading of a block found.
struct Judged {
    events: RecordBatch,
    selected: BooleanArray,
    times: ArrayRef,
    in_period: usize,
    unreadable_addresses: usize,
    timeless: usize,
}

/// The events of a text export.
pub(super) fn read(
    opener: EventOpener,
    file: &Arc<DataFile>,
    export: &Arc<TextExport>,
) -> Result<BoxStream<'static, Result<RecordBatch>>> {
    let scan = Arc::new(TextScan::new(opener, Arc::clone(file), export)?);
    let steps = export.steps(&file.object, Arc::clone(&scan.opener.spec.tally.bytes));
    let sink = Arc::clone(&scan);
    let batches = steps
        .map(move |step| {
            let scan = Arc::clone(&scan);
            async move {
                match step.map_err(|fault| DataFusionError::External(Box::new(fault)))? {
                    // A task of its own: reading a block is work, and the stream alone would do it on one thread.
                    Step::Block(block) => match tokio::spawn(async move { scan.block(&block) }).await {
                        Ok(read) => read,
                        Err(error) => Err(DataFusionError::Execution(format!("internal error: {error}"))),
                    },
                    Step::End(end) => {
                        scan.opener.spec.tally.text_ends(&scan.file.display, &end);
                        Ok(Outcome::Ended(end))
                    }
                }
            }
        })
        .buffered(BLOCKS_IN_FLIGHT)
        // In the order of the file again.
        .map(move |outcome| outcome.map(|outcome| sink.take(outcome)));
    Ok(batches.try_filter_map(|batch| futures::future::ready(Ok(batch))).boxed())
}

impl TextScan {
    fn new(opener: EventOpener, file: Arc<DataFile>, export: &TextExport) -> Result<Self> {
        let factory = EventExprAdapterFactory { file: Arc::clone(&file) };
        let adapter = factory.create(Arc::clone(&opener.table), Arc::clone(&file.shape.read_schema))?;
        let rewritten = opener.projection.iter().map(|p| adapter.rewrite(Arc::clone(&p.expr)));
        let exprs = rewritten.collect::<Result<Vec<_>>>()?;
        let output = Arc::new(opener.projection.project_schema(&opener.table)?);
        let root = |name: &str| match file.shape.origins.get(name) {
            Some(Origin::Column { index, .. }) => Some(*index),
            _ => None,
        };
        let mut deciding: Vec<usize> = root(columns::TIMESTAMP).into_iter().collect();
        if let Some(probe) = &opener.probe {
            deciding.extend(root(columns::REMOTE_IP));
            deciding.extend(RowNames::of(&file, probe).roots());
        }
        let whole = roots_of(&exprs).into_iter().chain(deciding.iter().copied()).collect();
        let time = root(columns::TIMESTAMP).map(|root| {
            let name = file.shape.read_schema.field(root).name().clone();
            let others: Vec<&str> = columns::TIME_NAMES.into_iter().filter(|other| *other != name).collect();
            (name, others)
        });
        let others: &[&str] = match &time {
            Some((_, others)) if export.is_open() => others,
            _ => &[],
        };
        let (deciding, whole) = (wanted(&file, deciding, others), wanted(&file, whole, others));
        Ok(Self { exprs, output, deciding, whole, time, opener, file })
    }

    /// Hands on what is no event.
    fn take(&self, outcome: Outcome) -> Option<RecordBatch> {
        let rejects = self.opener.spec.rejects.as_ref();
        match outcome {
            Outcome::Events(events, rejected) => {
                if let Some(rejects) = rejects.filter(|_| !rejected.is_empty()) {
                    rejects.rejected(&self.file.display, rejected);
                }
                events
            }
            Outcome::Ended(end) => {
                if let Some(rejects) = rejects {
                    rejects.ended(&self.file.display, end);
                }
                None
            }
        }
    }

    /// The wanted events of a block; none when it has none.
    fn block(&self, block: &Block) -> Result<Outcome> {
        if self.opener.probe.is_some() {
            let read = self.read(block, &self.deciding)?;
            let judged = self.judge(&read.batch)?;
            if judged.selected.true_count() == 0 {
                self.count(read, &judged);
                return Ok(Outcome::Events(None, Vec::new()));
            }
        }
        let read = self.read(block, &self.whole)?;
        let mut judged = self.judge(&read.batch)?;
        let mut rejected = Vec::new();
        if self.opener.spec.rejects.is_some() {
            rejected = self.reject(&read, &judged);
            judged.selected = and(&judged.selected, &is_not_null(&judged.times)?)?;
        }
        self.count(read, &judged);
        let events = match judged.selected.true_count() {
            0 => return Ok(Outcome::Events(None, rejected)),
            all if all == judged.events.num_rows() => judged.events,
            _ => filter_record_batch(&judged.events, &judged.selected)?,
        };
        self.opener.count_unreadable(&self.file, &events)?;
        Ok(Outcome::Events(Some(project(&self.exprs, &self.output, &events)?), rejected))
    }

    /// Reads a block; a record's time is the best of those that it has.
    fn read(&self, block: &Block, wanted: &Wanted) -> Result<ReadBlock> {
        let mut read = read_block(block, wanted);
        let Some((name, others)) = &self.time else { return Ok(read) };
        let Ok(at) = read.batch.schema_ref().index_of(name) else { return Ok(read) };
        for other in others {
            let time = read.batch.column(at);
            let Some(other) = read.batch.column_by_name(other) else { continue };
            if time.null_count() == 0 || other.null_count() == other.len() {
                continue;
            }
            let best = zip(&is_not_null(time)?, time, other)?;
            let mut columns = read.batch.columns().to_vec();
            if let Some(column) = columns.get_mut(at) {
                *column = best;
            }
            read.batch = RecordBatch::try_new(read.batch.schema(), columns)?;
        }
        Ok(read)
    }

    fn judge(&self, events: &RecordBatch) -> Result<Judged> {
        let rows = events.num_rows();
        let times = self.times(events)?;
        let period = self.opener.spec.period;
        let inside = (!period.is_open()).then(|| self.opener.is_inside(&times));
        let in_period = inside.as_ref().map_or(rows, |inside| inside.iter().filter(|i| **i == Some(true)).count());
        let mut mask = BooleanBufferBuilder::new(rows);
        let (mut unreadable_addresses, mut timeless) = (0, 0);
        match &self.opener.probe {
            Some(probe) => {
                let mut sieve = Sieve::new(probe, false);
                let addresses = match self.file.shape.origins.get(columns::REMOTE_IP) {
                    Some(Origin::Column { index, .. }) => Arc::clone(column(events, &self.file, *index)?),
                    _ => same_address(&self.file, rows)?,
                };
                let names = RowNames::of(&self.file, probe);
                let everyone = names.is_in_path();
                let named = names.judge(events, &self.file, probe)?;
                let is_named = |row: usize| everyone || named(row);
                sieve.sift(&addresses, &is_named, inside.as_deref(), &mut mask)?;
                (unreadable_addresses, timeless) = (sieve.unreadable, sieve.timeless);
            }
            None => match &inside {
                Some(inside) => inside.iter().for_each(|inside| mask.append(*inside == Some(true))),
                None => mask.append_n(rows, true),
            },
        }
        let selected = BooleanArray::new(mask.finish(), None);
        Ok(Judged { events: events.clone(), selected, times, in_period, unreadable_addresses, timeless })
    }

    fn times(&self, events: &RecordBatch) -> Result<ArrayRef> {
        let rows = events.num_rows();
        match self.file.shape.origins.get(columns::TIMESTAMP) {
            Some(Origin::Column { index, conversion }) => Ok(conversion.apply(column(events, &self.file, *index)?)?),
            Some(Origin::Path(time)) => Ok(take(time, &UInt32Array::from(vec![0; rows]), None)?),
            None => Ok(new_null_array(&time_type(), rows)),
        }
    }

    fn count(&self, read: ReadBlock, judged: &Judged) {
        let tally = &self.opener.spec.tally;
        ScanTally::add(&tally.in_period, judged.in_period);
        ScanTally::add(&tally.unreadable_addresses, judged.unreadable_addresses);
        ScanTally::add(&tally.unreadable_times, judged.timeless);
        self.count_not_times(judged);
        let times = judged.times.as_primitive::<TimestampMicrosecondType>();
        tally.text_times(times.iter().map(|time| time.map(Micros)));
        tally.text_read(&self.file.display, read.rejects, read.other_tables);
    }
}

impl TextScan {
    /// Records that are none, and events without a time, in the order of the file.
    fn reject(&self, read: &ReadBlock, judged: &Judged) -> Vec<Rejected> {
        let mut rejected: Vec<Rejected> = read.rejects.iter().cloned().map(Rejected::from).collect();
        if judged.times.null_count() > 0 {
            let timeless = (0..judged.times.len()).filter(|row| judged.times.is_null(*row));
            rejected.extend(timeless.map(|row| Rejected {
                line: read.lines.get(row).copied(),
                reason: self.why_timeless(&judged.events, row),
                record: as_json(&judged.events, row),
            }));
            rejected.sort_by_key(|record| record.line);
        }
        rejected
    }

    fn why_timeless(&self, events: &RecordBatch, row: usize) -> String {
        let text = match self.file.shape.origins.get(columns::TIMESTAMP) {
            Some(Origin::Column { index, .. }) => column(events, &self.file, *index).ok(),
            _ => None,
        };
        let text = text.map(|texts| texts.as_string::<i32>()).filter(|texts| texts.is_valid(row));
        match text.map(|texts| texts.value(row)) {
            None | Some("") => "no time".to_owned(),
            Some(number) if number.trim().parse::<f64>().is_ok() => {
                format!("the time {number} lies outside the years 1 to 9999 in the unit of the file's other times")
            }
            Some(text) => format!("the time {text:?} cannot be read"),
        }
    }

    /// Times that hold something that is none, such as an epoch number in another unit than the rest of the file.
    fn count_not_times(&self, judged: &Judged) {
        let Some(Origin::Column { index, .. }) = self.file.shape.origins.get(columns::TIMESTAMP) else { return };
        let Ok(texts) = column(&judged.events, &self.file, *index) else { return };
        let texts = texts.as_string::<i32>();
        let is_none = |row: &usize| judged.times.is_null(*row) && texts.is_valid(*row) && !texts.value(*row).is_empty();
        let mut rows = (0..texts.len()).filter(is_none);
        let Some(first) = rows.next() else { return };
        let count = 1 + rows.count() as u64;
        self.opener.spec.tally.text_not_times(&self.file.display, count, texts.value(first));
    }
}

/// What a row holds, in the words of its file.
fn as_json(events: &RecordBatch, row: usize) -> String {
    let mut object = serde_json::Map::new();
    for (field, column) in events.schema_ref().fields().iter().zip(events.columns()) {
        if let Some(texts) = column.as_string_opt::<i32>().filter(|texts| texts.is_valid(row)) {
            object.insert(field.name().clone(), texts.value(row).into());
        }
    }
    serde_json::Value::Object(object).to_string()
}

/// The file's columns of these numbers.
fn wanted(file: &DataFile, mut roots: Vec<usize>, others: &[&'static str]) -> Wanted {
    roots.sort_unstable();
    roots.dedup();
    let schema = &file.shape.read_schema;
    let mut names: Vec<&str> = roots.iter().map(|root| schema.field(*root).name().as_str()).collect();
    names.extend(others.iter().filter(|other| !names.contains(other)).copied().collect::<Vec<_>>());
    Wanted::new(&names)
}
