//! Azure's connection strings.
//!
//! A string that is not understood is an error that names the part by its key, never by its value: a key pasted in the
//! wrong place must not end up in a log.

use url::Url;

use super::super::options::is_loopback;
use super::super::secret::Secret;

/// The account of the storage emulator.
pub(super) const EMULATOR_ACCOUNT: &str = "devstoreaccount1";
/// Its key, which Microsoft publishes: the same in every installation, and good for nothing else.
pub(super) const EMULATOR_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
/// Where it listens.
pub(super) const EMULATOR_ENDPOINT: &str = "http://127.0.0.1:10000/devstoreaccount1";

/// What a connection string says about blobs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct ConnectionString {
    pub(in super::super) account: Option<String>,
    pub(super) key: Option<Secret>,
    pub(super) sas: Option<Secret>,
    /// The blob service's address, where it is not the public cloud's.
    pub(super) endpoint: Option<String>,
}

/// The parts of one string before they are put together.
#[derive(Default)]
struct Parts {
    found: ConnectionString,
    protocol: Option<String>,
    suffix: Option<String>,
    proxy: Option<String>,
    is_development: bool,
}

impl ConnectionString {
    /// Reads the string.
    ///
    /// # Errors
    /// What is wrong with which part, as a clause without any value.
    pub(in super::super) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Parts::default();
        let named = text.trim().trim_matches('"').split(';').map(str::trim).enumerate().filter(|(_, p)| !p.is_empty());
        for (at, part) in named {
            let (name, value) =
                part.split_once('=').ok_or_else(|| format!("part {} has no = between a name and a value", at + 1))?;
            parts.take(name.trim(), value.trim(), at + 1)?;
        }
        parts.finish()
    }
}

impl Parts {
    fn take(&mut self, name: &str, value: &str, position: usize) -> Result<(), String> {
        let lower = name.to_ascii_lowercase();
        if value.is_empty() {
            // An empty name of a service that is not asked is no reason to stop.
            return if lower.ends_with("endpoint") {
                Ok(())
            } else {
                Err(format!("{} is empty", spelled(name, position)))
            };
        }
        match lower.as_str() {
            "accountname" => self.found.account = Some(value.into()),
            "accountkey" => self.found.key = Some(Secret::new(value)),
            "sharedaccesssignature" => self.found.sas = Some(Secret::new(value)),
            "blobendpoint" => self.found.endpoint = Some(value.into()),
            "endpointsuffix" => self.suffix = Some(value.into()),
            "defaultendpointsprotocol" => match value.to_ascii_lowercase().as_str() {
                protocol @ ("http" | "https") => self.protocol = Some(protocol.into()),
                _ => return Err("DefaultEndpointsProtocol is neither http nor https".into()),
            },
            "usedevelopmentstorage" => self.is_development = value.eq_ignore_ascii_case("true"),
            "developmentstorageproxyuri" => self.proxy = Some(value.into()),
            other if other.ends_with("endpoint") => {}
            _ => return Err(format!("{} is not known", spelled(name, position))),
        }
        Ok(())
    }

    fn finish(mut self) -> Result<ConnectionString, String> {
        if self.is_development {
            self.found.account.get_or_insert_with(|| EMULATOR_ACCOUNT.into());
            self.found.key.get_or_insert_with(|| Secret::new(EMULATOR_KEY));
            let proxy = self.proxy.map(|proxy| format!("{}:10000/{EMULATOR_ACCOUNT}", proxy.trim_end_matches('/')));
            self.found.endpoint.get_or_insert_with(|| proxy.unwrap_or_else(|| EMULATOR_ENDPOINT.into()));
        }
        if let Some(endpoint) = &self.found.endpoint {
            let url = Url::parse(endpoint).map_err(|_| "BlobEndpoint is not a URL".to_string())?;
            if self.found.account.is_none() {
                self.found.account = account_in(&url);
            }
        }
        let account = self.found.account.as_ref().ok_or("neither AccountName nor BlobEndpoint names an account")?;
        if self.found.endpoint.is_none() && (self.protocol.as_deref() == Some("http") || self.suffix.is_some()) {
            let protocol = self.protocol.as_deref().unwrap_or("https");
            let suffix = self.suffix.as_deref().unwrap_or("core.windows.net");
            self.found.endpoint = Some(format!("{protocol}://{account}.blob.{suffix}"));
        }
        Ok(self.found)
    }
}

/// The account that an address names: its first label, or on this machine and for bare addresses its first part.
fn account_in(url: &Url) -> Option<String> {
    match url.host()? {
        url::Host::Domain(name) if !is_loopback(url) => name.split('.').next().map(str::to_string),
        _ => url.path_segments()?.next().filter(|part| !part.is_empty()).map(str::to_string),
    }
}

/// A part's name, unless it looks like something pasted by mistake.
fn spelled(name: &str, position: usize) -> String {
    if !name.is_empty() && name.len() <= 32 && name.chars().all(|c| c.is_ascii_alphabetic()) {
        format!("its part {name}")
    } else {
        format!("its part {position}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_usual_strings() {
        let read = |text: &str| ConnectionString::parse(text).unwrap();
        let whole =
            read("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=azE9PQ==;EndpointSuffix=core.windows.net");
        assert_eq!(whole.key, Some(Secret::new("azE9PQ==")));
        assert_eq!(whole.endpoint.as_deref(), Some("https://a.blob.core.windows.net"));
        let sas = read(
            "BlobEndpoint=https://b.blob.core.windows.net/;QueueEndpoint=https://q/;SharedAccessSignature=sv=1&sig=x%3D",
        );
        assert_eq!((sas.account.as_deref(), sas.sas), (Some("b"), Some(Secret::new("sv=1&sig=x%3D"))));
        let local = read("UseDevelopmentStorage=true");
        assert_eq!(
            (local.account.as_deref(), local.endpoint.as_deref()),
            (Some(EMULATOR_ACCOUNT), Some(EMULATOR_ENDPOINT))
        );
        let moved = read("AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:4242/two;");
        assert_eq!(moved.account.as_deref(), Some("two"));
        assert_eq!(read("AccountName=a;AccountKey=a2V5").endpoint, None);
    }

    #[test]
    fn a_broken_part_is_named_without_its_value() {
        for (text, want) in [
            ("AccountName=a;s3cr3tkey", "part 2 has no ="),
            ("AccountName=a;Acount=s3cr3t", "its part Acount is not known"),
            ("AccountName=a;s3cr3t+x==", "its part 2 is not known"),
            ("AccountName=a;AccountKey=", "its part AccountKey is empty"),
            ("AccountKey=s3cr3t", "names an account"),
            ("AccountName=a;DefaultEndpointsProtocol=ftp", "neither http nor https"),
            ("AccountName=a;BlobEndpoint=s3cr3t", "not a URL"),
        ] {
            let error = ConnectionString::parse(text).unwrap_err();
            assert!(error.contains(want) && !error.contains("s3cr3t"), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken_and_no_key_shown(text in "\\PC*", key in "[A-Za-z0-9+/]{40}") {
            let read = ConnectionString::parse(&format!("{text};AccountKey={key}"));
            let shown = format!("{read:?}");
            prop_assert!(!shown.contains(&key));
        }
    }
}
