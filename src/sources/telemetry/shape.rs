//! How one file spells the table: which of its columns is which of the table's, and in what type.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::basic::Encoding;
use parquet::file::metadata::ParquetMetaData;

use super::columns::{self, Kind};
use super::convert::{Conversion, TextTimes, TimeForm, instant_type};
use super::times;
use crate::model::time::EpochUnit;

/// What Hive writes where a partition value is null.
const HIVE_NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// Where a table column comes from in one file. A column that is in no entry is null in that file.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// A column of the file.
    Column {
        /// Its position among the file's top-level columns.
        index: usize,
        /// How it becomes the table's type.
        conversion: Conversion,
    },
    /// A `key=value` part of the path: one value for all rows, in the table's type.
    Path(ArrayRef),
}

/// Where each table column comes from in one file: from the file's columns, which other files have too, or from its path.
#[derive(Clone, Debug)]
pub struct Origins {
    columns: Arc<BTreeMap<String, Origin>>,
    path: Arc<[(Arc<str>, Origin)]>,
}

impl Origins {
    /// Where a table column comes from; `None` where it is null in this file.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Origin> {
        // The file's own column wins over the path.
        self.columns.get(name).or_else(|| {
            let found = self.path.iter().find(|(column, _)| column.as_ref() == name);
            found.map(|(_, origin)| origin)
        })
    }

    /// Whether the file or its path gives a table column.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

/// One file's columns.
#[derive(Clone, Debug)]
pub struct FileShape {
    /// The file's schema as it is read: the types that the reader is asked for.
    pub read_schema: SchemaRef,
    /// By table column.
    pub origins: Origins,
    /// Columns that nothing seen of the file has, and that its later records may have.
    looked_for: Arc<BTreeSet<String>>,
    /// Whether every data page of RemoteIP points into a dictionary, so that the dictionary speaks for all rows.
    pub addresses_in_dictionary: bool,
}

/// What a file says of its columns, before the table's schema is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct FileColumns {
    /// The schema to read it with.
    pub(super) read_schema: SchemaRef,
    /// Its columns under the table's names.
    pub(super) candidates: Vec<Candidate>,
}

impl FileColumns {
    /// The file's own name of its column of addresses.
    pub(super) fn address_name(&self) -> Option<&str> {
        let found = self.candidates.iter().find(|candidate| candidate.table_name == columns::REMOTE_IP)?;
        Some(self.read_schema.field(found.index).name())
    }
}

/// A file's column before the table's schema is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Candidate {
    pub(super) index: usize,
    pub(super) table_name: String,
    /// The type that the table gets if every file agrees.
    pub(super) natural: DataType,
    /// For drift: the file's own type in words.
    pub(super) form: String,
    pub(super) conversion: Conversion,
}

/// The schema to read the file with: INT96 in a unit that holds every date, and the addresses as a dictionary where the
/// file keeps them as one, so that each distinct address is looked at once.
pub(super) fn read_schema(
    schema: &Schema,
    is_int96: impl Fn(&Field) -> bool,
    is_dictionary: impl Fn(&Field) -> bool,
) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| {
        let hinted = if is_int96(field) {
            Some(DataType::Timestamp(TimeUnit::Microsecond, None))
        } else if is_dictionary(field) {
            match field.data_type() {
                DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                    Some(DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)))
                }
                _ => None,
            }
        } else {
            None
        };
        match hinted {
            Some(data_type) => Arc::new(field.as_ref().clone().with_data_type(data_type)),
            None => Arc::clone(field),
        }
    });
    Arc::new(Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone()))
}

/// The columns of addresses of which every data page points into a dictionary.
pub(super) fn address_dictionaries(schema: &Schema, metadata: &ParquetMetaData) -> Vec<String> {
    let names = schema.fields().iter().map(|field| field.name());
    let named = names.filter(|name| name.eq_ignore_ascii_case(columns::REMOTE_IP));
    named.filter(|name| is_dictionary(metadata, name)).cloned().collect()
}

/// Whether every data page of the column points into a dictionary.
pub(super) fn is_dictionary(metadata: &ParquetMetaData, name: &str) -> bool {
    let Some(leaf) = times::leaf(metadata, name) else { return false };
    metadata.row_groups().iter().all(|group| {
        let column = group.column(leaf);
        column.dictionary_page_offset().is_some()
            && column
                .page_encoding_stats_mask()
                .is_some_and(|mask| mask.is_only(Encoding::PLAIN_DICTIONARY) || mask.is_only(Encoding::RLE_DICTIONARY))
    })
}

/// What arrow's types do not tell of a file's columns.
pub(super) struct Spelling<'a> {
    /// How a column of times is written.
    pub(super) time: &'a dyn Fn(&Field) -> TimeForm,
    /// What the file calls a column's type, where that is not arrow's word.
    pub(super) word: &'a dyn Fn(&Field) -> Option<String>,
}

/// The file's columns under the table's names.
pub(super) fn candidates(schema: &Schema, spelling: &Spelling<'_>) -> Vec<Candidate> {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for (index, field) in schema.fields().iter().enumerate() {
        let name = table_name(field.name());
        // The exact spelling wins over one that differs in case; of two equal ones the first counts.
        let better = taken.get(&name).is_none_or(|held| schema.field(*held).name() != &name && field.name() == &name);
        if better && !columns::DERIVED.contains(&name.as_str()) {
            taken.insert(name, index);
        }
    }
    if let Some(time) = time_column(schema) {
        taken.insert(columns::TIMESTAMP.to_owned(), time);
    }
    taken
        .into_iter()
        .map(|(table_name, index)| {
            let field = schema.field(index);
            let conversion = conversion(&table_name, field, spelling.time);
            let form = form(field, &conversion, (spelling.word)(field));
            Candidate { index, natural: conversion.output(), table_name, form, conversion }
        })
        .collect()
}

fn table_name(name: &str) -> String {
    let bare = name.strip_suffix(" [UTC]").unwrap_or(name);
    columns::known(bare).map_or_else(|| name.to_owned(), str::to_owned)
}

/// The best of the names under which exports keep the event's time.
fn time_column(schema: &Schema) -> Option<usize> {
    let position = |is: &dyn Fn(&str) -> bool| schema.fields().iter().position(|field| is(field.name()));
    columns::TIME_NAMES.into_iter().find_map(|wanted| {
        position(&|name| name == wanted).or_else(|| position(&|name| name.eq_ignore_ascii_case(wanted)))
    })
}

fn conversion(table_name: &str, field: &Field, time: &dyn Fn(&Field) -> TimeForm) -> Conversion {
    match columns::kind(table_name) {
        Some(Kind::Time) => Conversion::Time(time(field)),
        Some(Kind::Text) if table_name == columns::REMOTE_IP => Conversion::Address,
        Some(Kind::Text) => Conversion::Text,
        Some(Kind::Port) => Conversion::Port,
        Some(Kind::Integer) => Conversion::Integer,
        Some(Kind::Boolean) => Conversion::Boolean,
        Some(Kind::Json) => Conversion::Json,
        None => match value_type(field.data_type()) {
            DataType::Timestamp(_, _) | DataType::Date32 | DataType::Date64 => Conversion::Time(TimeForm::Typed),
            nested if nested.is_nested() => Conversion::Json,
            number if number.is_numeric() => Conversion::Cast(number.clone()),
            DataType::Boolean => Conversion::Boolean,
            _ => Conversion::Text,
        },
    }
}

/// How a column of a typed file writes times; `unit` decides what an epoch number counts.
pub(super) fn time_form(field: &Field, unit: &dyn Fn(&str) -> EpochUnit) -> TimeForm {
    match value_type(field.data_type()) {
        DataType::Timestamp(_, _) | DataType::Date32 | DataType::Date64 => TimeForm::Typed,
        number if number.is_numeric() => TimeForm::Epoch(unit(field.name())),
        _ => TimeForm::Iso,
    }
}

pub(super) fn value_type(data_type: &DataType) -> &DataType {
    if let DataType::Dictionary(_, value) = data_type { value } else { data_type }
}

/// A file's type in words, for the drift report.
fn form(field: &Field, conversion: &Conversion, word: Option<String>) -> String {
    if let Some(word) = word {
        return word;
    }
    let data_type = value_type(field.data_type());
    let base = match data_type {
        DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView => "text".to_owned(),
        DataType::Struct(_) => "struct".to_owned(),
        DataType::Timestamp(unit, zone) => {
            let zone = zone.as_ref().map_or_else(|| "no zone".to_owned(), ToString::to_string);
            format!("timestamp({unit}, {zone})")
        }
        other => other.to_string(),
    };
    match conversion {
        Conversion::Time(TimeForm::Iso | TimeForm::Text(_)) => "ISO text".to_owned(),
        Conversion::Time(TimeForm::Epoch(unit)) => format!("{base}, epoch {unit:?}").to_lowercase(),
        _ => base,
    }
}

/// What of a file, apart from its columns, decides where the table's columns come from. The values in its path do not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Circumstances {
    /// The table columns that its path gives.
    pub(super) in_path: Vec<Arc<str>>,
    /// Whether every page of its addresses points into a dictionary.
    pub(super) addresses_in_dictionary: bool,
    /// How its times are written, where it is read by name and its later records may have columns that its first ones
    /// lack.
    pub(super) open: Option<TextTimes>,
}

impl FileShape {
    /// Fits a file's columns to the table's types. The path's values are told by [`FileShape::with_path`].
    pub(super) fn new(of: &FileColumns, circumstances: &Circumstances, table: &Schema) -> Self {
        let mut origins = BTreeMap::new();
        for candidate in &of.candidates {
            let Ok(field) = table.field_with_name(&candidate.table_name) else { continue };
            let conversion = match &candidate.conversion {
                other if &other.output() == field.data_type() => other.clone(),
                // Files disagree on a column that coldtrail does not know: text holds every form.
                _ => Conversion::Text,
            };
            origins.insert(candidate.table_name.clone(), Origin::Column { index: candidate.index, conversion });
        }
        let (read_schema, looked_for) = match circumstances.open {
            Some(times) => look_for_others(&of.read_schema, &mut origins, circumstances, table, times),
            None => (Arc::clone(&of.read_schema), BTreeSet::new()),
        };
        if let Some(Origin::Column { index, .. }) = origins.get(columns::REMOTE_IP) {
            let raw = Origin::Column { index: *index, conversion: Conversion::Text };
            origins.insert(columns::REMOTE_IP_RAW.to_owned(), raw);
        }
        Self {
            read_schema,
            origins: Origins { columns: Arc::new(origins), path: Arc::default() },
            looked_for: Arc::new(looked_for),
            addresses_in_dictionary: circumstances.addresses_in_dictionary,
        }
    }

    /// The same with the values of a path, in the types of their columns.
    pub(super) fn with_path(&self, values: Vec<(Arc<str>, ArrayRef)>) -> Self {
        let mut path = Vec::with_capacity(values.len());
        for (name, value) in values {
            if self.origins.columns.contains_key(name.as_ref()) {
                continue;
            }
            if name.as_ref() == columns::REMOTE_IP {
                path.push((Arc::from(columns::REMOTE_IP_RAW), Origin::Path(Arc::clone(&value))));
            }
            path.push((name, Origin::Path(value)));
        }
        let origins = Origins { columns: Arc::clone(&self.origins.columns), path: path.into() };
        Self { origins, ..self.clone() }
    }

    /// Whether the file itself, not its path, gives a column, as far as is known before it is read.
    #[must_use]
    pub fn holds_column(&self, name: &str) -> bool {
        matches!(self.origins.get(name), Some(Origin::Column { .. })) && !self.looked_for.contains(name)
    }
}

/// Looks in a file for each column of the table that nothing else gives: the schema with them, and their names.
fn look_for_others(
    read_schema: &Schema,
    origins: &mut BTreeMap<String, Origin>,
    circumstances: &Circumstances,
    table: &Schema,
    times: TextTimes,
) -> (SchemaRef, BTreeSet<String>) {
    let mut fields: Vec<Arc<Field>> = read_schema.fields().iter().map(Arc::clone).collect();
    let mut looked_for = BTreeSet::new();
    for field in table.fields() {
        let name = field.name();
        let is_given = origins.contains_key(name) || circumstances.in_path.iter().any(|given| given.as_ref() == name);
        if is_given || columns::DERIVED.contains(&name.as_str()) {
            continue;
        }
        let text = Field::new(name, DataType::Utf8, true);
        let conversion = match conversion(name, &text, &|_| TimeForm::Text(times)) {
            known if &known.output() == field.data_type() => known,
            _ => Conversion::Cast(field.data_type().clone()),
        };
        origins.insert(name.clone(), Origin::Column { index: fields.len(), conversion });
        looked_for.insert(name.clone());
        fields.push(Arc::new(text));
    }
    (Arc::new(Schema::new(fields)), looked_for)
}

/// A value of the path in the type of its column; what Hive writes for null is null.
pub(super) fn path_value(name: &str, data_type: &DataType, value: &str) -> Option<ArrayRef> {
    let value = (value != HIVE_NULL).then(|| percent_decoded(value));
    let conversion = match columns::kind(name) {
        Some(Kind::Time) => Conversion::Time(TimeForm::Iso),
        Some(Kind::Port) => Conversion::Port,
        Some(Kind::Integer) => Conversion::Integer,
        Some(Kind::Boolean) => Conversion::Boolean,
        Some(Kind::Text) if name == columns::REMOTE_IP => Conversion::Address,
        Some(Kind::Text | Kind::Json) => Conversion::Text,
        None => Conversion::Cast(data_type.clone()),
    };
    let text: ArrayRef = Arc::new(StringArray::from(vec![value]));
    conversion.apply(&text).ok()
}

/// Hive writes other characters of a value as `%XX`.
fn percent_decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = (*first == b'%').then(|| after.get(..2)).flatten();
        match code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The type of the table's column when files agree on `natural`, or text when they do not.
pub(super) fn reconcile(known: Option<Kind>, natural: impl Iterator<Item = DataType>) -> DataType {
    match known {
        Some(Kind::Time) => instant_type(),
        Some(Kind::Port | Kind::Integer) => DataType::Int64,
        Some(Kind::Boolean) => DataType::Boolean,
        Some(Kind::Text | Kind::Json) => DataType::Utf8,
        None => natural.reduce(|a, b| if a == b { a } else { DataType::Utf8 }).unwrap_or(DataType::Utf8),
    }
}
