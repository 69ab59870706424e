//! The leading comment block as keys, values and lines, before anything is known of what the values mean.
//!
//! It checks the form of lines and which keys stand there; what a value must look like is decided in `parse`.

use super::error::LineError;
use super::nearest::did_you_mean;

/// Every key, in the order in which a header is best read.
pub(super) const KEYS: [&str; 14] = [
    "id",
    "title",
    "description",
    "severity",
    "status",
    "tables",
    "params",
    "attack",
    "author",
    "category",
    "blind_spots",
    "false_positives",
    "references",
    "fixtures",
];

/// A key with its value, continuation lines joined by one blank.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) key: &'static str,
    pub(super) line: usize,
    pub(super) value: String,
}

/// A file cut in two.
#[derive(Debug)]
pub(super) struct Header<'a> {
    fields: Vec<Field>,
    /// The text from the first line of SQL on, unchanged.
    pub(super) sql: &'a str,
    /// The 1-based line on which it begins.
    pub(super) sql_line: usize,
}

impl<'a> Header<'a> {
    /// Reads the block and finds the SQL. All fourteen keys are there once it succeeds.
    pub(super) fn read(text: &'a str) -> Result<Self, LineError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        refuse_hidden_characters(text)?;
        let mut fields: Vec<Field> = Vec::new();
        let (mut offset, mut line) = (0, 0);
        for raw in text.split_inclusive('\n') {
            let content = raw.trim_end();
            if !content.starts_with("--") {
                break;
            }
            line += 1;
            offset += raw.len();
            read_line(content, line, &mut fields)?;
        }
        if fields.is_empty() {
            return Err(LineError::new(1, "no header: the file must begin with lines such as `-- id: …`"));
        }
        refuse_missing(&fields, line)?;
        let body = text.get(offset..).unwrap_or_default();
        let blank: Vec<&str> = body.split_inclusive('\n').take_while(|raw| raw.trim().is_empty()).collect();
        let sql = body.get(blank.iter().map(|raw| raw.len()).sum()..).unwrap_or_default();
        if sql.is_empty() {
            return Err(LineError::new(line, "no SQL after the header"));
        }
        Ok(Self { fields, sql, sql_line: line + blank.len() + 1 })
    }

    /// The field of a key.
    pub(super) fn field(&self, key: &'static str) -> Result<&Field, LineError> {
        self.fields
            .iter()
            .find(|field| field.key == key)
            .ok_or_else(|| LineError::new(1, format!("the header lacks `{key}`")))
    }
}

fn read_line(content: &str, line: usize, fields: &mut Vec<Field>) -> Result<(), LineError> {
    let malformed = || {
        LineError::new(
            line,
            "a header line is `-- key: value`, its continuation `--   more` (three blanks); a blank line ends the header",
        )
    };
    if let Some(more) = content.strip_prefix("--   ") {
        let field = fields
            .last_mut()
            .ok_or_else(|| LineError::new(line, "a continuation line (`--   …`) with no key above it"))?;
        if !field.value.is_empty() {
            field.value.push(' ');
        }
        field.value.push_str(more.trim());
        return Ok(());
    }
    let (word, value) = content.strip_prefix("-- ").and_then(|rest| rest.split_once(':')).ok_or_else(malformed)?;
    let spaced = value.is_empty() || value.starts_with(' ');
    if !spaced || word.is_empty() || !word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')) {
        return Err(malformed());
    }
    let Some(key) = KEYS.into_iter().find(|key| *key == word) else {
        return Err(LineError::new(line, format!("unknown key `{word}`{}", hint(word))));
    };
    if let Some(first) = fields.iter().find(|field| field.key == key) {
        return Err(LineError::new(
            line,
            format!("`{key}` stands here a second time; the first is on line {}", first.line),
        ));
    }
    fields.push(Field { key, line, value: value.trim().to_owned() });
    Ok(())
}

fn hint(word: &str) -> String {
    let near = did_you_mean(word, KEYS);
    if near.is_empty() { format!("; the keys are {}", KEYS.join(", ")) } else { near }
}

fn refuse_missing(fields: &[Field], last_line: usize) -> Result<(), LineError> {
    let missing: Vec<&str> = KEYS.into_iter().filter(|key| !fields.iter().any(|field| field.key == *key)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(LineError::new(last_line, format!("the header lacks {}; add `-- {}: …`", missing.join(", "), missing[0])))
}

/// A hunt is shown on terminals and read by people: nothing in it may move the cursor or reverse the text.
fn refuse_hidden_characters(text: &str) -> Result<(), LineError> {
    for (index, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if let Some(c) = line.chars().find(|c| is_hidden(*c)) {
            return Err(LineError::new(index + 1, format!("a hidden character (U+{:04X}); delete it", u32::from(c))));
        }
    }
    Ok(())
}

fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
