//! The first records of an export, looked at: which columns they have, and of what kind.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::marks;
use super::walk::{Fields, Found, elements, walk};

/// Records that are looked at.
pub(super) const RECORDS_MAX: u64 = 1000;

/// Columns that are kept; what comes beyond is hostile.
const COLUMNS_MAX: usize = 4096;

/// Packagings within packagings that are opened.
const LEVELS: u8 = 4;

/// The kinds of JSON values that a column was seen to hold; in CSV everything is text. All false: only null, or empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Text.
    pub text: bool,
    /// A number.
    pub number: bool,
    /// True or false.
    pub boolean: bool,
    /// An object or an array.
    pub json: bool,
}

/// A column of the sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampledColumn {
    /// As the source spells it.
    pub name: String,
    /// What it holds.
    pub kinds: Kinds,
    /// Of a column whose name says that it is a time: the values as [`super::read`] gives them, in order.
    pub texts: Vec<String>,
}

/// What the first records are.
#[derive(Debug, Default)]
pub(super) struct Sample {
    /// In order of first sight.
    pub(super) columns: Vec<SampledColumn>,
    pub(super) events: u64,
    pub(super) other_tables: BTreeMap<String, u64>,
    /// Records that are neither.
    pub(super) strangers: u64,
    /// The keys of the first record, if it is a stranger.
    pub(super) first_keys: Vec<String>,
}

impl Sample {
    pub(super) fn records(&self) -> u64 {
        self.events + self.strangers + self.other_tables.values().sum::<u64>()
    }

    /// Looks at a JSON value.
    pub(super) fn json(&mut self, text: &str) {
        self.open(text.trim(), LEVELS, false);
    }

    /// Looks at a JSON value whose end is missing.
    pub(super) fn cut_json(&mut self, text: &str) {
        self.open(text.trim(), LEVELS, true);
    }

    fn open(&mut self, text: &str, levels: u8, is_cut: bool) {
        if self.records() >= RECORDS_MAX {
            return;
        }
        let Some(levels) = levels.checked_sub(1) else { return self.strangers += 1 };
        if text.starts_with('[') {
            match elements(text) {
                Ok(elements) => self.each(&elements, levels),
                Err(_) => self.strangers += 1,
            }
            return;
        }
        let mut row = Looked { fields: Vec::new(), keys: Vec::new(), is_event: false };
        match walk(text, &mut row) {
            Err(_) if is_cut && row.is_event => self.event(row.fields),
            Ok(Found::Event) => self.event(row.fields),
            Ok(Found::OtherTable(name)) => *self.other_tables.entry(name).or_default() += 1,
            Ok(Found::Records(records)) => self.each(&records, levels),
            Ok(Found::Payload(_, payload)) => self.open(payload.trim(), levels, false),
            Ok(Found::Nothing) | Err(_) => {
                if self.records() == 0 {
                    self.first_keys = row.keys;
                }
                self.strangers += 1;
            }
        }
    }

    fn each(&mut self, elements: &[&RawValue], levels: u8) {
        elements.iter().for_each(|element| self.open(element.get(), levels, false));
    }

    fn event(&mut self, fields: Vec<(String, &str)>) {
        self.events += 1;
        for (name, raw) in fields {
            let Some(column) = self.column(&name) else { continue };
            match raw.as_bytes().first() {
                Some(b'"') => column.kinds.text = true,
                Some(b't' | b'f') => column.kinds.boolean = true,
                Some(b'{' | b'[') => column.kinds.json = true,
                Some(b'n') | None => continue,
                Some(_) => column.kinds.number = true,
            }
            if is_time_like(&name) {
                column.texts.push(serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned()));
            }
        }
    }

    /// Looks at a field of a CSV record; an empty one only names its column.
    pub(super) fn csv(&mut self, name: &str, text: &str) {
        let Some(column) = self.column(name) else { return };
        if !text.is_empty() {
            column.kinds.text = true;
            if is_time_like(name) {
                column.texts.push(text.to_owned());
            }
        }
    }

    fn column(&mut self, name: &str) -> Option<&mut SampledColumn> {
        let at = self.columns.iter().position(|column| column.name == name).unwrap_or(self.columns.len());
        if at == self.columns.len() && at < COLUMNS_MAX {
            self.columns.push(SampledColumn { name: name.to_owned(), kinds: Kinds::default(), texts: Vec::new() });
        }
        self.columns.get_mut(at)
    }
}

fn is_time_like(name: &str) -> bool {
    marks::is_time(name) || name.to_ascii_lowercase().contains("time")
}

/// The fields of one record, whatever they are called.
struct Looked<'a> {
    fields: Vec<(String, &'a str)>,
    keys: Vec<String>,
    is_event: bool,
}

impl<'a> Fields<'a> for Looked<'a> {
    type Key = usize;

    fn key(&mut self, key: &str) -> usize {
        self.is_event |= marks::is_mark(key);
        self.keys.push(key.to_owned());
        self.keys.len() - 1
    }

    fn value(&mut self, key: usize, raw: &'a str) {
        if let Some(name) = self.keys.get(key) {
            self.fields.push((name.clone(), raw));
        }
    }

    fn clear(&mut self) {
        self.fields.clear();
        self.is_event = false;
    }

    fn is_event(&self) -> bool {
        self.is_event
    }
}
