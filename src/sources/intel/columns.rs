//! A Parquet file read by column names, whatever the columns' types.
//!
//! Exports of one table differ in how they spell text (plain, large, view, dictionary, binary), numbers and times;
//! everything a feed says is read as text except times, and in batches, so that memory holds one batch and what was kept.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{IntoIter, sync_channel};
use std::thread;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, RecordBatch, RecordBatchOptions, StringArray, StructArray};
use arrow::compute::{can_cast_types, cast};
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type, Int64Type, Schema, SchemaRef, TimeUnit};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::Type as PhysicalType;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::schema::types::TypePtr;

use super::content::Date;
use crate::model::Micros;
use crate::model::time::EpochUnit;
use crate::sources::SourceError;
use crate::sources::location::FileRef;
use crate::sources::text::{excerpt, unreadable};

/// Rows of one batch: Data columns hold kilobytes a row.
const BATCH_ROWS: usize = 4096;

/// Batches that are decoded before anybody asks for them.
const BATCHES_AHEAD: usize = 4;

/// An open file.
pub(super) struct ParquetFile {
    builder: ParquetRecordBatchReaderBuilder<File>,
    display: String,
}

impl ParquetFile {
    pub(super) fn open(file: &FileRef) -> Result<Self, SourceError> {
        let io = |source| SourceError::Io { path: file.display.clone(), source };
        let broken = |error: ParquetError| {
            unreadable(
                &file.display,
                &format!("not a whole Parquet file ({}); export it again", excerpt(&error.to_string())),
            )
        };
        let input = File::open(&file.path).map_err(io)?;
        // The writer's own Arrow types are not needed, and a damaged description of them makes the reader panic.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let metadata = ArrowReaderMetadata::load(&input, options.clone()).map_err(broken)?;
        if metadata.metadata().row_groups().iter().flat_map(RowGroupMetaData::columns).any(is_damaged) {
            return Err(unreadable(
                &file.display,
                "damaged footer in a Parquet file (negative sizes); export it again",
            ));
        }
        let options = options.with_schema(without_nanoseconds(&metadata));
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options).map_err(broken)?;
        Ok(Self {
            builder: ParquetRecordBatchReaderBuilder::new_with_metadata(input, metadata),
            display: file.display.clone(),
        })
    }

    /// The columns' names, in file order.
    pub(super) fn names(&self) -> Vec<&str> {
        self.builder.schema().fields().iter().map(|field| field.name().as_str()).collect()
    }

    /// Whether there is such a column, in any case.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names().iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Whether the file's own metadata have such a member.
    pub(super) fn has_key(&self, key: &str) -> bool {
        let members = self.builder.metadata().file_metadata().key_value_metadata();
        members.is_some_and(|members| members.iter().any(|member| member.key == key))
    }

    /// Reads the named columns that exist.
    pub(super) fn batches(self, wanted: &[&str]) -> Result<Batches<Rows>, SourceError> {
        self.batches_as(wanted, Ok)
    }

    /// What `make` makes of the rows. It does so on the thread that decodes, while those before are looked at.
    pub(super) fn batches_as<T: Send + 'static>(
        self,
        wanted: &[&str],
        make: impl Fn(Rows) -> Result<T, SourceError> + Send + 'static,
    ) -> Result<Batches<T>, SourceError> {
        let is_wanted = |name: &str| wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(name));
        let roots: Vec<usize> =
            self.names().iter().enumerate().filter(|(_, name)| is_wanted(name)).map(|(at, _)| at).collect();
        let mask = ProjectionMask::roots(self.builder.parquet_schema(), roots);
        let display = self.display;
        let reader = self.builder.with_projection(mask).with_batch_size(BATCH_ROWS).build();
        let mut reader = reader.map_err(|error| unreadable(&display, &format!("not readable as Parquet ({error})")))?;
        let (send, made) = sync_channel(BATCHES_AHEAD);
        thread::spawn(move || {
            let mut next = || {
                let batch = reader.next()?.map_err(|error| damaged(&display, &error));
                Some(batch.and_then(|batch| make(Rows { batch, display: display.clone() })))
            };
            loop {
                // Damaged pages can make the decoder panic; that is this file's fault and must not end the run.
                let made = catch_unwind(AssertUnwindSafe(&mut next)).unwrap_or_else(|_| {
                    Some(Err(damaged(&display, &ArrowError::ParquetError("the decoder gave up".into()))))
                });
                let Some(made) = made else { break };
                let is_last = made.is_err();
                // Nobody waits for more after an error.
                if send.send(made).is_err() || is_last {
                    break;
                }
            }
        });
        Ok(made.into_iter())
    }
}

/// What is made of a file's rows, batch by batch; nothing comes after an error.
pub(super) type Batches<T> = IntoIter<Result<T, SourceError>>;

/// The reader takes these for sizes and panics when a damaged footer makes them negative.
fn is_damaged(chunk: &ColumnChunkMetaData) -> bool {
    chunk.dictionary_page_offset().unwrap_or(0).min(chunk.data_page_offset()).min(chunk.compressed_size()) < 0
}

/// INT96 times are read as microseconds, since nanoseconds end in 2262 and indicators often expire in 9999.
fn without_nanoseconds(metadata: &ArrowReaderMetadata) -> SchemaRef {
    let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
    let is_int96 = |column: &TypePtr| column.is_primitive() && column.get_physical_type() == PhysicalType::INT96;
    let columns = metadata.parquet_schema().root_schema().get_fields();
    let fields = metadata.schema().fields().iter().zip(columns);
    let fields = fields.map(|(field, column)| match is_int96(column) {
        true => Arc::new(field.as_ref().clone().with_data_type(micros.clone())),
        false => Arc::clone(field),
    });
    Arc::new(Schema::new(fields.collect::<Vec<FieldRef>>()))
}

fn damaged(display: &str, error: &ArrowError) -> SourceError {
    unreadable(display, &format!("damaged data in a Parquet file ({}); export it again", excerpt(&error.to_string())))
}

/// One batch.
pub(super) struct Rows {
    batch: RecordBatch,
    display: String,
}

impl Rows {
    /// Rows of text cells, as CSV and JSON have them; a cell that a row lacks is missing.
    pub(super) fn of_text(names: &[String], rows: &[Vec<Option<String>>], display: &str) -> Result<Self, SourceError> {
        let cells = |at: usize| rows.iter().map(|row| row.get(at).and_then(Option::as_deref)).collect::<StringArray>();
        let columns: Vec<ArrayRef> = (0..names.len()).map(|at| Arc::new(cells(at)) as ArrayRef).collect();
        let fields: Vec<Field> = names.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let batch = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options);
        Ok(Self { batch: batch.map_err(|error| damaged(display, &error))?, display: display.to_owned() })
    }

    pub(super) fn len(&self) -> usize {
        self.batch.num_rows()
    }

    fn column(&self, name: &str) -> Option<&ArrayRef> {
        let schema = self.batch.schema_ref();
        let at = schema.fields().iter().position(|field| field.name().eq_ignore_ascii_case(name))?;
        // One of nulls alone says as much as one that is not there.
        self.batch.columns().get(at).filter(|column| column.null_count() < column.len())
    }

    /// A column as text; all missing when there is none.
    pub(super) fn texts(&self, name: &str) -> Result<Texts, SourceError> {
        let texts = self.column(name).map(to_text).transpose().map_err(|error| damaged(&self.display, &error))?;
        Ok(Texts(texts))
    }

    /// A column as times; all missing when there is none.
    pub(super) fn dates(&self, name: &str) -> Result<Dates, SourceError> {
        let dates = self.column(name).map(to_dates).transpose().map_err(|error| damaged(&self.display, &error))?;
        Ok(Dates(dates.unwrap_or_default()))
    }

    /// A column as numbers, without a way through text; all missing when there is none.
    pub(super) fn numbers(&self, name: &str) -> Result<Numbers, SourceError> {
        let column = self.column(name).filter(|column| column.data_type().is_numeric());
        let Some(column) = column else { return self.texts(name).map(Numbers::Text) };
        let numbers = cast(column, &DataType::Float64).map_err(|error| damaged(&self.display, &error))?;
        Ok(Numbers::Number(numbers.as_primitive::<Float64Type>().clone()))
    }

    /// The members of a column that holds a struct; `None` when it holds something else or is not there.
    pub(super) fn member_texts(&self, name: &str, member: &str) -> Option<Result<Texts, SourceError>> {
        let column = self.column(name)?.as_any().downcast_ref::<StructArray>()?;
        let read = |child: &ArrayRef| {
            // A null struct has null members, whatever its children's own validity says.
            let nulls = arrow::buffer::NullBuffer::union(column.nulls(), child.nulls());
            let data = child.to_data().into_builder().nulls(nulls).build()?;
            to_text(&arrow::array::make_array(data))
        };
        let texts = column.column_by_name(member).map(read).transpose();
        Some(texts.map(Texts).map_err(|error| damaged(&self.display, &error)))
    }
}

/// A text column.
pub(super) struct Texts(Option<StringArray>);

impl Texts {
    /// The trimmed text; blank is missing.
    pub(super) fn get(&self, row: usize) -> Option<&str> {
        let array = self.0.as_ref().filter(|array| !array.is_null(row))?;
        Some(trimmed(array.value(row))).filter(|text| !text.is_empty())
    }

    pub(super) fn owned(&self, row: usize) -> Option<String> {
        self.get(row).map(str::to_string)
    }

    /// Whether a yes/no column says yes; null and anything unknown are "not set".
    pub(super) fn says(&self, row: usize, word: Flag) -> bool {
        let words: &[&str] = match word {
            Flag::Yes => &["true", "1", "yes"],
            Flag::No => &["false", "0", "no"],
        };
        self.get(row).is_some_and(|text| words.iter().any(|word| text.eq_ignore_ascii_case(word)))
    }
}

/// The text without blanks around it; most have none, which two bytes tell.
fn trimmed(text: &str) -> &str {
    let bytes = text.as_bytes();
    let is_bare = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    if is_bare(bytes.first()) && is_bare(bytes.last()) { text } else { text.trim() }
}

/// A column of numbers, or of texts that are numbers.
pub(super) enum Numbers {
    Number(Float64Array),
    Text(Texts),
}

impl Numbers {
    pub(super) fn get(&self, row: usize) -> Option<f64> {
        match self {
            Self::Number(numbers) => numbers.is_valid(row).then(|| numbers.value(row)),
            Self::Text(texts) => texts.get(row)?.parse().ok(),
        }
    }
}

/// The two answers of a yes/no column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Flag {
    Yes,
    No,
}

/// A time column.
pub(super) struct Dates(Vec<Date>);

impl Dates {
    pub(super) fn get(&self, row: usize) -> Date {
        self.0.get(row).copied().unwrap_or_default()
    }
}

fn to_text(array: &ArrayRef) -> Result<StringArray, ArrowError> {
    match array.data_type() {
        DataType::Utf8 => Ok(array.as_string::<i32>().clone()),
        DataType::Timestamp(_, _) | DataType::Date32 | DataType::Date64 => {
            Ok(to_dates(array)?.into_iter().map(|date| date.micros().map(|micros| micros.to_string())).collect())
        }
        DataType::List(_) => {
            json_lists(array.len(), |row| (!array.is_null(row)).then(|| array.as_list::<i32>().value(row)))
        }
        DataType::LargeList(_) => {
            json_lists(array.len(), |row| (!array.is_null(row)).then(|| array.as_list::<i64>().value(row)))
        }
        from if can_cast_types(from, &DataType::Utf8) => Ok(cast(array, &DataType::Utf8)?.as_string::<i32>().clone()),
        _ => {
            let formatter = ArrayFormatter::try_new(array, &FormatOptions::default())?;
            Ok((0..array.len()).map(|row| (!array.is_null(row)).then(|| formatter.value(row).to_string())).collect())
        }
    }
}

/// Lists become JSON arrays of text, the form in which tags are published.
fn json_lists(rows: usize, list: impl Fn(usize) -> Option<ArrayRef>) -> Result<StringArray, ArrowError> {
    let text = |items: ArrayRef| -> Result<String, ArrowError> {
        let items = to_text(&items)?;
        let items: Vec<&str> = items.iter().flatten().collect();
        serde_json::to_string(&items).map_err(|error| ArrowError::JsonError(error.to_string()))
    };
    (0..rows).map(|row| list(row).map(text).transpose()).collect()
}

fn to_dates(array: &ArrayRef) -> Result<Vec<Date>, ArrowError> {
    let numbers = |to: &DataType, unit: Option<EpochUnit>| -> Result<Vec<Date>, ArrowError> {
        let numbers = cast(&cast(array, to)?, &DataType::Int64)?;
        Ok(numbers.as_primitive::<Int64Type>().iter().map(|number| of_number(number, unit)).collect())
    };
    let unit = |unit: TimeUnit| match unit {
        TimeUnit::Second => EpochUnit::Seconds,
        TimeUnit::Millisecond => EpochUnit::Millis,
        TimeUnit::Microsecond => EpochUnit::Micros,
        TimeUnit::Nanosecond => EpochUnit::Nanos,
    };
    match array.data_type() {
        DataType::Timestamp(of, _) => numbers(array.data_type(), Some(unit(*of))),
        DataType::Date32 | DataType::Date64 => {
            numbers(&DataType::Timestamp(TimeUnit::Millisecond, None), Some(EpochUnit::Millis))
        }
        integer if integer.is_integer() => numbers(&DataType::Int64, None),
        number if number.is_floating() || matches!(number, DataType::Decimal128(_, _)) => {
            let numbers = cast(array, &DataType::Float64)?;
            let date = |number: f64| {
                EpochUnit::of_magnitude(number).instant_f64(number).map_or(Date::Unreadable, |at| Date::At(Micros(at)))
            };
            Ok(numbers.as_primitive::<Float64Type>().iter().map(|number| number.map_or(Date::Missing, date)).collect())
        }
        DataType::Dictionary(_, values) => to_dates(&Arc::clone(&cast(array, values)?)),
        _ => {
            let texts = Texts(Some(to_text(array)?));
            Ok((0..array.len()).map(|row| Date::parse(texts.get(row))).collect())
        }
    }
}

fn of_number(number: Option<i64>, unit: Option<EpochUnit>) -> Date {
    let Some(number) = number else { return Date::Missing };
    #[expect(clippy::cast_precision_loss, reason = "only the magnitude is looked at")]
    let unit = unit.unwrap_or_else(|| EpochUnit::of_magnitude(number as f64));
    unit.instant(number).map_or(Date::Unreadable, |at| Date::At(Micros(at)))
}

#[cfg(test)]
mod tests {
    use arrow::array::{
        BinaryArray, BooleanArray, Date32Array, DictionaryArray, Int64Array, LargeStringArray, ListArray,
        StringViewArray, TimestampMillisecondArray, TimestampNanosecondArray,
    };
    use arrow::datatypes::Int32Type;

    use super::*;

    fn text(array: ArrayRef) -> Option<String> {
        Texts(Some(to_text(&array).unwrap())).owned(0)
    }

    fn date(array: ArrayRef) -> Date {
        to_dates(&array).unwrap()[0]
    }

    #[test]
    fn text_is_text_in_every_spelling() {
        let dictionary: DictionaryArray<Int32Type> = ["a"].into_iter().collect();
        for array in [
            Arc::new(StringArray::from(vec![" a "])) as ArrayRef,
            Arc::new(LargeStringArray::from(vec!["a"])),
            Arc::new(StringViewArray::from(vec!["a"])),
            Arc::new(BinaryArray::from(vec![b"a".as_slice()])),
            Arc::new(dictionary),
        ] {
            assert_eq!(text(array).as_deref(), Some("a"));
        }
        assert_eq!(text(Arc::new(StringArray::from(vec!["  "]))), None);
        assert_eq!(text(Arc::new(Float64Array::from(vec![85.5]))).as_deref(), Some("85.5"));
        assert_eq!(text(Arc::new(BooleanArray::from(vec![true]))).as_deref(), Some("true"));
        let lists = ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1), None, Some(2)])]);
        assert_eq!(text(Arc::new(lists)).as_deref(), Some(r#"["1","2"]"#));
    }

    #[test]
    fn times_are_instants_in_every_spelling() {
        let want = Date::At(Micros::parse("2026-07-01").unwrap());
        let ms = 1_782_864_000_000;
        for array in [
            Arc::new(TimestampMillisecondArray::from(vec![ms]).with_timezone("+02:00")) as ArrayRef,
            Arc::new(TimestampNanosecondArray::from(vec![ms * 1_000_000 + 999])),
            Arc::new(Date32Array::from(vec![20_635])),
            Arc::new(Int64Array::from(vec![ms / 1_000])),
            Arc::new(Float64Array::from(vec![1_782_864_000.0])),
            Arc::new(StringArray::from(vec!["2026-07-01T00:00:00.0000000Z"])),
        ] {
            assert_eq!(date(array), want);
        }
        assert_eq!(date(Arc::new(StringArray::from(vec!["soon"]))), Date::Unreadable);
        assert_eq!(date(Arc::new(Int64Array::from(vec![None]))), Date::Missing);
        assert_eq!(
            text(Arc::new(TimestampMillisecondArray::from(vec![ms]))).as_deref(),
            Some("2026-07-01T00:00:00.000000Z")
        );
    }

    #[test]
    fn a_flag_is_set_only_by_a_word_for_it() {
        let texts = Texts(Some(StringArray::from(vec![Some("True"), Some("0"), None, Some("maybe")])));
        let said: Vec<_> = (0..4).map(|row| (texts.says(row, Flag::Yes), texts.says(row, Flag::No))).collect();
        assert_eq!(said, [(true, false), (false, true), (false, false), (false, false)]);
    }
}
