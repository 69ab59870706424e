//! How people write values in lists and tables: made harmless, so that nobody follows them, or with a port behind them.
//!
//! Only for what people keep; a platform's own exports say what they mean, and nothing of them is rewritten.

use std::borrow::Cow;

use crate::model::host;
use crate::model::{Address, Prefix};

/// What is written for a dot, a colon or a slash.
const HARMLESS: [(&str, &str); 9] = [
    ("[.]", "."),
    ("(.)", "."),
    ("{.}", "."),
    ("[dot]", "."),
    ("(dot)", "."),
    ("[://]", "://"),
    ("[:]", ":"),
    ("[/]", "/"),
    ("[@]", "@"),
];

/// `hxxps://evil[.]example` as it was.
pub(super) fn refanged(value: &str) -> Cow<'_, str> {
    let is_hxxp = |text: &str| text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("hxxp"));
    if !value.contains(['[', '(', '{']) && !is_hxxp(value) {
        return Cow::Borrowed(value);
    }
    let mut text = value.to_owned();
    for (harmless, was) in HARMLESS {
        text = text.replace(harmless, was);
    }
    match text.get(4..).filter(|_| is_hxxp(&text)) {
        Some(rest) => Cow::Owned(format!("http{rest}")),
        None => Cow::Owned(text),
    }
}

/// `192.0.2.1:443`, `[2001:db8::1]:443` and `evil.example:443` in their two parts; anything else as it is.
pub(super) fn without_port(value: &str) -> (&str, Option<u16>) {
    let parts = || {
        let (host, port) = value.trim().rsplit_once(':')?;
        let port = Some(port).filter(|port| port.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
        let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_host = match bracketed {
            Some(host) => host.contains(':') && Address::parse(host).is_some(),
            // An address with colons is one without brackets, and no port stands behind it.
            None => !host.contains([':', '/']) && (Prefix::parse(host).is_ok() || host::domain(host).is_some()),
        };
        is_host.then_some((bracketed.unwrap_or(host), Some(port)))
    };
    parts().unwrap_or((value, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_spellings_are_undone() {
        for (value, want) in [
            ("hxxp://evil[.]example/a", "http://evil.example/a"),
            ("HXXPS[://]evil(dot)example", "httpS://evil.example"),
            ("1.2.3[.]4", "1.2.3.4"),
            ("evil{.}example", "evil.example"),
            ("2001:db8[:]:1", "2001:db8::1"),
            ("https://evil.example/x[1]", "https://evil.example/x[1]"),
            ("évil", "évil"),
            ("", ""),
        ] {
            assert_eq!(refanged(value), want);
        }
    }

    #[test]
    fn a_port_is_taken_off_what_can_have_one() {
        for (value, want) in [
            ("192.0.2.1:443", ("192.0.2.1", Some(443))),
            ("[2001:db8::1]:8443", ("2001:db8::1", Some(8443))),
            ("evil.example:80", ("evil.example", Some(80))),
            ("2001:db8::443", ("2001:db8::443", None)),
            ("192.0.2.1:99999", ("192.0.2.1:99999", None)),
            ("192.0.2.1:", ("192.0.2.1:", None)),
            ("192.0.2.1:+1", ("192.0.2.1:+1", None)),
            ("http://evil.example:80", ("http://evil.example:80", None)),
            ("evil.example:80/x", ("evil.example:80/x", None)),
            ("[192.0.2.1]:80", ("[192.0.2.1]:80", None)),
            ("localhost:80", ("localhost:80", None)),
        ] {
            assert_eq!(without_port(value), want);
        }
    }
}
