//! Host names and URLs in one spelling, so that a feed's and an event's can be compared.
//!
//! A host is compared in small ASCII letters (IDNA), without a final dot. A URL is compared without its scheme, user and
//! fragment, with the scheme's own port left out: an event that says only the host cannot be compared with a URL.

use std::borrow::Cow;

use url::{Host, Url};

/// Longest name that DNS allows, in bytes.
const NAME_BYTES_MAX: usize = 253;
/// Longest label, in bytes.
const LABEL_BYTES_MAX: usize = 63;

/// A domain name in its compared spelling. `*.` at the start is dropped, since a domain stands for its subdomains too.
/// `None` for what is no name of at least two labels, and for addresses.
#[must_use]
pub fn domain(text: &str) -> Option<String> {
    let text = text.trim();
    let name = ascii_name(text.strip_prefix("*.").unwrap_or(text))?;
    name.contains('.').then_some(name)
}

/// Whether [`domain`] gives a name back as it is.
#[must_use]
pub fn is_domain(name: &str) -> bool {
    match is_small_name(name) {
        true => name.contains('.'),
        false => domain(name).is_some_and(|known| known == name),
    }
}

/// The host of an event's `RemoteUrl`, which is a bare name or a URL with or without its scheme. `None` when there is
/// none, or when it is an address: those stand in RemoteIP.
#[must_use]
pub fn host_of(text: &str) -> Option<String> {
    let text = text.trim();
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    ascii_name(host.split_once(':').map_or(host, |(name, _)| name))
}

/// A URL in its compared spelling: `host[:port]/path?query`. `None` without a path, for other schemes than http, https
/// and ftp, and for what is no URL. A missing scheme counts as http.
#[must_use]
pub fn url_key(text: &str) -> Option<String> {
    let text = text.trim();
    let has_scheme = text.contains("://");
    if !has_scheme && !text.contains('/') {
        return None;
    }
    let whole: Cow<'_, str> = if has_scheme { Cow::Borrowed(text) } else { Cow::Owned(format!("http://{text}")) };
    let url = Url::parse(&whole).ok()?;
    if !matches!(url.scheme(), "http" | "https" | "ftp") {
        return None;
    }
    let mut key = url.host_str()?.trim_end_matches('.').to_owned();
    if let Some(port) = url.port() {
        key.push_str(&format!(":{port}"));
    }
    key.push_str(url.path());
    if let Some(query) = url.query() {
        key.push('?');
        key.push_str(query);
    }
    Some(key)
}

/// The name itself, then every name above it that has at least two labels.
pub fn with_parents(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| {
        name.split_once('.').map(|(_, above)| above).filter(|above| above.contains('.'))
    })
}

fn ascii_name(text: &str) -> Option<String> {
    let text = text.strip_suffix('.').unwrap_or(text);
    if is_small_name(text) {
        return Some(text.to_owned());
    }
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    let name = if plain {
        text.to_ascii_lowercase()
    } else {
        // Escapes have no place in a name; the URL parser would undo them.
        match Host::parse(text).ok().filter(|_| !text.contains('%'))? {
            Host::Domain(name) => name,
            Host::Ipv4(_) | Host::Ipv6(_) => return None,
        }
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_name = name.len() <= NAME_BYTES_MAX
        && name.split('.').all(|label| !label.is_empty() && label.len() <= LABEL_BYTES_MAX)
        && last.starts_with(|c: char| c.is_ascii_alphabetic());
    is_name.then_some(name)
}

/// Whether a text is a name in small letters, digits, hyphens and underscores, as most are: told in one look at each byte.
fn is_small_name(text: &str) -> bool {
    let (mut length, mut first) = (0, 0);
    for byte in text.bytes() {
        match byte {
            b'.' if (1..=LABEL_BYTES_MAX).contains(&length) => length = 0,
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => {
                first = if length == 0 { byte } else { first };
                length += 1;
            }
            _ => return false,
        }
    }
    (1..=LABEL_BYTES_MAX).contains(&length) && first.is_ascii_alphabetic() && text.len() <= NAME_BYTES_MAX
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_domain_is_what_stays_as_it_is(
            name in prop_oneof!["[a-z0-9A-Z_.*!-]{0,12}", "[a-z]{61,65}\\.[a-z]{1,3}", "([a-z0-9]{50}\\.){4,5}[a-z]{1,49}"],
        ) {
            prop_assert_eq!(is_domain(&name), domain(&name).as_deref() == Some(name.as_str()));
            // The way of all other names: capitals are never small.
            let other = ascii_name(&name.to_ascii_uppercase()).filter(|_| !name.is_empty());
            prop_assert_eq!(other, ascii_name(&name).map(|name| name.to_ascii_lowercase()));
        }
    }

    #[test]
    fn names_have_one_spelling() {
        for (text, want) in [
            ("Evil.Example.ORG.", Some("evil.example.org")),
            ("*.evil.example", Some("evil.example")),
            ("bücher.example", Some("xn--bcher-kva.example")),
            ("_dmarc.example.org", Some("_dmarc.example.org")),
            ("localhost", None),
            ("192.0.2.1", None),
            ("a..b", None),
            ("", None),
            ("x y.example", None),
        ] {
            assert_eq!(domain(text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn an_events_host_is_found_in_every_form() {
        for (text, want) in [
            ("evil.example", Some("evil.example")),
            ("https://Evil.example:8443/x?y#z", Some("evil.example")),
            ("evil.example/path", Some("evil.example")),
            ("http://user@evil.example", Some("evil.example")),
            ("intranet", Some("intranet")),
            ("https://192.0.2.1/x", None),
            ("[2001:db8::1]:443", None),
            ("", None),
        ] {
            assert_eq!(host_of(text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn a_url_is_compared_with_its_path() {
        for (text, want) in [
            ("http://Evil.example/a/../B?x=1#f", Some("evil.example/B?x=1")),
            ("https://evil.example:443", Some("evil.example/")),
            ("evil.example/x", Some("evil.example/x")),
            ("http://evil.example:8080/", Some("evil.example:8080/")),
            ("evil.example", None),
            ("107.183.86", None),
            ("mailto:x@evil.example", None),
        ] {
            assert_eq!(url_key(text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn parents_stop_before_the_last_label() {
        assert_eq!(
            with_parents("a.b.example.org").collect::<Vec<_>>(),
            ["a.b.example.org", "b.example.org", "example.org"]
        );
        assert_eq!(with_parents("localhost").collect::<Vec<_>>(), ["localhost"]);
    }
}
