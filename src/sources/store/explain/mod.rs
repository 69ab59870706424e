//! From whatever a provider answered to one sentence with a remedy.
//!
//! The sentence names the URL, what is missing (bucket, permission, time, region) and what to do. Nothing of the answer
//! is quoted but codes, dates and regions, and what is quoted goes through the same filter as everything else.

mod azure;
mod facts;
mod network;
mod s3;

use std::fmt;

use object_store::Error;
use object_store::path::Path;

use self::facts::Facts;
use super::body::WrongLength;
use super::changed::{Changed, find};
use super::identity::NoCredentials;
use super::place::{Place, Scheme};
use super::redact::redact;

/// What was being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Asking which objects there are.
    List,
    /// Asking for an object's size or first bytes.
    Open,
    /// Reading an object.
    Read,
    /// Writing or deleting an object.
    Write,
}

/// What kind of trouble an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The bucket, container or account is not there.
    NoBucket,
    /// The object is not there.
    NoObject,
    /// The credentials may not list.
    ListForbidden,
    /// The credentials may not read.
    ReadForbidden,
    /// The credentials may not write.
    WriteForbidden,
    /// The credentials are wrong.
    BadCredentials,
    /// The credentials are no longer valid, or not yet.
    ExpiredToken,
    /// This machine's clock is wrong.
    ClockSkew,
    /// Nobody answers.
    Unreachable,
    /// Nobody answers in time.
    Timeout,
    /// The store asks for fewer requests.
    Throttled,
    /// The bucket is in another region.
    WrongRegion,
    /// The object is another one than before.
    Changed,
    /// There are no credentials.
    NoCredentials,
    /// Anything else.
    Other,
}

/// An error, explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// One sentence, lower case, with the URL and the remedy.
    pub sentence: String,
    /// What kind of trouble it is.
    pub kind: Trouble,
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

/// What is said after the URL.
type Said = (Trouble, String);

/// Explains an error of a store.
#[must_use]
pub fn explain(error: &Error, place: &Place, doing: Doing) -> Explained {
    let facts = Facts::of(error);
    let (kind, said) = ours(error)
        .or_else(|| match place.scheme() {
            Scheme::S3 | Scheme::Gs => s3::said(&facts, place, doing),
            Scheme::Azure => azure::said(&facts, place, doing),
            Scheme::Web => None,
        })
        .or_else(|| network::said(&facts))
        .or_else(|| by_status(error, &facts, place, doing))
        .unwrap_or_else(|| (Trouble::Other, other(error)));
    Explained { sentence: redact(&format!("{}: {said}", subject(error, place))), kind }
}

/// The object if the error names one, else the source as typed.
fn subject(error: &Error, place: &Place) -> String {
    let path = match error {
        Error::NotFound { path, .. }
        | Error::Precondition { path, .. }
        | Error::PermissionDenied { path, .. }
        | Error::AlreadyExists { path, .. }
        | Error::Unauthenticated { path, .. } => path.as_str(),
        _ => "",
    };
    match Path::parse(path) {
        Ok(object) if !object.is_root() => place.display(&object),
        _ => place.source().to_string(),
    }
}

/// Errors that were made here.
fn ours(error: &Error) -> Option<Said> {
    if let Some(none) = find::<NoCredentials>(error) {
        return Some((Trouble::NoCredentials, none.advice.into()));
    }
    if let Some(Changed { detail, .. }) = Changed::find(error) {
        let said = format!("the object changed while it was read ({detail}); run again when nothing writes to it");
        return Some((Trouble::Changed, said));
    }
    let WrongLength { detail, .. } = find::<WrongLength>(error)?;
    Some((Trouble::Other, format!("{detail}; the connection or a proxy cuts answers, so try again")))
}

fn by_status(error: &Error, facts: &Facts, place: &Place, doing: Doing) -> Option<Said> {
    let what = if place.scheme() == Scheme::Web { "file" } else { "object" };
    let status = match (facts.status, error) {
        (Some(status), _) => status,
        (None, Error::NotFound { .. }) => 404,
        (None, Error::Precondition { .. }) => 412,
        (None, Error::PermissionDenied { .. }) => 403,
        (None, Error::Unauthenticated { .. }) => 401,
        _ => return None,
    };
    Some(match status {
        404 | 410 if doing == Doing::List => {
            (Trouble::NoBucket, "there is nothing at this address; check the name".into())
        }
        404 | 410 => (Trouble::NoObject, format!("there is no such {what} (any more); check the name")),
        401 => (Trouble::NoCredentials, "the server wants credentials that it was not given".into()),
        403 if place.scheme() == Scheme::Web => {
            (Trouble::ReadForbidden, "the server refuses it (403); a signed URL may have expired".into())
        }
        403 => (forbidden(doing), "the store refuses this (403); check what the credentials may do".into()),
        412 => (Trouble::Changed, "the object changed while it was read; run again when nothing writes to it".into()),
        416 => (Trouble::Changed, "the object is shorter than before; run again when nothing writes to it".into()),
        429 | 503 => throttled(),
        500..=599 => {
            (Trouble::Other, format!("the server fails (status {status}), also after retries; try again later"))
        }
        _ => return None,
    })
}

/// The last resort: the error's own words, cut to one line.
fn other(error: &Error) -> String {
    if let Error::InvalidPath { .. } = error {
        return "the listing holds a name with an empty part (//), a part . or .., or a control character, which cannot \
                be read; name a prefix that has none"
            .into();
    }
    if let Error::NotImplemented { .. } = error {
        return "the store cannot do this".into();
    }
    let text = error.to_string();
    if text.contains("Range request not supported") {
        return "the server does not send parts of a file; fetch it and name the local file".into();
    }
    if text.contains("Content-Length Header missing") {
        return "the server does not say how long the file is; fetch it and name the local file".into();
    }
    let line: String = redact(&text).split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(300).collect();
    format!("the store cannot be read ({short})")
}

fn forbidden(doing: Doing) -> Trouble {
    match doing {
        Doing::List => Trouble::ListForbidden,
        Doing::Open | Doing::Read => Trouble::ReadForbidden,
        Doing::Write => Trouble::WriteForbidden,
    }
}

fn throttled() -> Said {
    let said =
        "the store asks for fewer requests, also after retries; use fewer --threads, more --retries, or try later";
    (Trouble::Throttled, said.into())
}

#[cfg(test)]
mod tests;
