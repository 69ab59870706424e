//! The text formats of Tor lists, one file each.
//!
//! Which one a text has is told from the text, never from its name. A format reads what it can and counts the rest by
//! reason: one odd record must not cost a list, and must not be left out in silence either.

mod dan_list;
mod exit_list;
mod field;
mod header_date;
mod json_list;
mod lines;
mod node_list;
mod one_column;
mod onionoo;
mod record;
mod shape;
mod triples;

#[cfg(test)]
mod tests;

use self::shape::Shape;
use super::listing::Listing;

/// Cells of a first line that are looked at: no header has more.
const HEADER_CELLS_MAX: usize = 64;

/// One format.
struct Format {
    /// As coverage names it.
    name: &'static str,
    /// Whether a text is meant to be of this format; looks at its beginning only.
    recognises: fn(&str) -> bool,
    /// Reads the whole text, or says why it is damaged as a whole.
    read: fn(&str) -> Result<Listing, String>,
}

/// Every format; the first that recognises a text reads it, so the last, which asks least, is last.
const FORMATS: [Format; 8] = [
    exit_list::FORMAT,
    dan_list::FORMAT,
    node_list::FORMAT,
    triples::FORMAT,
    onionoo::FORMAT,
    json_list::WARNING_LIST,
    json_list::ARRAY,
    one_column::FORMAT,
];

/// Recognises and reads one text. The name of the format comes back with what the text lists.
///
/// # Errors
/// What the text looks like, when it has no known format or is damaged as a whole.
pub(super) fn read(text: &str) -> Result<(&'static str, Listing), String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match FORMATS.iter().find(|format| (format.recognises)(text)) {
        Some(format) => Ok((format.name, (format.read)(text)?)),
        None => Err(unknown(text)),
    }
}

/// Reads a text in every format, recognised or not: none may panic at anything.
pub(super) fn probe_all(text: &str) {
    let _ = read(text);
    for format in &FORMATS {
        let _ = ((format.recognises)(text), (format.read)(text));
    }
}

fn unknown(text: &str) -> String {
    let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    let looks = match Shape::of(text) {
        Shape::Markup => {
            "it begins like a web page or XML, perhaps an error page that was saved; fetch the list again".into()
        }
        shape => shape.to_string(),
    };
    format!("not a Tor list that is known ({looks}); known are: {}", names.join(", "))
}
