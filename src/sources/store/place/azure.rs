//! Containers by name, with the account in the URL or in the options.

use url::Url;

use super::super::StoreError;
use super::super::azure::ConnectionString;
use super::super::options::StoreOptions;
use super::{Place, Scheme, keys, refused};

/// What an Azure host name says.
pub(super) struct Host {
    pub(super) account: String,
    /// Of the blob service, for Data Lake names too.
    pub(super) endpoint: String,
}

/// Reads `account.blob.core.windows.net`, its Data Lake twin, and those of other clouds.
pub(super) fn host(host: &str) -> Option<Host> {
    let host = host.to_ascii_lowercase();
    let (account, service) = host.split_once('.')?;
    let cloud = match service.split_once('.')? {
        ("blob" | "dfs", cloud) => cloud,
        // Accounts with a DNS zone: account.z01.blob.storage.azure.net.
        (zone, rest) if zone.starts_with('z') && rest.ends_with(".storage.azure.net") => {
            let cloud = rest.strip_prefix("blob.").or_else(|| rest.strip_prefix("dfs."))?;
            return Some(Host { account: account.into(), endpoint: format!("https://{account}.{zone}.blob.{cloud}") });
        }
        _ => return None,
    };
    let known = ["core.windows.net", "core.chinacloudapi.cn", "core.usgovcloudapi.net", "fabric.microsoft.com"];
    known
        .contains(&cloud)
        .then(|| Host { account: account.into(), endpoint: format!("https://{account}.blob.{cloud}") })
}

/// The account of a URL that names none.
fn account_of(options: &StoreOptions) -> Option<String> {
    let named = options.first(&["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT"]).map(str::to_string);
    let connected = || {
        let text = options.first(&["AZURE_STORAGE_CONNECTION_STRING"])?;
        ConnectionString::parse(text).ok()?.account
    };
    // As in Microsoft's own tools, a connection string says more than the single variables.
    connected().or(named)
}

/// `az://container/name`, `abfss://container@account.dfs.core.windows.net/name` and their relatives.
pub(super) fn named(source: &str, scheme: &str, rest: &str, options: &StoreOptions) -> Result<Place, StoreError> {
    let (authority, name) = rest.split_once('/').unwrap_or((rest, ""));
    let (container, at, name) = match authority.split_once('@') {
        Some((container, at)) => (container, Some(at), name),
        None if host(authority).is_some() => {
            let (container, name) = name.split_once('/').unwrap_or((name, ""));
            (container, Some(authority), name)
        }
        None => (authority, None, name),
    };
    let at = at.map(|at| host(at).ok_or(at)).transpose().map_err(|at| {
        refused(source, format!("{at} is not the address of a storage account, such as name.dfs.core.windows.net"))
    })?;
    checked(source, container)?;
    let cut = keys::cut(source, name)?;
    let account = at.as_ref().map(|at| at.account.clone()).or_else(|| account_of(options));
    let root_length = source.len() - name.len();
    let root = source.get(..root_length).unwrap_or(source).trim_end_matches('/');
    Ok(Place {
        scheme: Scheme::Azure,
        source: source.into(),
        root: if root.ends_with(':') { format!("{scheme}://{authority}/") } else { format!("{root}/") },
        encoded: false,
        account,
        bucket: container.into(),
        endpoint: at.map(|at| at.endpoint),
        region: None,
        prefix: cut.prefix,
        pattern: cut.pattern,
        is_folder: cut.is_folder,
        secret: None,
    })
}

/// Whether a query is a shared access signature.
pub(super) fn is_sas(url: &Url) -> bool {
    url.query_pairs().any(|(key, _)| key.eq_ignore_ascii_case("sig"))
}

/// Refuses what cannot be a container's name before anything is asked.
pub(super) fn checked(source: &str, container: &str) -> Result<(), StoreError> {
    if container.is_empty() {
        return Err(refused(source, "no container is named; write az://container/prefix".into()));
    }
    if keys::is_pattern(container) {
        return Err(refused(source, "a pattern cannot stand for the container; name the container".into()));
    }
    if !container.chars().all(|c| c.is_ascii_alphanumeric() || "-_$".contains(c)) {
        return Err(refused(source, "not a container's name (letters, digits, -)".into()));
    }
    Ok(())
}
