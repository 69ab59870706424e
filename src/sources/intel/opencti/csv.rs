//! The CSV that OpenCTI's export connector writes: every cell in quotes, `;` between them, the columns in no fixed order.

use csv::{ReaderBuilder, StringRecord};

use super::super::csv_records::{Records, reason};
use super::super::tally::UNREADABLE_RECORD;
use super::super::{Context, Sink, TextFormat};
use super::{Entity, parts};
use crate::sources::SourceError;
use crate::sources::text::{self, unreadable};

/// The format.
pub(in crate::sources::intel) const FORMAT: TextFormat = TextFormat { name: "OpenCTI (CSV)", recognises, read };

/// The connector's delimiter is a setting.
const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];

fn recognises(head: &str) -> bool {
    delimiter(head).is_some()
}

fn delimiter(head: &str) -> Option<u8> {
    DELIMITERS.into_iter().find(|delimiter| {
        let header = builder(*delimiter).from_reader(head.as_bytes()).headers().cloned();
        header.is_ok_and(|header| is_export(&header))
    })
}

/// Columns that no other table has together.
fn is_export(header: &StringRecord) -> bool {
    let has = |names: &[&str]| header.iter().any(|name| names.contains(&name.trim()));
    has(&["entity_type", "standard_id", "x_opencti_score", "x_opencti_main_observable_type"])
        && has(&["pattern", "observable_value", "value", "name"])
}

fn builder(delimiter: u8) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder.delimiter(delimiter);
    builder
}

fn read(context: &Context<'_>, sink: &mut Sink<'_>) -> Result<(), SourceError> {
    let display = &context.file.display;
    let delimiter = delimiter(&context.head).unwrap_or(b';');
    let mut lines = Records::new(&builder(delimiter), delimiter, None, text::open(&context.file.path, display)?);
    let header = lines.headers().map_err(|error| unreadable(display, &error.to_string()))?;
    let mut broken = 0u64;
    let mut read = 0u64;
    while let Some((line, record)) = lines.next_record() {
        read += 1;
        match record {
            Ok(record) => entity(&header, record).take(context, sink, || context.place("line", line)),
            Err(error) => {
                let reason = reason(error).map_err(|source| SourceError::Io { path: display.clone(), source })?;
                broken += 1;
                sink.record();
                sink.reject(UNREADABLE_RECORD, || format!("{}: {reason}", context.place("line", line)));
            }
        }
    }
    if broken > 0 && broken == read {
        let first = sink.tally.examples.first().map_or("", String::as_str);
        return Err(unreadable(display, &format!("invalid CSV: none of {broken} records can be read; {first}")));
    }
    Ok(())
}

fn entity(header: &StringRecord, record: &StringRecord) -> Entity {
    let mut entity = Entity::default();
    for (name, cell) in header.iter().zip(record) {
        let cell = cell.trim();
        if !cell.is_empty() {
            put(&mut entity, name.trim(), cell);
        }
    }
    entity
}

fn put(entity: &mut Entity, name: &str, cell: &str) {
    let slot = match name {
        "entity_type" => &mut entity.entity_type,
        "standard_id" => &mut entity.standard_id,
        "id" => &mut entity.id,
        "name" => &mut entity.name,
        "description" | "x_opencti_description" => &mut entity.description,
        "pattern" => &mut entity.pattern,
        "pattern_type" => &mut entity.pattern_type,
        "observable_value" => {
            entity.value = Some(cell.to_string());
            return;
        }
        "value" => &mut entity.value,
        "x_opencti_main_observable_type" => &mut entity.main_type,
        "confidence" => &mut entity.confidence,
        "x_opencti_score" => &mut entity.score,
        "createdBy" => &mut entity.publisher,
        "valid_from" => &mut entity.valid_from,
        "valid_until" => &mut entity.valid_until,
        "revoked" => &mut entity.revoked,
        "modified" | "updated_at" => &mut entity.modified,
        "created" | "created_at" => &mut entity.created,
        "objectMarking" => return entity.markings.extend(parts(cell)),
        "objectLabel" => return entity.labels.extend(parts(cell)),
        "indicator_types" => return entity.indicator_types.extend(parts(cell)),
        _ => return,
    };
    // Of two columns for one field the first in the header, which the export sorts.
    slot.get_or_insert_with(|| cell.to_string());
}
