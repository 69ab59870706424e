//! What can be read out of an error: the provider's code, the status, and the kind of failed transport.
//!
//! object_store gives the provider's answer as text inside its error, so text is what is searched.

use std::error::Error as StdError;

use object_store::Error;
use object_store::client::{HttpError, HttpErrorKind};

use super::super::changed::find;

/// What an error says.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// The error and its causes, one per line.
    pub(super) text: String,
    pub(super) status: Option<u16>,
    /// The provider's own code.
    pub(super) code: Option<String>,
    /// What the provider adds to the code.
    pub(super) detail: String,
    pub(super) region: Option<String>,
    pub(super) transport: Option<HttpErrorKind>,
}

impl Facts {
    pub(super) fn of(error: &Error) -> Self {
        let text = chain(error);
        Self {
            status: status(&text),
            code: element(&text, "Code").or_else(|| json(&text, "code")).map(str::to_string),
            detail: ["Message", "AuthenticationErrorDetail", "ExtendedErrorDetail"]
                .iter()
                .filter_map(|name| element(&text, name))
                .collect::<Vec<_>>()
                .join(" "),
            region: element(&text, "Region").map(str::to_string),
            transport: find::<HttpError>(error).map(HttpError::kind),
            text,
        }
    }

    pub(super) fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.text.contains(word))
    }
}

/// The words of an error and of its causes; most quote their cause, some leave it to be asked for.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !text.contains(&words) {
            text.push('\n');
            text.push_str(&words);
        }
        next = cause.source();
    }
    text
}

fn status(text: &str) -> Option<u16> {
    let (_, after) = text.split_once("status code: ")?;
    after.get(..3)?.parse().ok()
}

fn element<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, after) = text.split_once(&format!("<{name}>"))?;
    after.split('<').next().map(str::trim).filter(|value| !value.is_empty())
}

fn json<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, after) = text.split_once(&format!("\"{name}\":\""))?;
    after.split('"').next().filter(|value| !value.is_empty())
}

/// A code or region is shown only if it is a plain word: it comes from a server that may be anybody's.
pub(super) fn plain(word: &str) -> Option<&str> {
    let is_plain = !word.is_empty() && word.len() <= 40 && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    is_plain.then_some(word)
}
