//! The codes of Azure Storage and of Entra ID.

use chrono::DateTime;

use super::facts::{Facts, plain};
use super::{Doing, Place, Said, Trouble, forbidden, throttled};

pub(super) fn said(facts: &Facts, place: &Place, doing: Doing) -> Option<Said> {
    if facts.text.contains("AADSTS") {
        return Some(entra(facts));
    }
    let container = place.bucket();
    let text = |kind: Trouble, text: &str| Some((kind, text.to_string()));
    match facts.code.as_deref().unwrap_or_default() {
        "ContainerNotFound" | "ContainerBeingDeleted" | "FilesystemNotFound" => Some(no_container(place)),
        "InvalidResourceName" | "InvalidUri" => Some((
            Trouble::NoBucket,
            format!("{container} cannot be a container's name (3 to 63 small letters, digits and -); check the URL"),
        )),
        "ResourceNotFound" if doing == Doing::List => Some((
            Trouble::NoBucket,
            format!("there is no container {container}, or it is private and was asked without credentials"),
        )),
        "BlobNotFound" | "ResourceNotFound" | "PathNotFound" => text(
            Trouble::NoObject,
            "there is no such blob (any more), or its container is private and was asked without credentials",
        ),
        "AuthenticationFailed" | "InvalidAuthenticationInfo" | "AuthorizationExpired" => Some(authentication(facts)),
        "AuthorizationPermissionMismatch" | "InsufficientAccountPermissions" => Some(denied(doing)),
        "AuthorizationFailure" => Some((
            forbidden(doing),
            "the account refuses these credentials or this machine; check the key or signature (also whether it has \
             expired, and that it covers containers and blobs), and the account's network rules"
                .into(),
        )),
        "AuthorizationResourceTypeMismatch" | "AuthorizationServiceMismatch" => Some((
            forbidden(doing),
            "the shared access signature does not cover this; it needs the blob service (ss=b) with containers and \
             objects (srt=co)"
                .into(),
        )),
        "AuthorizationSourceIPMismatch" | "AuthorizationProtocolMismatch" => Some((
            forbidden(doing),
            "the shared access signature is for another address range or protocol; ask for a new one".into(),
        )),
        "PublicAccessNotPermitted" => text(
            Trouble::NoCredentials,
            "the account allows nobody without credentials; set AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_KEY or \
             AZURE_STORAGE_SAS_TOKEN, and leave --anonymous away",
        ),
        "NoAuthenticationInformation" => text(
            Trouble::NoCredentials,
            "the account wants credentials; set AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_KEY or \
             AZURE_STORAGE_SAS_TOKEN",
        ),
        "KeyBasedAuthenticationNotPermitted" => text(
            Trouble::BadCredentials,
            "the account does not take account keys; use AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or a \
             managed identity",
        ),
        "ServerBusy" | "OperationTimedOut" | "EgressIsOverAccountLimit" | "IngressIsOverAccountLimit" => {
            Some(throttled())
        }
        "AccountIsDisabled" | "AccountBeingCreated" => text(Trouble::NoBucket, "the storage account is disabled"),
        "BlobArchived" => text(Trouble::ReadForbidden, "the blob is in the archive tier; rehydrate it first"),
        "ConditionNotMet" => {
            text(Trouble::Changed, "the object changed while it was read; run again when nothing writes to it")
        }
        "" if facts.status == Some(403) => Some(denied(doing)),
        "" if facts.status == Some(404) && doing == Doing::List => Some(no_container(place)),
        _ => None,
    }
}

fn no_container(place: &Place) -> Said {
    let account = place.account().unwrap_or("this account");
    let said = format!("there is no container {} in {account}; check both names", place.bucket());
    (Trouble::NoBucket, said)
}

fn denied(doing: Doing) -> Said {
    let said = match doing {
        Doing::List => {
            "the credentials may not list this container; they need the role Storage Blob Data Reader, or the \
             permission l of a shared access signature for the container"
        }
        Doing::Open | Doing::Read => {
            "the credentials may not read this; they need the role Storage Blob Data Reader, or the permission r of a \
             shared access signature"
        }
        Doing::Write => {
            "the credentials may not write here; they need the role Storage Blob Data Contributor, or the permissions \
             c, w and d of a shared access signature"
        }
    };
    (forbidden(doing), said.into())
}

fn authentication(facts: &Facts) -> Said {
    let detail = &facts.detail;
    if detail.contains("not valid in the specified time frame") {
        return time_frame(detail);
    }
    if detail.contains("expired") || detail.contains("Lifetime validation failed") {
        let said = "the token has expired; ask for a new one and set it anew";
        return (Trouble::ExpiredToken, said.into());
    }
    if detail.contains("date header") || detail.contains("Date header") || detail.contains("Request date") {
        let said = "this machine's clock differs from the store's by more than 15 minutes; set the clock";
        return (Trouble::ClockSkew, said.into());
    }
    let said = "the store does not accept the key or signature; check that it belongs to this account and is whole \
                (AZURE_STORAGE_KEY, AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_SAS_TOKEN)";
    (Trouble::BadCredentials, said.into())
}

/// A signature has a start and an expiry, and Azure says both with its own time.
fn time_frame(detail: &str) -> Said {
    let time = |name: &str| {
        let (_, after) = detail.split_once(&format!("{name} ["))?;
        DateTime::parse_from_rfc2822(after.split(']').next()?).ok()
    };
    match (time("Start"), time("Expiry"), time("Current")) {
        (Some(start), _, Some(now)) if now < start => {
            let start = start.format("%Y-%m-%dT%H:%M:%SZ");
            let said = format!(
                "the shared access signature is valid only from {start}; check this machine's clock and where \
                                it was made, or wait"
            );
            (Trouble::ExpiredToken, said)
        }
        (_, Some(end), _) => {
            let end = end.format("%Y-%m-%dT%H:%M:%SZ");
            (Trouble::ExpiredToken, format!("the shared access signature expired at {end}; ask for a new one"))
        }
        _ => (Trouble::ExpiredToken, "the shared access signature has expired; ask for a new one".into()),
    }
}

fn entra(facts: &Facts) -> Said {
    let code = facts.text.split_once("AADSTS").map_or("", |(_, after)| {
        after.get(..after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len())).unwrap_or_default()
    });
    let code = plain(code).unwrap_or_default();
    match code {
        "7000222" | "700082" | "70043" | "700024" => (
            Trouble::ExpiredToken,
            format!("Entra ID says that the secret or token has expired (AADSTS{code}); make a new one"),
        ),
        _ => (
            Trouble::BadCredentials,
            format!(
                "Entra ID gives no token (AADSTS{code}); check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
            ),
        ),
    }
}
