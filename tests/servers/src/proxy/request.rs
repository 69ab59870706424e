//! What the proxy knows of a request: its kind and its object, in S3's dialect or Azure's.

use hyper::http::request::Parts;
use percent_encoding::percent_decode_str;
use serde::Serialize;

/// Kinds of requests, as they are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One page of a listing.
    List,
    /// `HEAD`.
    Head,
    /// `GET` of a whole object.
    Get,
    /// `GET` with a range.
    RangeGet,
    /// `PUT`, and `POST` other than a bulk delete.
    Put,
    /// `DELETE`, and S3's bulk delete.
    Delete,
    /// Anything else.
    Other,
}

/// Whose answers the client expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// S3's XML.
    S3,
    /// Azure Blob's XML and headers.
    Azure,
}

/// A request on its way through the proxy.
#[derive(Debug, Clone)]
pub struct Seen {
    /// What it does.
    pub kind: Kind,
    /// Its decoded path: `/bucket/key`, or `/account/container/blob`.
    pub path: String,
    /// Its query as sent, without the `?`.
    pub query: String,
    /// Its range header as sent, or nothing.
    pub range: String,
    /// Whose client it is.
    pub dialect: Dialect,
}

impl Seen {
    pub(crate) fn of(parts: &Parts) -> Self {
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let range = header("range").or_else(|| header("x-ms-range")).unwrap_or_default().to_owned();
        let sas = has(&query, "sig") && has(&query, "sv");
        let dialect = if sas || parts.headers.contains_key("x-ms-version") { Dialect::Azure } else { Dialect::S3 };
        let path = percent_decode_str(parts.uri.path()).decode_utf8_lossy().into_owned();
        let kind = kind(parts.method.as_str(), &path, &query, !range.is_empty(), dialect);
        Self { kind, path, query, range, dialect }
    }
}

fn kind(method: &str, path: &str, query: &str, ranged: bool, dialect: Dialect) -> Kind {
    let list = match dialect {
        Dialect::Azure => query.split('&').any(|pair| pair == "comp=list"),
        // The bucket itself, unless one of its properties is asked for.
        Dialect::S3 => {
            let bucket = path.trim_matches('/');
            !bucket.is_empty() && !bucket.contains('/') && !has(query, "location") && !has(query, "uploads")
        }
    };
    match method {
        "GET" if list => Kind::List,
        "GET" if ranged => Kind::RangeGet,
        "GET" => Kind::Get,
        "HEAD" => Kind::Head,
        "POST" if has(query, "delete") => Kind::Delete,
        "PUT" | "POST" => Kind::Put,
        "DELETE" => Kind::Delete,
        _ => Kind::Other,
    }
}

/// Whether the query has a key.
fn has(query: &str, key: &str) -> bool {
    query.split('&').any(|pair| pair.split('=').next() == Some(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(method: &str, uri: &str, headers: &[(&str, &str)]) -> Seen {
        let mut request = hyper::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Seen::of(&request.body(()).expect("a request").into_parts().0)
    }

    #[test]
    fn kinds_are_told_apart_in_both_dialects() {
        let azure = [("x-ms-version", "2023-11-03")];
        for (method, uri, headers, kind) in [
            ("GET", "/bucket?list-type=2&prefix=a%2F", &[][..], Kind::List),
            ("GET", "/bucket/?prefix=a", &[], Kind::List),
            ("GET", "/bucket?location", &[], Kind::Get),
            ("GET", "/bucket/a/b", &[], Kind::Get),
            ("GET", "/bucket/a", &[("range", "bytes=0-1")], Kind::RangeGet),
            ("HEAD", "/bucket/a", &[], Kind::Head),
            ("POST", "/bucket?delete", &[], Kind::Delete),
            ("POST", "/bucket/a?uploads", &[], Kind::Put),
            ("GET", "/account/container?restype=container&comp=list", &azure, Kind::List),
            ("GET", "/account/container?comp=list&sv=1&sig=x", &[], Kind::List),
            ("GET", "/account/container/blob", &azure, Kind::Get),
            ("GET", "/account/container/blob?sv=1&sig=x", &[("x-ms-range", "bytes=0-1")], Kind::RangeGet),
        ] {
            assert_eq!(seen(method, uri, headers).kind, kind, "{method} {uri}");
        }
        assert_eq!(seen("GET", "/bucket/a%20b/%C3%BC%25", &[]).path, "/bucket/a b/ü%");
    }
}
