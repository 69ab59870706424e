//! Taking secrets out of a text.
//!
//! Providers quote what they were sent: the signed query of a URL, the string that was signed, the header that carried a
//! token. Whatever of that reaches a sentence goes through here first. What looks like a secret is masked even where
//! it might be harmless; nothing is ever shown because it was not understood.

const MASK: &str = "***";

/// Names whose value, after `=` or `:`, is a secret.
const KEYS: &[&str] = &[
    "accesskey",
    "access_key",
    "access_token",
    "accountkey",
    "account_key",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "awsaccesskeyid",
    "client_assertion",
    "client_secret",
    "credential",
    "password",
    "refresh_token",
    "sas_token",
    "secretaccesskey",
    "secret_access_key",
    "sharedaccesssignature",
    "sig",
    "signature",
    "token",
    "x-amz-credential",
    "x-amz-security-token",
    "x-amz-signature",
    "x-goog-credential",
    "x-goog-signature",
];

/// Words after which the rest of the line is a secret.
const LINES: &[&str] =
    &["authorization:", "authorization\":", "aws4-hmac-sha256 ", "bearer ", "sharedkey ", "x-identity-header:"];

/// Elements of a provider's answer that quote what was signed.
const ELEMENTS: &[&str] = &[
    "accesskeyid",
    "awsaccesskeyid",
    "canonicalrequest",
    "canonicalrequestbytes",
    "secretaccesskey",
    "sessiontoken",
    "signatureprovided",
    "stringtosign",
    "stringtosignbytes",
    "token-0",
];

/// The text without the secrets in it.
#[must_use]
pub fn redact(text: &str) -> String {
    let mut text = text.to_string();
    for name in ELEMENTS {
        text = masked(&text, &format!("<{name}>"), |_| true, |rest| rest.find('<').unwrap_or(rest.len()));
    }
    for words in LINES {
        let in_words = words.ends_with(' ');
        let begins = |before: Option<char>| !in_words || before.is_none_or(|c| !c.is_alphanumeric());
        text = masked(&text, words, begins, |rest| rest.find(['\r', '\n', '<']).unwrap_or(rest.len()));
    }
    for scheme in ["https://", "http://"] {
        text = without_query(&text, scheme);
    }
    for key in KEYS {
        for sign in ["=", "%3d", "\":\"", "\": \"", ": "] {
            let begins = |before: Option<char>| before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '-');
            text = masked(&text, &format!("{key}{sign}"), begins, |rest| rest.find(is_end).unwrap_or(rest.len()));
        }
    }
    text
}

fn is_end(c: char) -> bool {
    c.is_whitespace() || "&\"'<>;,)`".contains(c)
}

/// Masks what follows each occurrence of `mark` (lower case) as far as `length` says.
fn masked(text: &str, mark: &str, begins: impl Fn(Option<char>) -> bool, length: impl Fn(&str) -> usize) -> String {
    // ASCII case folding keeps every byte where it was.
    let lower = text.to_ascii_lowercase();
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    while let Some(found) = lower.get(at..).and_then(|rest| rest.find(mark)) {
        let start = at + found;
        let value = start + mark.len();
        let rest = text.get(value..).unwrap_or_default();
        out.push_str(text.get(at..value).unwrap_or_default());
        at = value;
        let long = length(rest);
        if long > 0 && begins(text.get(..start).and_then(|before| before.chars().next_back())) {
            out.push_str(MASK);
            at += long;
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// Masks the user part and the query of each web address.
fn without_query(text: &str, scheme: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    while let Some(found) = lower.get(at..).and_then(|rest| rest.find(scheme)) {
        let start = at + found + scheme.len();
        out.push_str(text.get(at..start).unwrap_or_default());
        let rest = text.get(start..).unwrap_or_default();
        let url = rest.get(..rest.find(|c: char| c.is_whitespace() || "\"'<>`)".contains(c)).unwrap_or(rest.len()));
        let url = url.unwrap_or_default();
        at = start + url.len();
        let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
        // A key pasted as a password may hold a slash, so a colon anywhere before an @ counts as one, too.
        let is_user = |user: &str| !user.contains('/') || user.contains(':');
        match path.rsplit_once('@').filter(|(user, _)| is_user(user)) {
            Some((user, _)) => {
                out.push_str(MASK);
                out.push_str(path.get(user.len()..).unwrap_or_default());
            }
            None => out.push_str(path),
        }
        if let Some(query) = query {
            out.push('?');
            // A sentence may end with a URL's question mark.
            out.push_str(if query.is_empty() { "" } else { MASK });
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_form_is_masked_and_the_rest_stays() {
        for (text, want) in [
            (
                "GET https://a.blob.core.windows.net/c/b?sv=2&sig=x%2F in 3ms",
                "GET https://a.blob.core.windows.net/c/b?*** in 3ms",
            ),
            ("https://user:pass@host/a", "https://***@host/a"),
            ("/c/b?comp=list&sig=abc&x=1", "/c/b?comp=list&sig=***&x=1"),
            ("AccountName=a;AccountKey=Zm9v+/==;EndpointSuffix=x", "AccountName=a;AccountKey=***;EndpointSuffix=x"),
            (
                "<Code>SignatureDoesNotMatch</Code><StringToSign>AWS4\nx</StringToSign>",
                "<Code>SignatureDoesNotMatch</Code><StringToSign>***</StringToSign>",
            ),
            ("Authorization: SharedKey a:b=\nnext", "Authorization:***\nnext"),
            ("a design=1 of s3://bucket/a?.parquet", "a design=1 of s3://bucket/a?.parquet"),
            ("is it https://example.org/a?", "is it https://example.org/a?"),
            ("{\"access_token\":\"eyJ\",\"x\":1}", "{\"access_token\":\"***\",\"x\":1}"),
        ] {
            assert_eq!(redact(text), want);
        }
    }

    proptest! {
        #[test]
        fn no_secret_survives(before in "[ -~é]{0,20}", secret in "[A-Za-z0-9+/%]{12,40}", after in "[ &;\"<]?[a-z ]{0,9}", form in 0usize..12) {
            let carried = match form {
                0 => format!("https://h/p?sv=1&sig={secret}&x=1"),
                1 => format!("HTTPS://h/p?X-Amz-Signature={secret}"),
                2 => format!("AccountKey={secret};"),
                3 => format!("SharedAccessSignature={secret}"),
                4 => format!("\nAuthorization: AWS4-HMAC-SHA256 Credential={secret}, Signature={secret}\n"),
                5 => format!(" Bearer {secret}"),
                6 => format!("<SignatureProvided>{secret}</SignatureProvided>"),
                7 => format!(" aws_secret_access_key = {secret}").replace(" = ", "="),
                8 => format!("http://{secret}:{secret}@host/x"),
                9 => format!("&sig%3D{secret}"),
                10 => format!("\"client_secret\": \"{secret}\""),
                _ => format!("?token={secret}"),
            };
            // A word character just before a name makes another name of it, so one that is none stands between.
            let shown = redact(&format!("{before} {carried}{after}"));
            prop_assert!(!shown.contains(&secret), "{}", shown);
            prop_assert_eq!(redact(&shown), shown);
        }

        #[test]
        fn any_text_is_taken(text in "\\PC*") {
            let once = redact(&text);
            prop_assert_eq!(redact(&once), once);
        }
    }
}
