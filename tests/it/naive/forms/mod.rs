//! The forms in which archives keep events: one random form per file, and what of an event that form can hold.
//!
//! The reference is given the event as the form holds it, so that a coarse form is no disagreement; from there on every
//! form must mean the same.

mod int96;
mod number;
mod time;
mod typed;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chrono::DateTime;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value};

pub(crate) use number::NumberForm;
pub(crate) use time::TimeForm;

use super::event::{Event, When};
use time::Times;

/// How AdditionalFields is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum FieldsForm {
    /// JSON text.
    Text,
    /// A struct of direction and uniqueEventsAggregated, both text.
    StructOfText,
    /// The same, with a whole number.
    StructOfNumber,
}

/// Where files lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Layout {
    /// One folder, no date in the path.
    Flat,
    /// `date=2026-03-10`.
    Date,
    /// `year=2026/month=03/day=10`.
    Ymd,
}

/// The form of one file.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) time: TimeForm,
    pub(crate) time_name: &'static str,
    /// Whether a TimeGenerated with another time stands beside Timestamp, which is preferred.
    pub(crate) generated_too: bool,
    pub(crate) ports: [NumberForm; 2],
    pub(crate) report: NumberForm,
    pub(crate) fields: FieldsForm,
    /// Whether columns without any value are left out.
    pub(crate) leave_out_empty: bool,
    pub(crate) layout: Layout,
    /// How many days later than its events a dated folder is named.
    pub(crate) late_days: i64,
    pub(crate) writing: Writing,
}

/// What must make no difference to any answer.
#[derive(Clone, Debug)]
pub(crate) struct Writing {
    /// Two bits per column: plain, large, view, dictionary.
    pub(crate) text_types: u64,
    /// By how many places the columns are rotated.
    pub(crate) rotate: usize,
    pub(crate) codec: Compression,
    pub(crate) row_group_rows: usize,
    pub(crate) dictionary: bool,
    /// A small one makes a column leave its dictionary in the middle.
    pub(crate) dictionary_bytes: usize,
    pub(crate) page_bytes: usize,
    pub(crate) page_places: bool,
    pub(crate) statistics: EnabledStatistics,
}

/// A column of a file, already in the file's form.
pub(crate) enum Column {
    Text(Vec<Option<String>>),
    Int32(Vec<Option<i32>>),
    Int64(Vec<Option<i64>>),
    Double(Vec<Option<f64>>),
    Times(Times),
    /// Per event: null, or direction and uniqueEventsAggregated.
    Fields(FieldsForm, Vec<Option<(Option<String>, Option<String>)>>),
}

/// Random forms.
pub(crate) fn form() -> impl Strategy<Value = Form> {
    let numbers = || select(NumberForm::ALL.to_vec());
    let fields = select(vec![FieldsForm::Text, FieldsForm::Text, FieldsForm::StructOfText, FieldsForm::StructOfNumber]);
    let names = select(vec!["Timestamp", "TimeGenerated", "Timestamp [UTC]", "TimeGenerated [UTC]"]);
    let layout = select(vec![Layout::Flat, Layout::Flat, Layout::Date, Layout::Ymd]);
    let values = (time::form(), names, numbers(), numbers(), select(NumberForm::WIDE.to_vec()), fields);
    let flags = (any::<bool>(), any::<bool>());
    (values, flags, layout, 0i64..2, writing()).prop_map(|(values, flags, layout, late_days, writing)| Form {
        time: values.0,
        time_name: values.1,
        generated_too: flags.0 && values.1.starts_with("Timestamp"),
        ports: [values.2, values.3],
        report: values.4,
        fields: values.5,
        leave_out_empty: flags.1,
        layout,
        late_days,
        writing,
    })
}

/// Random ways of writing.
pub(crate) fn writing() -> impl Strategy<Value = Writing> {
    let codec = select(vec![
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::LZ4_RAW,
        Compression::GZIP(GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
    ]);
    let statistics = select(vec![EnabledStatistics::Page, EnabledStatistics::Chunk, EnabledStatistics::None]);
    let bytes = || select(vec![1usize, 64, 1_000_000]);
    let pages = (any::<bool>(), bytes(), bytes(), any::<bool>(), statistics);
    (any::<u64>(), 0usize..18, codec, 1usize..=50, pages).prop_map(
        |(text_types, rotate, codec, row_group_rows, pages)| {
            let (dictionary, dictionary_bytes, page_bytes, page_places, statistics) = pages;
            Writing {
                text_types,
                rotate,
                codec,
                row_group_rows,
                dictionary,
                dictionary_bytes,
                page_bytes,
                page_places,
                statistics,
            }
        },
    )
}

impl Writing {
    fn properties(&self) -> WriterProperties {
        WriterProperties::builder()
            .set_compression(self.codec)
            .set_max_row_group_row_count(Some(self.row_group_rows))
            .set_dictionary_enabled(self.dictionary)
            .set_dictionary_page_size_limit(self.dictionary_bytes)
            .set_data_page_size_limit(self.page_bytes)
            .set_offset_index_disabled(!self.page_places)
            .set_write_batch_size(4)
            .set_statistics_enabled(self.statistics)
            .build()
    }
}

impl Form {
    /// What of the event this form can hold.
    pub(crate) fn holds(&self, event: &Event) -> Event {
        Event {
            time: event.time.as_ref().and_then(|time| self.time.holds(time)),
            remote_port: event.remote_port.as_ref().and_then(|port| self.ports[0].holds(port)),
            local_port: event.local_port.as_ref().and_then(|port| self.ports[1].holds(port)),
            report_id: event.report_id.as_ref().and_then(|id| self.report.holds(id)),
            fields: match self.fields {
                FieldsForm::Text => event.fields.clone(),
                form => event.fields.as_deref().and_then(members).map(|members| written_out(form, &members)),
            },
            ..event.clone()
        }
    }

    /// Writes the events under `root` and returns them as the files hold them. `number` makes the file's name.
    pub(crate) fn store(&self, root: &Path, number: usize, events: &[Event]) -> Vec<Event> {
        let held: Vec<Event> = events.iter().map(|event| self.holds(event)).collect();
        let mut folders: BTreeMap<String, Vec<Event>> = BTreeMap::new();
        for event in &held {
            folders.entry(self.folder(event)).or_default().push(event.clone());
        }
        for (folder, events) in &folders {
            let folder = root.join(folder);
            fs::create_dir_all(&folder).unwrap();
            self.write(&folder.join(format!("part-{number}.parquet")), events);
        }
        held
    }

    fn folder(&self, event: &Event) -> String {
        let day = match event.time {
            Some(When::Nanos(nanos)) => nanos.div_euclid(86_400_000_000_000),
            // It matches nothing wherever it lies.
            Some(When::Junk(_)) | None => 20_522,
        };
        let date = DateTime::from_timestamp((day + self.late_days) * 86_400, 0).unwrap();
        match self.layout {
            Layout::Flat => String::new(),
            Layout::Date => date.format("date=%Y-%m-%d").to_string(),
            Layout::Ymd => date.format("year=%Y/month=%m/day=%d").to_string(),
        }
    }

    fn write(&self, path: &Path, events: &[Event]) {
        let mut columns = self.columns(events);
        let places = self.writing.rotate % columns.len();
        columns.rotate_left(places);
        match self.time {
            TimeForm::Int96 => int96::write(path, &columns, self.writing.properties(), self.writing.row_group_rows),
            _ => typed::write(path, &columns, &self.writing),
        }
    }

    /// The columns of a file; RemoteIP and the time always stand, since no archive is one without them.
    fn columns(&self, events: &[Event]) -> Vec<(&'static str, Column)> {
        let text = |column: fn(&Event) -> &Option<String>| {
            Column::Text(events.iter().map(|event| column(event).clone()).collect())
        };
        let number = |form: NumberForm, column: fn(&Event) -> &Option<super::event::Number>| {
            form.column(&events.iter().map(|event| column(event).clone()).collect::<Vec<_>>())
        };
        let mut columns = vec![
            ("RemoteIP", text(|event| &event.remote_ip)),
            (self.time_name, self.time.column(events)),
            ("DeviceId", text(|event| &event.device_id)),
            ("DeviceName", text(|event| &event.device_name)),
            ("ActionType", text(|event| &event.action)),
            ("RemotePort", number(self.ports[0], |event| &event.remote_port)),
            ("LocalPort", number(self.ports[1], |event| &event.local_port)),
            ("RemoteUrl", text(|event| &event.url)),
            ("InitiatingProcessSHA256", text(|event| &event.sha256)),
            ("InitiatingProcessFileName", text(|event| &event.process)),
            ("InitiatingProcessCommandLine", text(|event| &event.command)),
            ("InitiatingProcessFolderPath", text(|event| &event.folder)),
            ("InitiatingProcessAccountName", text(|event| &event.account)),
            ("ReportId", number(self.report, |event| &event.report_id)),
            ("ConnectionDirection", text(|event| &event.connection_direction)),
            ("AdditionalFields", self.fields_column(events)),
        ];
        if self.generated_too {
            columns.push(("TimeGenerated", time::an_hour_later(events)));
        }
        if self.leave_out_empty {
            let mut place = 0;
            columns.retain(|(_, column)| {
                place += 1;
                place <= 2 || !column.is_empty()
            });
        }
        columns
    }

    fn fields_column(&self, events: &[Event]) -> Column {
        let texts = events.iter().map(|event| event.fields.clone());
        if self.fields == FieldsForm::Text {
            return Column::Text(texts.collect());
        }
        Column::Fields(self.fields, texts.map(|text| text.as_deref().and_then(members)).collect())
    }
}

impl Column {
    /// Whether it has no value at all.
    fn is_empty(&self) -> bool {
        match self {
            Self::Text(values) => values.iter().all(Option::is_none),
            Self::Int32(values) => values.iter().all(Option::is_none),
            Self::Int64(values) => values.iter().all(Option::is_none),
            Self::Double(values) => values.iter().all(Option::is_none),
            Self::Fields(_, values) => values.iter().all(Option::is_none),
            Self::Times(_) => false,
        }
    }
}

/// The two members that a struct keeps, if the text is an object.
fn members(text: &str) -> Option<(Option<String>, Option<String>)> {
    let object: Map<String, Value> = serde_json::from_str(text).ok()?;
    let direction = object.get("direction").and_then(Value::as_str).map(str::to_owned);
    let aggregated = match object.get("uniqueEventsAggregated") {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    Some((direction, aggregated))
}

/// The struct as compact JSON of the members that it has.
fn written_out(form: FieldsForm, (direction, aggregated): &(Option<String>, Option<String>)) -> String {
    let mut object = Map::new();
    if let Some(direction) = direction {
        object.insert("direction".into(), direction.clone().into());
    }
    if let Some(aggregated) = aggregated {
        match (form, aggregated.parse::<i64>()) {
            (FieldsForm::StructOfNumber, Ok(number)) => {
                drop(object.insert("uniqueEventsAggregated".into(), number.into()))
            }
            (FieldsForm::StructOfNumber, Err(_)) => {}
            _ => drop(object.insert("uniqueEventsAggregated".into(), aggregated.clone().into())),
        }
    }
    Value::Object(object).to_string()
}

#[cfg(test)]
mod tests;
