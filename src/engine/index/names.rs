//! Under which names a RemoteUrl stands in an index, so that domain and URL indicators are both found by their host.
//!
//! A URL on an address has no name for domain indicators, but a URL indicator may name it, port and path included; so its
//! host stands in the index as the URL's key spells it.

use crate::model::host;

/// The names of a RemoteUrl's text: the host that domains are compared with, and the host of the key that URLs are compared
/// by where it differs.
#[must_use]
pub fn names_of_url(text: &str) -> Vec<String> {
    let mut names: Vec<String> = host::host_of(text).into_iter().collect();
    if let Some(key) = host::url_key(text) {
        let of_key = host_of_url_key(&key);
        if !names.iter().any(|name| name == of_key) {
            names.push(of_key.to_owned());
        }
    }
    names
}

/// The host of a [`url_key`](host::url_key), without port and path: the name under which events with this key stand.
#[must_use]
pub fn host_of_url_key(key: &str) -> &str {
    // An IPv6 host has brackets around its colons.
    let from = if key.starts_with('[') { key.find(']').unwrap_or(0) } else { 0 };
    let end = key.get(from..).and_then(|rest| rest.find([':', '/', '?'])).map_or(key.len(), |at| from + at);
    key.get(..end).unwrap_or(key).trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_url_stands_under_its_host() {
        for (text, want) in [
            ("https://Evil.example:8443/x?y", vec!["evil.example"]),
            ("evil.example", vec!["evil.example"]),
            ("http://192.0.2.1:8080/x", vec!["192.0.2.1"]),
            ("https://[2001:db8::1]:8443/a]b", vec!["[2001:db8::1]"]),
            ("intranet", vec!["intranet"]),
            ("http://a.example/]:x", vec!["a.example"]),
            ("-", vec![]),
        ] {
            assert_eq!(names_of_url(text), want, "{text}");
        }
    }

    proptest! {
        /// Whatever equals a URL indicator's key stands under the key's host, and whatever has a host under it.
        #[test]
        fn every_key_is_found_by_its_host(text in "(https?://)?([a-c]{1,3}@)?(Ab\\.example\\.?|192\\.0\\.2\\.1|\\[::1\\]|b\u{fc}\\.example|a%41|localhost)(:[0-9]{1,4})?(/[a-c\\]:?]{0,4})?") {
            let names = names_of_url(&text);
            if let Some(key) = host::url_key(&text) {
                prop_assert!(names.iter().any(|name| name == host_of_url_key(&key)), "{} {:?}", key, names);
            }
            if let Some(host) = host::host_of(&text) {
                prop_assert!(names.contains(&host));
            }
        }
    }
}
