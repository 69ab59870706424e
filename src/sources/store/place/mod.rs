//! Where a source lies: its store, and the prefix or pattern inside it.
//!
//! A name is what the user typed: in `s3://` and `az://` a space, `%`, `=` or a letter outside ASCII stands for itself,
//! and only behind `https://` is percent-encoding undone. A signed query is kept apart from everything that is shown.
//! Nothing here asks a store anything.

mod azure;
mod keys;
mod s3;
mod web;

use std::fmt;

use object_store::path::Path;

use super::StoreError;
use super::options::StoreOptions;
use super::redact::redact;
use super::secret::Secret;

pub(in crate::sources) use keys::decoded as percent_decoded;

/// The kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scheme {
    /// Amazon S3 and what speaks its protocol.
    S3,
    /// Azure Blob Storage and Data Lake.
    Azure,
    /// Google Cloud Storage.
    Gs,
    /// One file of a web server.
    Web,
}

/// A source in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub(super) scheme: Scheme,
    /// As typed, without its query.
    pub(super) source: String,
    /// How the names in this bucket begin when a user types them; ends with `/`.
    pub(super) root: String,
    /// Whether names behind `root` are percent-encoded.
    pub(super) encoded: bool,
    pub(super) account: Option<String>,
    /// The bucket or container; for a web server the address above the file.
    pub(super) bucket: String,
    /// The store's address where the URL itself gives it.
    pub(super) endpoint: Option<String>,
    pub(super) region: Option<String>,
    pub(super) prefix: Path,
    /// What follows the prefix, if that is a pattern.
    pub(super) pattern: Option<String>,
    /// Whether the name ended with `/`, so that no object can be meant.
    pub(super) is_folder: bool,
    /// The query that the URL was signed with.
    pub(super) secret: Option<Secret>,
}

impl Place {
    /// Reads a source. Local paths and `file://` are none of this room's: `None`.
    ///
    /// # Errors
    /// The scheme is not one that is read, or the URL names no bucket or no usable key.
    pub fn parse(source: &str, options: &StoreOptions) -> Result<Option<Self>, StoreError> {
        let Some((scheme, rest)) = source.split_once("://") else { return Ok(None) };
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c));
        if !is_scheme {
            return Ok(None);
        }
        match scheme.to_ascii_lowercase().as_str() {
            "file" => Ok(None),
            "s3" | "s3a" | "s3n" => s3::named(source, scheme, rest).map(Some),
            "az" | "azure" | "abfs" | "abfss" | "adl" | "wasb" | "wasbs" => {
                azure::named(source, scheme, rest, options).map(Some)
            }
            "gs" | "gcs" => google(source, scheme, rest).map(Some),
            "http" | "https" => web::named(source, rest, options).map(Some),
            other => Err(refused(
                source,
                format!("{other}:// is not read; use a local path, s3://, az://, abfss:// or https://"),
            )),
        }
    }

    /// The kind of store.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// As typed, without its query.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The storage account, for Azure.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The bucket or container; for a web server the address above the file.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The fixed part of the name.
    #[must_use]
    pub fn prefix(&self) -> &Path {
        &self.prefix
    }

    /// What follows the prefix, if that is a pattern.
    #[must_use]
    pub fn pattern(&self) -> Option<&str> {
        self.pattern.as_deref()
    }

    /// The place that the same text names when its `*`, `?`, `[` and `{` stand for themselves; `None` if it has none.
    #[must_use]
    pub fn literal(&self) -> Option<Self> {
        let pattern = self.pattern.as_deref()?;
        let whole = match self.prefix.as_ref() {
            "" => pattern.to_string(),
            prefix => format!("{prefix}/{pattern}"),
        };
        Some(Self { prefix: Path::parse(whole).ok()?, pattern: None, ..self.clone() })
    }

    /// A name for the store of this place that is the same for two places exactly if they share a bucket, and that
    /// holds no secret: `s3://bucket`, `az://account/container`, `https://host/folder`.
    #[must_use]
    pub fn store_name(&self) -> String {
        match (self.scheme, &self.account) {
            (Scheme::S3, _) => format!("s3://{}", self.bucket),
            (Scheme::Gs, _) => format!("gs://{}", self.bucket),
            (Scheme::Azure, account) => format!("az://{}/{}", account.as_deref().unwrap_or_default(), self.bucket),
            (Scheme::Web, _) => self.bucket.trim_end_matches('/').to_string(),
        }
    }

    /// An object of this store as a user would type it.
    #[must_use]
    pub fn display(&self, object: &Path) -> String {
        if self.scheme == Scheme::Web && object == &self.prefix {
            return self.source.clone();
        }
        let name = if self.encoded { keys::encoded(object.as_ref()) } else { object.as_ref().to_string() };
        format!("{}{name}", self.root)
    }

    /// An object's path below the prefix, with `/` between its parts; its last part if it is the prefix itself.
    #[must_use]
    pub fn relative<'a>(&self, object: &'a Path) -> &'a str {
        let (name, prefix) = (object.as_ref(), self.prefix.as_ref());
        if name == prefix {
            return object.filename().unwrap_or_default();
        }
        let below = if prefix.is_empty() { Some(name) } else { name.strip_prefix(prefix) };
        below.map_or(name, |below| below.strip_prefix('/').unwrap_or(below))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

fn google(source: &str, scheme: &str, rest: &str) -> Result<Place, StoreError> {
    if !cfg!(feature = "gs") {
        return Err(refused(
            source,
            "this build does not read Google Cloud Storage; build it with the cargo feature gs, or copy the files"
                .into(),
        ));
    }
    Ok(Place { scheme: Scheme::Gs, ..s3::named(source, scheme, rest)? })
}

fn refused(source: &str, reason: String) -> StoreError {
    StoreError::Url { url: shown(source), reason }
}

/// The source without what may be a signed query.
fn shown(source: &str) -> String {
    redact(source)
}

#[cfg(test)]
mod tests;
