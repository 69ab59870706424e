//! The frozen JSON of a built file: what it covers and where it comes from.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::super::TorTable;
use crate::model::Micros;
use crate::model::coverage::{Counted, TorSource};
use crate::model::relay::{CoverageSpan, Family, Role};

/// Grows when a member changes its meaning or goes.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Provenance {
    version: u32,
    spans: Vec<Span>,
    sources: Vec<Source>,
}

/// Only this much is read of any version.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

#[derive(Serialize, Deserialize)]
struct Span {
    role: String,
    family: String,
    from: String,
    to: String,
    source: String,
}

#[derive(Serialize, Deserialize)]
struct Source {
    source: String,
    format: String,
    files: u64,
    snapshots: u64,
    snapshots_left_out: Vec<Count>,
    spacing_minutes: Option<u64>,
    seen_from: Option<String>,
    seen_to: Option<String>,
    intervals: u64,
    records: u64,
    addresses: u64,
    prefixes: u64,
    duplicates: u64,
    refused: Vec<Count>,
    refused_examples: Vec<String>,
    as_of: Option<String>,
    as_of_from: String,
}

#[derive(Serialize, Deserialize)]
struct Count {
    name: String,
    count: u64,
}

/// The JSON of a table's spans and facts.
pub(super) fn print(table: &TorTable) -> serde_json::Result<String> {
    let spans = table.spans.iter().map(|span| Span {
        role: span.role.as_str().into(),
        family: span.family.as_str().into(),
        from: span.from.to_string(),
        to: span.to.to_string(),
        source: span.source.clone(),
    });
    let sources = table.facts.iter().map(printed).collect();
    serde_json::to_string(&Provenance { version: VERSION, spans: spans.collect(), sources })
}

/// A table without intervals; the error is the reason and the remedy.
pub(super) fn parse(json: &str) -> Result<TorTable, String> {
    let malformed = |_| "a built Tor history with malformed provenance; build it again".to_string();
    let Version { version } = serde_json::from_str(json).map_err(malformed)?;
    if version != VERSION {
        return Err(format!(
            "a built Tor history of version {version}; this coldtrail reads {VERSION}: build it again"
        ));
    }
    let provenance: Provenance = serde_json::from_str(json).map_err(malformed)?;
    let spans: Option<Vec<CoverageSpan>> = provenance.spans.into_iter().map(span).collect();
    let facts: Option<Vec<TorSource>> = provenance.sources.into_iter().map(source).collect();
    let (Some(spans), Some(facts)) = (spans, facts) else {
        return Err("a built Tor history with roles or times that cannot be read; build it again".into());
    };
    Ok(TorTable { spans, facts, ..TorTable::default() })
}

fn span(span: Span) -> Option<CoverageSpan> {
    let (from, to) = (Micros::parse(&span.from)?, Micros::parse(&span.to)?);
    let family = Family::ALL.into_iter().find(|family| family.as_str() == span.family)?;
    let role = Role::from_str(&span.role).ok()?;
    (from <= to).then_some(CoverageSpan { role, family, from, to, source: span.source })
}

fn printed(facts: &TorSource) -> Source {
    let text = |time: Option<Micros>| time.map(|time| time.to_string());
    let counts = |counted: &[Counted]| {
        counted.iter().map(|counted| Count { name: counted.name.clone(), count: counted.count }).collect()
    };
    Source {
        source: facts.source.clone(),
        format: facts.format.clone(),
        files: facts.files,
        snapshots: facts.snapshots,
        snapshots_left_out: counts(&facts.snapshots_left_out),
        spacing_minutes: facts.spacing_minutes,
        seen_from: text(facts.seen_from),
        seen_to: text(facts.seen_to),
        intervals: facts.intervals,
        records: facts.records,
        addresses: facts.addresses,
        prefixes: facts.prefixes,
        duplicates: facts.duplicates,
        refused: counts(&facts.refused),
        refused_examples: facts.refused_examples.clone(),
        as_of: text(facts.as_of),
        as_of_from: facts.as_of_from.clone(),
    }
}

fn source(source: Source) -> Option<TorSource> {
    let time = |text: Option<String>| text.map_or(Some(None), |text| Micros::parse(&text).map(Some));
    let counts = |counts: Vec<Count>| counts.into_iter().map(|c| Counted { name: c.name, count: c.count }).collect();
    Some(TorSource {
        seen_from: time(source.seen_from)?,
        seen_to: time(source.seen_to)?,
        as_of: time(source.as_of)?,
        source: source.source,
        format: source.format,
        files: source.files,
        snapshots: source.snapshots,
        snapshots_left_out: counts(source.snapshots_left_out),
        spacing_minutes: source.spacing_minutes,
        intervals: source.intervals,
        records: source.records,
        addresses: source.addresses,
        prefixes: source.prefixes,
        duplicates: source.duplicates,
        refused: counts(source.refused),
        refused_examples: source.refused_examples,
        as_of_from: source.as_of_from,
        days_from_events: None,
    })
}
