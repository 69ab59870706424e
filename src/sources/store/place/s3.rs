//! Buckets by name, and the two web addresses of Amazon's.

use super::super::StoreError;
use super::{Place, Scheme, keys, refused};

/// `s3://bucket/name`.
pub(super) fn named(source: &str, scheme: &str, rest: &str) -> Result<Place, StoreError> {
    let (bucket, name) = rest.split_once('/').unwrap_or((rest, ""));
    checked(source, bucket)?;
    let cut = keys::cut(source, name)?;
    Ok(Place {
        scheme: Scheme::S3,
        source: source.into(),
        root: format!("{scheme}://{bucket}/"),
        encoded: false,
        account: None,
        bucket: bucket.into(),
        endpoint: None,
        region: None,
        prefix: cut.prefix,
        pattern: cut.pattern,
        is_folder: cut.is_folder,
        secret: None,
    })
}

/// What an Amazon host name says.
pub(super) struct Host {
    /// In front of `s3`, for the newer kind of address.
    pub(super) bucket: Option<String>,
    pub(super) region: Option<String>,
}

/// Reads `bucket.s3.region.amazonaws.com` and `s3.region.amazonaws.com`, with the older spellings.
pub(super) fn host(host: &str) -> Option<Host> {
    let host = host.to_ascii_lowercase();
    let service = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
    let labels: Vec<&str> = service.split('.').collect();
    // A bucket's name may hold dots and even a label `s3`, so the last one counts.
    let at = labels.iter().rposition(|label| *label == "s3" || label.starts_with("s3-"))?;
    let (before, after) = labels.split_at(at);
    let (label, after) = after.split_first()?;
    let region = match (label.strip_prefix("s3-"), after) {
        (Some("accelerate" | "website" | "control" | "accesspoint" | "outposts"), _) => return None,
        (Some(region), []) => Some(region),
        (None, []) => None,
        (None, ["dualstack", region] | [region]) => Some(*region),
        _ => return None,
    };
    let region = region.filter(|region| *region != "external-1").map(str::to_string);
    Some(Host { bucket: (!before.is_empty()).then(|| before.join(".")), region })
}

/// Refuses what cannot be a bucket's name before anything is asked.
pub(super) fn checked(source: &str, bucket: &str) -> Result<(), StoreError> {
    if bucket.is_empty() {
        return Err(refused(source, "no bucket is named; write s3://bucket/prefix".into()));
    }
    if keys::is_pattern(bucket) {
        return Err(refused(source, "a pattern cannot stand for the bucket; name the bucket".into()));
    }
    if !bucket.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c)) {
        return Err(refused(
            source,
            "not a bucket's name (letters, digits, - . _); access points are named by their alias".into(),
        ));
    }
    Ok(())
}
