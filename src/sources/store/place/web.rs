//! Web addresses: Azure's and Amazon's are stores, any other is one file.

use url::Url;

use super::super::StoreError;
use super::super::options::StoreOptions;
use super::super::secret::Secret;
use super::{Place, Scheme, azure, keys, refused, s3, shown};

/// `https://host/path?query`.
pub(super) fn named(source: &str, rest: &str, options: &StoreOptions) -> Result<Place, StoreError> {
    let mut url = Url::parse(source).map_err(|error| refused(source, format!("not a URL ({error})")))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused(source, "a user name or password in a URL is not used; take it out".into()));
    }
    if !options.allows(&url) {
        return Err(refused(
            source,
            "http:// would send everything readable over the network; use https://, or set AWS_ALLOW_HTTP=true".into(),
        ));
    }
    url.set_fragment(None);
    let raw = rest.split_once('/').map_or("", |(_, path)| path);
    let raw = raw.split(['?', '#']).next().unwrap_or_default();
    let host = url.host_str().unwrap_or_default();
    if let Some(host) = azure::host(host) {
        return azure_blob(source, raw, &url, host);
    }
    if let Some(host) = s3::host(host)
        && url.query().is_none()
    {
        return amazon(source, raw, &url, host);
    }
    one_file(source, raw, &url)
}

fn azure_blob(source: &str, raw: &str, url: &Url, host: azure::Host) -> Result<Place, StoreError> {
    let secret = match url.query() {
        None | Some("") => None,
        Some(query) if azure::is_sas(url) => Some(Secret::new(query)),
        Some(_) => {
            return Err(refused(source, "the query is no shared access signature; name the blob without it".into()));
        }
    };
    let (container, name) = raw.split_once('/').unwrap_or((raw, ""));
    azure::checked(source, container)?;
    let cut = cut_encoded(source, name)?;
    Ok(Place {
        scheme: Scheme::Azure,
        source: without_query(source),
        root: format!("{}/{container}/", origin(url)),
        encoded: true,
        account: Some(host.account),
        bucket: container.into(),
        endpoint: Some(host.endpoint),
        region: None,
        prefix: cut.prefix,
        pattern: cut.pattern,
        is_folder: cut.is_folder,
        secret,
    })
}

fn amazon(source: &str, raw: &str, url: &Url, host: s3::Host) -> Result<Place, StoreError> {
    let (bucket, name, root) = match host.bucket {
        Some(bucket) => (bucket, raw, format!("{}/", origin(url))),
        None => {
            let (bucket, name) = raw.split_once('/').unwrap_or((raw, ""));
            (bucket.to_string(), name, format!("{}/{bucket}/", origin(url)))
        }
    };
    s3::checked(source, &bucket)?;
    let cut = cut_encoded(source, name)?;
    Ok(Place {
        scheme: Scheme::S3,
        source: without_query(source),
        root,
        encoded: true,
        account: None,
        bucket,
        endpoint: None,
        region: host.region,
        prefix: cut.prefix,
        pattern: cut.pattern,
        is_folder: cut.is_folder,
        secret: None,
    })
}

/// A web server has no listing, so the last part of the path is the object and the rest is the store.
fn one_file(source: &str, raw: &str, url: &Url) -> Result<Place, StoreError> {
    let origin = origin(url);
    let (above, last) = url.path().rsplit_once('/').unwrap_or(("", ""));
    let name = keys::decoded(last).filter(|name| !name.is_empty()).and_then(|name| keys::path(source, &name).ok());
    if raw.contains('*') {
        return Err(refused(
            source,
            "a web server has no listing, so a pattern cannot be followed; name each file".into(),
        ));
    }
    // A last part that is none, or holds an encoded slash, stays in the address, and the object is the address itself.
    let (bucket, prefix) = match name {
        Some(name) if name.parts_count() == 1 => (format!("{origin}{above}"), name),
        _ => (format!("{origin}{}", url.path()), object_store::path::Path::ROOT),
    };
    Ok(Place {
        scheme: Scheme::Web,
        source: without_query(source),
        root: format!("{}/", bucket.trim_end_matches('/')),
        encoded: true,
        account: None,
        bucket,
        endpoint: None,
        region: None,
        prefix,
        pattern: None,
        is_folder: false,
        secret: url.query().filter(|query| !query.is_empty()).map(Secret::new),
    })
}

/// The fixed part is decoded; a pattern is cut off before, so that `%2A` stands for a star.
fn cut_encoded(source: &str, name: &str) -> Result<keys::Cut, StoreError> {
    let cut = keys::cut(source, name)?;
    let broken = || refused(source, "the URL's percent-encoding is not valid UTF-8 text".into());
    let prefix = keys::path(source, &keys::decoded(cut.prefix.as_ref()).ok_or_else(broken)?)?;
    let pattern = cut.pattern.map(|pattern| keys::decoded(&pattern).ok_or_else(broken)).transpose()?;
    Ok(keys::Cut { prefix, pattern, is_folder: cut.is_folder })
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn without_query(source: &str) -> String {
    shown(source.split(['?', '#']).next().unwrap_or(source))
}
