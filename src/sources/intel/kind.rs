//! What an indicator's value is. The value decides; what the feed calls it only helps where the value tells nothing.

use super::tally::{DOMAIN, EMAIL, FILE_HASH, OTHER_KIND, URL};
use crate::model::Prefix;
use crate::model::prefix::{PrivateRanges, Refusal};

/// The verdict on one value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// An address or prefix that may be matched.
    Usable(Prefix),
    /// One that may not, or text that is nothing at all.
    Refused(Refusal),
    /// Another kind, by the word that coverage counts it under.
    Other(&'static str),
}

/// Judges a value. `called` is the feed's own word for it (an IndicatorType, an observable's key), or empty.
pub(super) fn judge(value: &str, called: &str, private: PrivateRanges) -> Kind {
    match Prefix::parse_listed(value, private) {
        Ok(prefix) => Kind::Usable(prefix),
        Err(Refusal::Junk) => {
            looks_like(value).or_else(|| said_to_be(called)).map_or(Kind::Refused(Refusal::Junk), Kind::Other)
        }
        Err(refusal) => Kind::Refused(refusal),
    }
}

fn looks_like(value: &str) -> Option<&'static str> {
    let value = value.trim();
    if value.contains("://") {
        return Some(URL);
    }
    if value.split_once('@').is_some_and(|(user, host)| !user.is_empty() && is_domain(host)) {
        return Some(EMAIL);
    }
    if matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128) && value.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Some(FILE_HASH);
    }
    is_domain(value).then_some(DOMAIN)
}

/// Dotted labels whose last is no number, so that a broken IPv4 address is not called a domain.
fn is_domain(value: &str) -> bool {
    let value = value.strip_prefix("*.").unwrap_or(value);
    let labels: Vec<&str> = value.strip_suffix('.').unwrap_or(value).split('.').collect();
    let is_label =
        |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    labels.len() > 1
        && labels.iter().all(is_label)
        && labels.last().is_some_and(|last| last.starts_with(char::is_alphabetic))
}

/// `None` where the feed says nothing or says that it is an address: then the value is junk.
fn said_to_be(called: &str) -> Option<&'static str> {
    let called = called.trim().to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| called.contains(word));
    if called.is_empty() || called.starts_with("ip") || says(&["ipv4", "ipv6", "networkip", "cidr", "_ref.value"]) {
        None
    } else if says(&["mail"]) {
        Some(EMAIL)
    } else if says(&["hash", "md5", "sha1", "sha-1", "sha256", "sha-256", "sha512", "file"]) {
        Some(FILE_HASH)
    } else if says(&["url", "uri"]) {
        Some(URL)
    } else if says(&["domain", "host", "fqdn"]) {
        Some(DOMAIN)
    } else {
        Some(OTHER_KIND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn other(value: &str, called: &str) -> Kind {
        judge(value, called, PrivateRanges::Refuse)
    }

    #[test]
    fn the_value_decides() {
        assert!(matches!(other("192.0.2.1", "DomainName"), Kind::Usable(_)));
        assert!(matches!(other("2001:db8::/32", "url"), Kind::Usable(_)));
        assert_eq!(other("10.0.0.1", "ip"), Kind::Refused(Refusal::Private));
        for (value, want) in [
            ("http://192.0.2.1/x", URL),
            ("a@example.org", EMAIL),
            ("d41d8cd98f00b204e9800998ecf8427e", FILE_HASH),
            ("*.evil.example.org.", DOMAIN),
            ("bücher.example", DOMAIN),
        ] {
            assert_eq!(other(value, "ip"), Kind::Other(want), "{value}");
        }
    }

    #[test]
    fn the_feeds_word_helps_where_the_value_tells_nothing() {
        for (called, want) in [
            ("DomainName", Kind::Other(DOMAIN)),
            ("url:value", Kind::Other(URL)),
            ("file:hashes.'SHA-256'", Kind::Other(FILE_HASH)),
            ("email-message:subject", Kind::Other(EMAIL)),
            ("mutex:name", Kind::Other(OTHER_KIND)),
            ("network-traffic:dst_port", Kind::Other(OTHER_KIND)),
            ("ipv4-addr:value", Kind::Refused(Refusal::Junk)),
            ("network-traffic:dst_ref.value", Kind::Refused(Refusal::Junk)),
            ("", Kind::Refused(Refusal::Junk)),
        ] {
            assert_eq!(other("443", called), want, "{called}");
        }
        for broken in ["1.2.3.4:443", "1.2.3.999", "[2001:db8::1]", ""] {
            assert_eq!(other(broken, ""), Kind::Refused(Refusal::Junk), "{broken}");
        }
    }
}
