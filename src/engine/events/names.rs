//! The names of a file's rows, for a scan that looks for them before it reads whole events.

use arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch};
use datafusion::common::Result;

use super::opener::column;
use super::probe::{ADDITIONAL_FIELDS, Probe, REMOTE_URL};
use crate::engine::index::Names;
use crate::engine::lists::EventNames;
use crate::sources::telemetry::{Conversion, DataFile, Origin};

/// Where a file keeps the texts that hold names; nothing where a scan does not ask for them.
#[derive(Default)]
pub(super) struct RowNames<'a> {
    origins: [Option<&'a Origin>; 2],
}

impl<'a> RowNames<'a> {
    pub(super) fn of(file: &'a DataFile, probe: &Probe) -> Self {
        let asked = probe.names();
        let origins = [(REMOTE_URL, asked.remote_url), (ADDITIONAL_FIELDS, asked.additional_fields)];
        Self { origins: origins.map(|(name, asked)| file.shape.origins.get(name).filter(|_| asked)) }
    }

    /// The file's columns that must be read.
    pub(super) fn roots(&self) -> impl Iterator<Item = usize> + '_ {
        self.origins.iter().flatten().filter_map(|origin| match origin {
            Origin::Column { index, .. } => Some(*index),
            Origin::Path(_) => None,
        })
    }

    /// The columns, where all of them are text as it stands in the file; `None` where one is not, or there is none.
    pub(super) fn of_texts(&self) -> Option<Vec<(Names, usize)>> {
        let which = [
            Names { remote_url: true, additional_fields: false },
            Names { remote_url: false, additional_fields: true },
        ];
        let held = self.origins.iter().zip(which).filter_map(|(origin, which)| Some(((*origin)?, which)));
        let columns: Option<Vec<(Names, usize)>> = held
            .map(|(origin, which)| match origin {
                Origin::Column { index, conversion: Conversion::Text } => Some((which, *index)),
                _ => None,
            })
            .collect();
        columns.filter(|columns| !columns.is_empty())
    }

    /// Whether a name stands in the file's path: then no column says which rows matter.
    pub(super) fn is_in_path(&self) -> bool {
        self.origins.iter().flatten().any(|origin| matches!(origin, Origin::Path(_)))
    }

    /// Whether there is any column to look at.
    pub(super) fn has_any(&self) -> bool {
        self.roots().next().is_some()
    }

    /// Answers for the rows of a batch whether a name of theirs is listed.
    pub(super) fn judge<'b>(
        &self,
        batch: &RecordBatch,
        file: &DataFile,
        probe: &'b Probe,
    ) -> Result<impl Fn(usize) -> bool + use<'b>> {
        let text = |origin: Option<&Origin>| -> Result<Option<ArrayRef>> {
            match origin {
                Some(Origin::Column { index, conversion }) => Ok(Some(conversion.apply(column(batch, file, *index)?)?)),
                _ => Ok(None),
            }
        };
        let [urls, fields] = self.origins;
        let (urls, fields) = (text(urls)?, text(fields)?);
        Ok(move |row: usize| {
            fn at(texts: Option<&ArrayRef>, row: usize) -> Option<&str> {
                let texts = texts?.as_string_opt::<i32>()?;
                texts.is_valid(row).then(|| texts.value(row))
            }
            let (url, fields) = (at(urls.as_ref(), row), at(fields.as_ref(), row));
            (url.is_some() || fields.is_some()) && probe.lists_name(&EventNames::of(url, fields))
        })
    }
}
