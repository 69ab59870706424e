//! Sentinel's tables as JSON: one object a row, dynamic columns as objects or as text.

use super::super::columns::Rows;
use super::super::json::{JsonKind, Members, text_of};
use super::super::{Context, Sink};
use super::{current, legacy};

/// `ThreatIntelIndicators`.
pub(in crate::sources::intel) const CURRENT: JsonKind = JsonKind {
    name: current::NAME,
    recognises: |members| current::has_columns(|name| has(members, name)),
    read: |members, _, context, sink| row(members, context, sink, current::take),
};

/// `ThreatIntelligenceIndicator`.
pub(in crate::sources::intel) const LEGACY: JsonKind = JsonKind {
    name: legacy::NAME,
    recognises: |members| legacy::has_columns(|name| has(members, name)),
    read: |members, _, context, sink| row(members, context, sink, legacy::take),
};

type Take = fn(&Rows, &Context<'_>, &mut Sink<'_>) -> Result<(), crate::sources::SourceError>;

fn has(members: &Members<'_>, name: &str) -> bool {
    members.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
}

fn row(members: &Members<'_>, context: &Context<'_>, sink: &mut Sink<'_>, take: Take) -> Result<(), String> {
    let names: Vec<String> = members.iter().map(|(name, _)| name.to_owned()).collect();
    let cells: Vec<Option<String>> = members.iter().map(|(_, value)| text_of(value)).collect();
    let rows = Rows::of_text(&names, &[cells], &context.file.display).map_err(|error| error.reason())?;
    take(&rows, context, sink).map_err(|error| error.reason())
}
