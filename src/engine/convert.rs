//! `coldtrail convert`: any archive becomes rows of one fixed table, sorted and without copies.
//!
//! The same scan that a hunt makes reads every row of every file; nothing is filtered but what cannot be judged, a record
//! that is none or an event without a time, and that goes to the caller with its source and its reason. Where files lie
//! and which of them were converted before is the caller's business.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _, BooleanArray, RecordBatch, new_null_array};
use arrow::compute::{cast, filter_record_batch, is_not_null};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::catalog::TableProvider as _;
use datafusion::common::DataFusionError;
use datafusion::prelude::SessionContext;
use futures::StreamExt as _;

use super::error::EngineError;
use super::events::{EventTable, Rejected, Rejects, ScanTally};
use super::session;
use super::sorted::{
    DayRuns, DayWriter, Layout, MergeCounts, Run, SortError, SortOrder, SpreadConfig, Spreader, WriterConfig, Written,
    merge,
};
use crate::model::Period;
use crate::model::bad_input::OnBadInput;
use crate::sources::telemetry::{Dataset, columns, path_time};

/// What a reading needs.
#[derive(Debug, Clone)]
pub struct ConvertInputs {
    /// The files.
    pub dataset: Arc<Dataset>,
    /// The table that they become.
    pub layout: Arc<Layout>,
    /// What becomes of a file that turns out to be damaged.
    pub on_bad: OnBadInput,
    /// Threads.
    pub threads: usize,
    /// Bytes of events that wait to be sorted, over all threads.
    pub memory_bytes: u64,
    /// An existing folder for temporary files.
    pub scratch: PathBuf,
    /// Takes what is no event.
    pub rejects: Arc<dyn Rejects>,
}

/// What was read.
#[derive(Debug)]
pub struct Spread {
    /// Sorted runs by date.
    pub days: Vec<DayRuns>,
    /// Events without a readable time in Parquet files; those of text exports are in the tally's rejects.
    pub timeless: u64,
    /// The files that could not be read to the end, with the reason; none unless the inputs say to go on.
    pub faults: BTreeMap<String, String>,
}

/// A conversion's reading, begun.
pub struct Reading {
    inputs: ConvertInputs,
    table: Arc<EventTable>,
}

/// The table that an archive becomes: Defender's columns in their order, then what else its files hold by name. What
/// coldtrail derives is not in it, nor what a path says of a date; RemoteIP is the file's own text. `earlier` are columns
/// that an earlier conversion into the same place wrote.
#[must_use]
pub fn target(dataset: &Dataset, earlier: &Schema) -> SchemaRef {
    let mut fields: Vec<Field> =
        columns::DEFENDER.iter().filter_map(|(name, _)| dataset.schema.field_with_name(name).ok().cloned()).collect();
    let mut others: BTreeMap<String, DataType> = BTreeMap::new();
    let is_held = |name: &str| {
        dataset.files.iter().any(|file| file.shape.holds_column(name))
            || (!path_time::is_date_key(name) && dataset.files.iter().any(|file| file.shape.origins.contains_key(name)))
    };
    let new = dataset.schema.fields().iter().filter(|field| is_held(field.name()));
    for field in new.chain(earlier.fields()) {
        let name = field.name();
        if columns::DERIVED.contains(&name.as_str()) || columns::DEFENDER.iter().any(|(known, _)| known == name) {
            continue;
        }
        let agreed = others.entry(name.clone()).or_insert_with(|| field.data_type().clone());
        if agreed != field.data_type() {
            *agreed = DataType::Utf8;
        }
    }
    fields.extend(others.into_iter().map(|(name, data_type)| Field::new(name, data_type, true)));
    Arc::new(Schema::new(fields))
}

/// The order and the columns of a conversion.
///
/// # Errors
/// The columns lack what the order needs.
pub fn layout(schema: SchemaRef) -> Result<Arc<Layout>, SortError> {
    Layout::new(schema, SortOrder::default())
}

impl Reading {
    /// Prepares the scan.
    #[must_use]
    pub fn new(inputs: ConvertInputs) -> Self {
        let table = EventTable::new(Arc::clone(&inputs.dataset), Period::default(), inputs.on_bad);
        let table = Arc::new(table.with_rejects(Arc::clone(&inputs.rejects)));
        Self { inputs, table }
    }

    /// A view on its progress.
    #[must_use]
    pub fn progress(&self) -> session::Progress {
        session::Progress::of(&self.table)
    }

    /// What the scan counted.
    #[must_use]
    pub fn tally(&self) -> Arc<ScanTally> {
        self.table.tally()
    }

    /// Reads everything.
    ///
    /// # Errors
    /// A damaged file, unless the inputs say to go on; no room for temporary files.
    pub async fn run(&self) -> Result<Spread, EngineError> {
        let failed = |error: &DataFusionError| EngineError::of_execution("convert", error);
        let context =
            SessionContext::new_with_state(session::plain_state(self.inputs.threads).map_err(|error| failed(&error))?);
        let plan = self.table.scan(&context.state(), None, &[], None).await.map_err(|error| failed(&error))?;
        let partitions = plan.properties().output_partitioning().partition_count();
        let share = self.inputs.memory_bytes / partitions.max(1) as u64;
        let mut work = Vec::new();
        for partition in 0..partitions {
            let stream = plan.execute(partition, context.task_ctx()).map_err(|error| failed(&error))?;
            let config = SpreadConfig {
                scratch: self.inputs.scratch.clone(),
                memory_bytes: usize::try_from(share).unwrap_or(usize::MAX),
            };
            let spreader = Spreader::new(Arc::clone(&self.inputs.layout), config);
            let (layout, rejects) = (Arc::clone(&self.inputs.layout), Arc::clone(&self.inputs.rejects));
            work.push(tokio::spawn(spread(stream, spreader, layout, rejects)));
        }
        let mut days = Vec::new();
        let mut timeless = 0;
        for work in work {
            let done = work.await.map_err(|error| failed(&DataFusionError::Execution(error.to_string())))?;
            let (runs, lost) = done.map_err(|error| match error {
                ConvertError::Read(error) => failed(&error),
                ConvertError::Sort(error) => EngineError::from(error),
            })?;
            days.push(runs);
            timeless += lost;
        }
        let faults = self.table.tallies().iter().flat_map(|tally| tally.faults()).collect();
        Ok(Spread { days: DayRuns::union(days), timeless, faults })
    }
}

enum ConvertError {
    Read(DataFusionError),
    Sort(SortError),
}

impl From<DataFusionError> for ConvertError {
    fn from(error: DataFusionError) -> Self {
        Self::Read(error)
    }
}

impl From<SortError> for ConvertError {
    fn from(error: SortError) -> Self {
        Self::Sort(error)
    }
}

async fn spread(
    mut batches: datafusion::execution::SendableRecordBatchStream,
    mut spreader: Spreader,
    layout: Arc<Layout>,
    rejects: Arc<dyn Rejects>,
) -> Result<(Vec<DayRuns>, u64), ConvertError> {
    let mut timeless = 0;
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        let mut events = to_layout(&batch, layout.schema()).map_err(DataFusionError::from)?;
        let times = events.column_by_name(columns::TIMESTAMP).map(Arc::clone);
        if let Some(times) = times.filter(|times| times.null_count() > 0) {
            let kept = is_not_null(&times).map_err(DataFusionError::from)?;
            timeless += reject_timeless(&batch, &events, &kept, rejects.as_ref());
            events = filter_record_batch(&events, &kept).map_err(DataFusionError::from)?;
        }
        if events.num_rows() > 0 {
            spreader.push(events)?;
        }
    }
    Ok((spreader.finish(), timeless))
}

/// The columns of the target out of those of the table.
fn to_layout(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, arrow::error::ArrowError> {
    let columns = schema.fields().iter().map(|field| {
        let name = if field.name() == columns::REMOTE_IP { columns::REMOTE_IP_RAW } else { field.name() };
        match batch.column_by_name(name) {
            Some(column) if column.data_type() == field.data_type() => Ok(Arc::clone(column)),
            Some(column) => cast(column, field.data_type()),
            None => Ok(new_null_array(field.data_type(), batch.num_rows())),
        }
    });
    let columns = columns.collect::<Result<Vec<ArrayRef>, _>>()?;
    RecordBatch::try_new(Arc::clone(schema), columns)
}

/// Hands on the events that have no time, as JSON of what they hold.
fn reject_timeless(batch: &RecordBatch, events: &RecordBatch, kept: &BooleanArray, rejects: &dyn Rejects) -> u64 {
    let sources = batch.column_by_name(columns::SOURCE_FILE).and_then(|column| column.as_string_opt::<i32>());
    let mut count = 0;
    for row in (0..events.num_rows()).filter(|row| !kept.value(*row)) {
        let source = sources.filter(|sources| sources.is_valid(row)).map_or("", |sources| sources.value(row));
        let record = as_json(events, row);
        rejects.rejected(source, vec![Rejected { line: None, reason: "no readable time".to_owned(), record }]);
        count += 1;
    }
    count
}

fn as_json(events: &RecordBatch, row: usize) -> String {
    let options = FormatOptions::default();
    let mut object = serde_json::Map::new();
    for (field, column) in events.schema_ref().fields().iter().zip(events.columns()) {
        if column.is_valid(row)
            && let Ok(formatter) = ArrayFormatter::try_new(column.as_ref(), &options)
        {
            object.insert(field.name().clone(), serde_json::Value::String(formatter.value(row).to_string()));
        }
    }
    serde_json::Value::Object(object).to_string()
}

/// Writes one date's files from its runs and the files that an earlier conversion wrote of it.
///
/// # Errors
/// No room, or an earlier file that cannot be read.
pub fn write_day(
    layout: &Arc<Layout>,
    runs: Vec<Run>,
    earlier: Vec<PathBuf>,
    scratch: &Path,
    staging: &Path,
    threads: usize,
) -> Result<(Vec<Written>, MergeCounts), SortError> {
    let mut runs = runs;
    if !earlier.is_empty() {
        runs.push(Run::files(earlier));
    }
    let config = WriterConfig { threads, ..WriterConfig::default() };
    let mut writer = DayWriter::new(Arc::clone(layout), staging, config)?;
    let counts = merge(layout, runs, scratch, &mut |batch| writer.write(&batch))?;
    Ok((writer.finish()?, counts))
}
