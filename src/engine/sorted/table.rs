//! The table that is sorted: where the columns stand that the order and the rule of copies speak of, and a batch of its
//! rows with the columns taken apart once.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, SchemaRef, TimeUnit, TimestampMicrosecondType};
use arrow::row::{RowConverter, Rows, SortField};

use super::error::SortError;
use super::order::SortOrder;

/// The schema and the order of a conversion.
#[derive(Debug)]
pub struct Layout {
    schema: SchemaRef,
    order: SortOrder,
    time: usize,
    address: Option<usize>,
    device: Option<usize>,
    report: Option<usize>,
    /// What else copies agree in: ActionType, RemotePort, LocalPort.
    rest: Vec<usize>,
    /// All columns but RemoteIP in the order of the schema, then RemoteIP. A hunt sees the address in its canonical form
    /// there and compares the file's own text last; of copies it must keep the same row before a conversion and after.
    all: Vec<usize>,
}

impl Layout {
    /// Finds the columns by name; all but Timestamp may be missing.
    ///
    /// # Errors
    /// No Timestamp, or a column that the order or the rule of copies needs in another type than the table has.
    pub fn new(schema: SchemaRef, order: SortOrder) -> Result<Arc<Self>, SortError> {
        let find = |name: &str, expected: &DataType| match schema.column_with_name(name) {
            None => Ok(None),
            Some((at, field)) if field.data_type() == expected => Ok(Some(at)),
            Some((_, field)) => Err(SortError::Batch(format!("{name} is {} and not {expected}", field.data_type()))),
        };
        let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let time = find("Timestamp", &instant)?.ok_or_else(|| SortError::Batch("no column Timestamp".to_owned()))?;
        let address = find("RemoteIP", &DataType::Utf8)?;
        let rest = [("ActionType", DataType::Utf8), ("RemotePort", DataType::Int64), ("LocalPort", DataType::Int64)];
        let rest = rest.iter().filter_map(|(name, expected)| find(name, expected).transpose());
        let all = (0..schema.fields().len()).filter(|column| Some(*column) != address).chain(address).collect();
        Ok(Arc::new(Self {
            time,
            address,
            device: find("DeviceId", &DataType::Utf8)?,
            report: find("ReportId", &DataType::Int64)?,
            rest: rest.collect::<Result<_, _>>()?,
            all,
            order,
            schema,
        }))
    }

    /// The columns of every batch and of every file.
    #[must_use]
    pub const fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The order within a date.
    #[must_use]
    pub const fn order(&self) -> &SortOrder {
        &self.order
    }

    pub(super) const fn address(&self) -> Option<usize> {
        self.address
    }

    pub(super) const fn device(&self) -> Option<usize> {
        self.device
    }

    pub(super) const fn report(&self) -> Option<usize> {
        self.report
    }

    pub(super) fn rest(&self) -> &[usize] {
        &self.rest
    }

    pub(super) fn all(&self) -> &[usize] {
        &self.all
    }
}

/// A column under its type, so that a comparison does not look for it.
#[derive(Debug)]
pub(super) enum Column {
    Text(StringArray),
    Integer(Int64Array),
    Time(TimestampMicrosecondArray),
    Boolean(BooleanArray),
    /// Any other type, as bytes that compare like its values.
    Other(Rows),
}

impl Column {
    fn of(array: &ArrayRef) -> Result<Self, SortError> {
        Ok(match array.data_type() {
            DataType::Utf8 => Self::Text(array.as_string::<i32>().clone()),
            DataType::Int64 => Self::Integer(array.as_primitive().clone()),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                Self::Time(array.as_primitive::<TimestampMicrosecondType>().clone())
            }
            DataType::Boolean => Self::Boolean(array.as_boolean().clone()),
            other => {
                let options = arrow::compute::SortOptions { descending: false, nulls_first: false };
                let field = SortField::new_with_options(other.clone(), options);
                Self::Other(RowConverter::new(vec![field])?.convert_columns(&[Arc::clone(array)])?)
            }
        })
    }
}

/// Rows of the table.
#[derive(Debug)]
pub(super) struct Table {
    batch: RecordBatch,
    columns: Vec<Column>,
    /// By row, the bytes of its text. They end batches before text grows beyond what arrow can address, and depend on
    /// nothing but the row, so that batches end at the same rows in every run.
    sizes: Vec<u32>,
}

impl Table {
    pub(super) fn new(layout: &Layout, batch: RecordBatch) -> Result<Self, SortError> {
        if batch.schema_ref() != layout.schema() && !same_columns(batch.schema_ref().as_ref(), layout.schema().as_ref())
        {
            return Err(SortError::Batch("its columns are not those of the table".to_owned()));
        }
        if batch.column(layout.time).null_count() > 0 {
            return Err(SortError::Batch("a Timestamp is null".to_owned()));
        }
        let columns = batch.columns().iter().map(Column::of).collect::<Result<Vec<_>, _>>()?;
        let mut sizes = vec![0; batch.num_rows()];
        for column in &columns {
            if let Column::Text(texts) = column {
                add_sizes(texts, &mut sizes);
            }
        }
        Ok(Self { batch, columns, sizes })
    }

    pub(super) fn rows(&self) -> usize {
        self.batch.num_rows()
    }

    pub(super) const fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    pub(super) fn column(&self, column: usize) -> &Column {
        &self.columns[column]
    }

    pub(super) fn size(&self, row: usize) -> u32 {
        self.sizes[row]
    }

    pub(super) fn micros(&self, layout: &Layout, row: usize) -> i64 {
        match &self.columns[layout.time] {
            Column::Time(times) => times.value(row),
            // `Layout::new` and `Table::new` see to it that it is a time.
            _ => 0,
        }
    }

    /// Timestamp cut to milliseconds, also before 1970.
    pub(super) fn millis(&self, layout: &Layout, row: usize) -> i64 {
        self.micros(layout, row).div_euclid(1_000)
    }

    /// Text, if the column is of text and not null there.
    pub(super) fn text(&self, column: usize, row: usize) -> Option<&str> {
        match self.column(column) {
            Column::Text(texts) if texts.is_valid(row) => Some(texts.value(row)),
            _ => None,
        }
    }

    /// The memory that goes when the table goes. What buffers hold beyond the rows is counted up to what builders
    /// leave over; a slice of somebody's larger batch is not charged with all of it.
    pub(super) fn memory_bytes(&self) -> usize {
        let text: usize = self.sizes.iter().map(|size| *size as usize).sum();
        let own = text + self.rows() * self.columns.len() * 9 + self.columns.len() * 256;
        self.batch.get_array_memory_size().min(3 * own) + self.sizes.len() * 4
    }
}

/// Adds the bytes of each text; what stands under a null is no text.
fn add_sizes(texts: &StringArray, sizes: &mut [u32]) {
    let ends = texts.value_offsets();
    let size = |row: usize| (ends[row + 1] - ends[row]).cast_unsigned();
    match texts.nulls() {
        None => sizes.iter_mut().enumerate().for_each(|(row, sum)| *sum = sum.saturating_add(size(row))),
        Some(nulls) => nulls.valid_indices().for_each(|row| sizes[row] = sizes[row].saturating_add(size(row))),
    }
}

/// Equal but for metadata and nullability, which change no row.
fn same_columns(a: &arrow::datatypes::Schema, b: &arrow::datatypes::Schema) -> bool {
    a.fields().len() == b.fields().len()
        && a.fields().iter().zip(b.fields()).all(|(a, b)| a.name() == b.name() && a.data_type() == b.data_type())
}
