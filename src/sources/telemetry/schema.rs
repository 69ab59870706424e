//! One table out of files of different schemas, and the report of how they differ.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::shape::{self, Candidate};
use super::{columns, convert};
use crate::model::Micros;
use crate::model::coverage::Drift;

/// Files whose columns are the same, as far as the table's schema is concerned.
pub(super) struct Described<'a> {
    pub(super) candidates: &'a [Candidate],
    /// How many.
    pub(super) files: u64,
    /// The first of them by name.
    pub(super) first_file: &'a str,
    /// The earliest time that any of them tells.
    pub(super) since: Option<Micros>,
}

/// The form of a column that a file does not have.
const MISSING: &str = "missing";

/// The table that is declared without any file: Defender's columns and coldtrail's own.
#[must_use]
pub fn declared() -> SchemaRef {
    table(&[], &BTreeSet::new())
}

/// Defender's columns in their order, `Direction` and `RemoteIPRaw`, then whatever else the files and the keys of their
/// paths hold by name, `SourceFile` last. Every column may be null.
pub(super) fn table(kinds: &[Described<'_>], path_keys: &BTreeSet<&str>) -> SchemaRef {
    let mut extra: BTreeMap<&str, Vec<DataType>> = BTreeMap::new();
    for candidate in kinds.iter().flat_map(|kind| kind.candidates) {
        extra.entry(&candidate.table_name).or_default().push(candidate.natural.clone());
    }
    for key in path_keys {
        let name = columns::known(key).unwrap_or(key);
        extra.entry(name).or_insert_with(|| vec![DataType::Utf8]);
    }
    let known: BTreeSet<&str> = columns::DEFENDER.iter().map(|(name, _)| *name).chain(columns::DERIVED).collect();
    let defender =
        columns::DEFENDER.iter().map(|(name, kind)| (*name, shape::reconcile(Some(*kind), std::iter::empty())));
    let derived = [(columns::DIRECTION, DataType::Utf8), (columns::REMOTE_IP_RAW, DataType::Utf8)];
    // A query may name what only some archives have.
    let always = [("ConnectionDirection", DataType::Utf8)];
    let others = extra
        .into_iter()
        .filter(|(name, _)| !known.contains(name) && *name != "ConnectionDirection")
        .map(|(name, types)| (name, shape::reconcile(columns::kind(name), types.into_iter())));
    let fields = defender
        .chain(derived)
        .chain(always)
        .chain(others)
        .chain([(columns::SOURCE_FILE, DataType::Utf8)])
        .map(|(name, data_type)| Field::new(name, data_type, true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// Columns whose form differs between files. Of each, every form but the commonest is reported.
pub(super) fn drift(kinds: &[Described<'_>]) -> Vec<Drift> {
    let names: BTreeSet<&str> =
        kinds.iter().flat_map(|kind| kind.candidates).map(|candidate| candidate.table_name.as_str()).collect();
    let mut drift = Vec::new();
    for name in names {
        let mut forms: BTreeMap<&str, Vec<&Described<'_>>> = BTreeMap::new();
        for kind in kinds {
            let found = kind.candidates.iter().find(|candidate| candidate.table_name == name);
            forms.entry(found.map_or(MISSING, |candidate| &candidate.form)).or_default().push(kind);
        }
        let files = |holders: &[&Described<'_>]| holders.iter().map(|kind| kind.files).sum::<u64>();
        let commonest =
            forms.iter().max_by_key(|(form, holders)| (files(holders), **form != MISSING)).map(|(form, _)| *form);
        for (form, holders) in forms.iter().filter(|(form, _)| Some(**form) != commonest) {
            drift.push(Drift {
                column: name.to_owned(),
                form: (*form).to_owned(),
                files: files(holders),
                first_file: holders.iter().map(|kind| kind.first_file).min().unwrap_or_default().to_owned(),
                since: holders.iter().filter_map(|kind| kind.since).min(),
            });
        }
    }
    drift
}

/// The type of `Timestamp` and of every other time column.
#[must_use]
pub fn time_type() -> DataType {
    convert::instant_type()
}
