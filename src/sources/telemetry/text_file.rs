//! One text export of the archive: what its head says, and its records as blocks.
//!
//! A text export says nothing of its rows before they are read, so it has no row groups: only its path can keep it from
//! being read. Its columns are those that its first records have; JSON is read by name, so that a column which comes
//! later is found too.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::AsArray as _;
use arrow::datatypes::{DataType, Field, Schema};
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use thiserror::Error;

use super::columns;
use super::convert::{DateOrder, TextTimes, TimeForm};
use super::dataset::{Content, Description};
use super::footer::Fault;
use super::object::{Object, ObjectError};
use super::records::portal_time::{self, Order};
use super::records::{
    self, Block, Header, Kinds, Layout, Packing, Place, Recognised, Reject, Splitter, Subject, UnpackError, Unpacker,
    Wanted,
};
use super::shape::{self, FileColumns, Spelling};
use super::shapes::Pool;
use crate::model::time::EpochUnit;

/// Remote files up to this length are kept when they are first looked at.
const KEPT_BYTES: usize = 4 << 10;

/// What can be sampled at most, unpacked.
const SAMPLE_BYTES: usize = 1 << 20;

/// A text export.
#[derive(Debug, Clone)]
pub struct TextExport {
    packing: Packing,
    layout: Layout,
    times: TextTimes,
    /// Where reading begins: behind what an earlier conversion read.
    start: Place,
    /// A small remote file, whole: its head was all of it, and asking again is a round trip.
    whole: Option<Bytes>,
}

/// A piece of an export on its way.
#[derive(Debug)]
pub enum Step {
    /// Whole records.
    Block(Block),
    /// The end of the file.
    End(End),
}

/// How a file ended.
#[derive(Debug, Clone)]
pub struct End {
    /// A last record without an end.
    pub partial: Option<Reject>,
    /// Where a later run can go on when the file has grown: unpacked bytes, and the line.
    pub place: Place,
}

/// Why an export cannot be read to its end.
#[derive(Debug, Error)]
pub enum TextFault {
    /// The store.
    #[error(transparent)]
    Store(#[from] ObjectError),
    /// Its packing.
    #[error(transparent)]
    Unpack(#[from] UnpackError),
}

impl TextExport {
    /// How its times are written.
    #[must_use]
    pub const fn times(&self) -> TextTimes {
        self.times
    }

    /// Whether later records may have columns that the first ones lack.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !matches!(self.layout, Layout::Csv(_))
    }

    /// Whether it may grow at its end, so that a later run can go on where this one stopped.
    #[must_use]
    pub fn may_grow(&self) -> bool {
        self.packing == Packing::Plain && !matches!(self.layout, Layout::JsonDocument)
    }

    /// The same with a header that other files have too.
    pub(super) fn sharing(mut self, headers: &mut Pool<Header>) -> Self {
        if let Layout::Csv(header) = &mut self.layout {
            *header = headers.keep(Arc::clone(header)).value;
        }
        self
    }

    /// The header of a CSV file.
    #[cfg(test)]
    pub(super) fn header(&self) -> Option<&Arc<Header>> {
        if let Layout::Csv(header) = &self.layout { Some(header) } else { None }
    }

    /// What it is, in words.
    #[must_use]
    pub fn kind(&self) -> String {
        let layout = match &self.layout {
            Layout::JsonLines => "JSON lines",
            Layout::JsonDocument => "a JSON document",
            Layout::Csv(_) => "CSV",
        };
        match self.packing {
            Packing::Plain => layout.to_owned(),
            Packing::Gzip => format!("{layout}, packed with gzip"),
            Packing::Zstd => format!("{layout}, packed with zstd"),
        }
    }

    /// The records in order, unpacked and cut into blocks; the last step is the end. `bytes` counts what is fetched.
    #[must_use]
    pub fn steps(&self, object: &Arc<Object>, bytes: Arc<AtomicU64>) -> BoxStream<'static, Result<Step, TextFault>> {
        // Unpacked bytes are the file's own only where nothing is packed.
        let from = if self.packing == Packing::Plain { self.start.offset } else { 0 };
        let input = match &self.whole {
            Some(whole) => {
                let rest = whole.slice(usize::try_from(from).unwrap_or(usize::MAX).min(whole.len())..);
                futures::stream::once(futures::future::ready(Ok(rest))).boxed()
            }
            None => object.as_ref().clone().stream(from),
        };
        let work = Work {
            input,
            bytes,
            unpacker: None,
            packing: self.packing,
            splitter: Some(Splitter::resume(&self.layout, self.start)),
            ready: VecDeque::new(),
            end: None,
        };
        futures::stream::try_unfold(work, Work::step).boxed()
    }
}

/// The state of [`TextExport::steps`].
struct Work {
    input: BoxStream<'static, Result<Bytes, ObjectError>>,
    bytes: Arc<AtomicU64>,
    unpacker: Option<Unpacker>,
    packing: Packing,
    /// None behind the last byte.
    splitter: Option<Splitter>,
    ready: VecDeque<Block>,
    end: Option<End>,
}

impl Work {
    async fn step(mut self) -> Result<Option<(Step, Self)>, TextFault> {
        loop {
            if let Some(block) = self.ready.pop_front() {
                return Ok(Some((Step::Block(block), self)));
            }
            if let Some(end) = self.end.take() {
                return Ok(Some((Step::End(end), self)));
            }
            let Some(splitter) = &mut self.splitter else { return Ok(None) };
            let mut unpacker = match self.unpacker.take() {
                Some(unpacker) => unpacker,
                None => Unpacker::new(self.packing)?,
            };
            if let Some(piece) = unpacker.next_piece()? {
                self.ready.extend(splitter.push(&piece));
            } else if let Some(bytes) = self.input.next().await.transpose()? {
                self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                unpacker.push(bytes);
            } else {
                unpacker.finish()?;
                let finish = self.splitter.take().map(Splitter::finish);
                if let Some(finish) = finish {
                    self.ready.extend(finish.blocks);
                    self.end = Some(End { partial: finish.partial, place: finish.place });
                }
                continue;
            }
            self.unpacker = Some(unpacker);
        }
    }
}

/// Looks at the head of a file that is not Parquet.
pub(super) async fn describe(
    object: &Arc<Object>,
    head: &Bytes,
    date_order: Option<DateOrder>,
    start: Option<Place>,
) -> Result<Description, Fault> {
    let packing = Packing::of(head);
    let mut sample = unpacked(packing, head.clone())?;
    let mut recognised = records::recognise(&sample);
    if recognised.as_ref().is_none_or(|told| told.records == 0)
        && sample.len() < SAMPLE_BYTES
        && object.size > head.len() as u64
    {
        // The first record alone is longer than the head.
        let more = object.range(0..object.size.min(SAMPLE_BYTES as u64)).await.map_err(|e| Fault::of_store(&e))?;
        sample = unpacked(packing, more)?;
        recognised = records::recognise(&sample);
    }
    // What is cut off in its first bytes may be anything, telemetry too.
    let seems_none = |told: &Recognised| matches!(told.subject, Subject::Foreign(_));
    if packing != Packing::Plain && head.len() as u64 == object.size && recognised.as_ref().is_none_or(seems_none) {
        whole(packing, head.clone())?;
    }
    let Some(told) = recognised else {
        return Err(Fault::Stranger("neither Parquet nor JSON nor CSV of DeviceNetworkEvents".to_owned()));
    };
    match &told.subject {
        // Rows of this table may follow those of another.
        Subject::Events | Subject::OtherTable(_) => {}
        Subject::Rejects => return Err(Fault::Stranger("records that an earlier conversion rejected".to_owned())),
        Subject::Foreign(reason) => return Err(Fault::Stranger(reason.clone())),
        Subject::Refused(reason) => return Err(Fault::Broken(reason.clone())),
    }
    let mut export = TextExport {
        packing,
        layout: told.layout.clone(),
        times: TextTimes { unit: unit(&told), order: date_order },
        start: start.unwrap_or(Place::START),
        whole: (object.is_remote() && head.len() as u64 == object.size && head.len() <= KEPT_BYTES)
            // A copy: the head may be a small part of what the store's answer was received in.
            .then(|| Bytes::copy_from_slice(head)),
    };
    export.times.order = order(object, &export, &told, date_order).await?;
    Ok(described(export, &told))
}

fn described(export: TextExport, told: &Recognised) -> Description {
    let fields: Vec<Field> = told.columns.iter().map(|column| Field::new(&column.name, DataType::Utf8, true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let times = export.times;
    let spelling = Spelling {
        time: &|_| TimeForm::Text(times),
        word: &|field| told.columns.iter().find(|c| &c.name == field.name()).and_then(|c| word(c.kinds)),
    };
    let candidates = shape::candidates(&schema, &spelling);
    let columns = Arc::new(FileColumns { read_schema: schema, candidates });
    Description { content: Content::Text(Arc::new(export)), footer_sha256: None, columns, row_groups: Vec::new() }
}

/// What a JSON type is called in the report of drift; text needs no word.
fn word(kinds: Kinds) -> Option<String> {
    match kinds {
        Kinds { text: false, number: true, .. } => Some("number".to_owned()),
        Kinds { text: false, boolean: true, .. } => Some("boolean".to_owned()),
        Kinds { text: false, json: true, .. } => Some("JSON".to_owned()),
        Kinds { json: true, .. } => Some("text and JSON".to_owned()),
        _ => None,
    }
}

/// Checks that a small packed file is whole.
fn whole(packing: Packing, bytes: Bytes) -> Result<(), Fault> {
    let broken = |error: UnpackError| Fault::Broken(error.to_string());
    let mut unpacker = Unpacker::new(packing).map_err(broken)?;
    unpacker.push(bytes);
    while unpacker.next_piece().map_err(broken)?.is_some() {}
    unpacker.finish().map_err(broken)
}

/// The first unpacked bytes; what is cut off here is cut by us.
fn unpacked(packing: Packing, head: Bytes) -> Result<Vec<u8>, Fault> {
    let broken = |error: UnpackError| Fault::Broken(error.to_string());
    let mut unpacker = Unpacker::new(packing).map_err(broken)?;
    unpacker.push(head);
    let mut sample = Vec::new();
    while sample.len() < SAMPLE_BYTES {
        match unpacker.next_piece() {
            Ok(Some(piece)) => sample.extend_from_slice(&piece),
            Ok(None) => break,
            Err(error) if sample.is_empty() => return Err(broken(error)),
            // The run will meet the damage where it lies, and name it there.
            Err(_) => break,
        }
    }
    if sample.is_empty() {
        let reason = "it is packed, and not even its first bytes can be unpacked; fetch the file again";
        return Err(Fault::Broken(reason.to_owned()));
    }
    sample.truncate(SAMPLE_BYTES);
    Ok(sample)
}

/// The column that gives the events' times.
fn time_column(told: &Recognised) -> Option<&records::SampledColumn> {
    columns::TIME_NAMES
        .iter()
        .find_map(|name| told.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)))
}

/// What numbers in the time column count, by most of the sample.
fn unit(told: &Recognised) -> EpochUnit {
    let texts = time_column(told).map(|column| column.texts.as_slice()).unwrap_or_default();
    let numbers: Vec<f64> = texts.iter().filter_map(|text| text.trim().parse().ok()).collect();
    EpochUnit::of_most(&numbers)
}

/// How dates like 4/5/2026 are read: as the user says, else as the sample shows, else as the whole file shows.
async fn order(
    object: &Arc<Object>,
    export: &TextExport,
    told: &Recognised,
    asked: Option<DateOrder>,
) -> Result<Option<DateOrder>, Fault> {
    let Some(column) = time_column(told) else { return Ok(asked) };
    let judged = match portal_time::order_of(column.texts.iter().map(String::as_str)) {
        Order::Ambiguous { .. } if asked.is_none() => {
            let texts = all_times(object, export, &column.name).await?;
            portal_time::order_of(texts.iter().map(String::as_str))
        }
        judged => judged,
    };
    match (judged, asked) {
        (Order::Sure(order), _) => Ok(Some(order)),
        (Order::Iso | Order::NoTime, _) => Ok(asked),
        (_, Some(asked)) => Ok(Some(asked)),
        (Order::Ambiguous { example }, None) => Err(Fault::Broken(format!(
            "its times may begin with the month or with the day, and no value tells (such as {example:?}); say which with \
             --date-order month-first or --date-order day-first"
        ))),
        (Order::Contradictory { month_first, day_first }, None) => Err(Fault::Broken(format!(
            "some of its times begin with the month and some with the day ({month_first:?} and {day_first:?}); split the \
             file, or say with --date-order which of them count"
        ))),
    }
}

async fn all_times(object: &Arc<Object>, export: &TextExport, name: &str) -> Result<Vec<String>, Fault> {
    let wanted = Wanted::new(&[name]);
    let mut steps = export.steps(object, Arc::default());
    let mut texts = Vec::new();
    while let Some(step) = steps.next().await {
        match step {
            Ok(Step::Block(block)) => {
                let read = records::read(&block, &wanted);
                let column = read.batch.column(0).as_string::<i32>();
                texts.extend(column.iter().flatten().map(str::to_owned));
            }
            Ok(Step::End(_)) => break,
            Err(TextFault::Store(error)) => return Err(Fault::of_store(&error)),
            Err(TextFault::Unpack(error)) => return Err(Fault::Broken(error.to_string())),
        }
    }
    Ok(texts)
}
