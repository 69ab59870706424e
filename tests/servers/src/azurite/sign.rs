//! Azure Storage's signatures: Shared Key for requests, and shared access signatures of a container.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;

/// The version of the service that requests and signatures name.
pub(crate) const VERSION: &str = "2022-11-02";

/// What stands for itself in a path.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// What stands for itself in a value of a query.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A path as it is sent and signed.
pub(crate) fn encode_path(path: &str) -> String {
    utf8_percent_encode(path, PATH).to_string()
}

/// The base64 HMAC-SHA256 of `text` under a base64 key; nothing when the key is none.
fn mac(key: &str, text: &str) -> Option<String> {
    let key = STANDARD.decode(key).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(text.as_bytes());
    Some(STANDARD.encode(mac.finalize().into_bytes()))
}

/// A request as far as its signature goes.
pub(crate) struct Unsigned<'a> {
    pub(crate) method: &'a str,
    /// Encoded, without the query.
    pub(crate) path: &'a str,
    /// Lower-case keys, sorted.
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) body_bytes: usize,
    /// `x-ms-` headers, lower case, sorted.
    pub(crate) headers: &'a [(&'a str, String)],
}

/// The value of `Authorization`.
pub(crate) fn shared_key(account: &str, key: &str, request: &Unsigned<'_>) -> Option<String> {
    let length = if request.body_bytes == 0 { String::new() } else { request.body_bytes.to_string() };
    // Encoding, language, length, MD5, type, date, four conditions, range.
    let mut text = format!("{}\n\n\n{length}\n\n\n\n\n\n\n\n\n", request.method);
    for (name, value) in request.headers {
        text.push_str(&format!("{name}:{value}\n"));
    }
    text.push_str(&format!("/{account}{}", request.path));
    for (name, value) in request.query {
        text.push_str(&format!("\n{name}:{value}"));
    }
    Some(format!("SharedKey {account}:{}", mac(key, &text)?))
}

/// The query of a service SAS for a container: `permissions` such as `rl` in Azure's order (`racwdl`), `expiry` in UTC as
/// `2030-01-31T00:00:00Z`.
pub(crate) fn container_sas(
    account: &str,
    key: &str,
    container: &str,
    permissions: &str,
    expiry: &str,
) -> Option<String> {
    // After the version: resource, snapshot, encryption scope, five headers of answers.
    let text = format!("{permissions}\n\n{expiry}\n/blob/{account}/{container}\n\n\n\n{VERSION}\nc\n\n\n\n\n\n\n");
    let signature = mac(key, &text)?;
    let value = |raw: &str| utf8_percent_encode(raw, VALUE).to_string();
    Some(format!("sv={VERSION}&sr=c&sp={permissions}&se={}&sig={}", value(expiry), value(&signature)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mac_is_that_of_rfc_4231() {
        let key = STANDARD.encode("Jefe");
        let mac = STANDARD.decode(mac(&key, "what do ya want for nothing?").expect("a mac")).expect("base64");
        assert_eq!(mac[..8], [0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e]);
    }

    #[test]
    fn a_signature_keeps_no_reserved_characters() {
        let sas = container_sas("a", "a2V5", "c", "rl", "2030-01-31T00:00:00Z").expect("a signature");
        assert!(sas.starts_with("sv=2022-11-02&sr=c&sp=rl&se=2030-01-31T00%3A00%3A00Z&sig="), "{sas}");
        assert!(sas.ends_with("%3D"), "{sas}");
        assert!(container_sas("a", "no base64!", "c", "rl", "").is_none());
    }
}
