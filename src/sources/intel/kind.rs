//! What an indicator's value is. The value decides; what the feed calls it only helps where the value tells nothing.

use super::tally::{EMAIL, FILE_HASH, NO_DOMAIN, NO_URL, OTHER_KIND};
use crate::model::Prefix;
use crate::model::host;
use crate::model::indicator::Target;
use crate::model::prefix::{PrivateRanges, Refusal};

/// The verdict on one value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Something that may be matched.
    Usable(Target),
    /// Something that may not, or text that is nothing at all.
    Refused(&'static str),
    /// Another kind, by the word that coverage counts it under.
    Other(&'static str),
}

/// What a feed's own word for a value says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Called {
    /// Nothing, or an address: the value tells.
    Open,
    Domain,
    Url,
    Other(&'static str),
}

/// Judges a value. `called` is the feed's own word for it (an IndicatorType, an observable's key), or empty.
pub(super) fn judge(value: &str, called: &str, private: PrivateRanges) -> Kind {
    let refused = match Prefix::parse_listed(value, private) {
        Ok(prefix) => return Kind::Usable(Target::Prefix(prefix)),
        Err(Refusal::Junk) => Refusal::Junk.reason(),
        Err(refusal) => return Kind::Refused(refusal.reason()),
    };
    let domain = || host::domain(value).map(Target::Domain);
    let url = || host::url_key(value).map(Target::Url);
    let (target, refused) = match said_to_be(called) {
        Called::Other(kind) => return Kind::Other(kind),
        Called::Domain => (domain(), NO_DOMAIN),
        Called::Url => (url().or_else(domain), NO_URL),
        Called::Open if value.contains("://") => (url(), NO_URL),
        Called::Open => match looks_like(value) {
            Some(kind) => return Kind::Other(kind),
            // Without its scheme a URL shows by the name before its first slash.
            None if value.trim().contains(char::is_whitespace) => (None, refused),
            None if value.contains('/') => {
                (host::host_of(value).filter(|host| host.contains('.')).and_then(|_| url()), refused)
            }
            None => (domain(), refused),
        },
    };
    target.map_or(Kind::Refused(refused), Kind::Usable)
}

/// Kinds that a value shows without any word.
fn looks_like(value: &str) -> Option<&'static str> {
    let value = value.trim();
    if value.split_once('@').is_some_and(|(user, name)| !user.is_empty() && host::domain(name).is_some()) {
        return Some(EMAIL);
    }
    let is_hash = matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128) && value.bytes().all(|b| b.is_ascii_hexdigit());
    is_hash.then_some(FILE_HASH)
}

fn said_to_be(called: &str) -> Called {
    let called = called.trim().to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| called.contains(word));
    if called.is_empty() || called.starts_with("ip") || says(&["ipv4", "ipv6", "networkip", "cidr", "_ref.value"]) {
        Called::Open
    } else if says(&["mail"]) {
        Called::Other(EMAIL)
    } else if says(&["hash", "md5", "sha1", "sha-1", "sha256", "sha-256", "sha512", "file"]) {
        Called::Other(FILE_HASH)
    } else if says(&["url", "uri"]) {
        Called::Url
    } else if says(&["domain", "host", "fqdn"]) {
        Called::Domain
    } else if matches!(
        called.as_str(),
        "indicator" | "ioc" | "network" | "unknown" | "other" | "observable" | "value" | "address"
    ) {
        Called::Open
    } else {
        Called::Other(OTHER_KIND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(value: &str, called: &str) -> Kind {
        judge(value, called, PrivateRanges::Refuse)
    }

    fn domain(name: &str) -> Kind {
        Kind::Usable(Target::Domain(name.into()))
    }

    #[test]
    fn the_value_decides_what_an_address_is() {
        assert!(matches!(judged("192.0.2.1", "DomainName"), Kind::Usable(Target::Prefix(_))));
        assert!(matches!(judged("2001:db8::/32", "url"), Kind::Usable(Target::Prefix(_))));
        assert_eq!(judged("10.0.0.1", "ip"), Kind::Refused(Refusal::Private.reason()));
        assert_eq!(judged("0.0.0.0/0", ""), Kind::Refused(Refusal::TooWide.reason()));
        for (value, want) in [
            ("http://192.0.2.1/x", Kind::Usable(Target::Url("192.0.2.1/x".into()))),
            ("a@example.org", Kind::Other(EMAIL)),
            ("d41d8cd98f00b204e9800998ecf8427e", Kind::Other(FILE_HASH)),
            ("*.Evil.example.org.", domain("evil.example.org")),
            ("bücher.example", domain("xn--bcher-kva.example")),
            ("evil.example:8080/x", Kind::Usable(Target::Url("evil.example:8080/x".into()))),
            ("evil.example/a b", Kind::Refused(Refusal::Junk.reason())),
            ("192.0.2.1/33", Kind::Refused(Refusal::Junk.reason())),
            ("and/or", Kind::Refused(Refusal::Junk.reason())),
        ] {
            assert_eq!(judged(value, "ip"), want, "{value}");
        }
    }

    #[test]
    fn the_feeds_word_decides_between_names() {
        for (value, called, want) in [
            ("evil.example", "DomainName", domain("evil.example")),
            ("evil.example", "url:value", domain("evil.example")),
            ("evil.example/x", "url", Kind::Usable(Target::Url("evil.example/x".into()))),
            ("invoice.exe", "filename", Kind::Other(FILE_HASH)),
            ("invoice.exe", "file:hashes.'SHA-256'", Kind::Other(FILE_HASH)),
            ("443", "email-message:subject", Kind::Other(EMAIL)),
            ("some.mutex", "mutex:name", Kind::Other(OTHER_KIND)),
            ("443", "network-traffic:dst_port", Kind::Other(OTHER_KIND)),
            ("443", "ipv4-addr:value", Kind::Refused(Refusal::Junk.reason())),
            ("443", "network-traffic:dst_ref.value", Kind::Refused(Refusal::Junk.reason())),
            ("107.183.86", "url", Kind::Refused(NO_URL)),
            ("localhost", "domain", Kind::Refused(NO_DOMAIN)),
        ] {
            assert_eq!(judged(value, called), want, "{value} {called}");
        }
        for broken in ["1.2.3.4:443", "1.2.3.999", "[2001:db8::1]", "", "443"] {
            assert_eq!(judged(broken, ""), Kind::Refused(Refusal::Junk.reason()), "{broken}");
        }
    }
}
