//! Comparing ETags.
//!
//! The same tag comes in three spellings: quoted in headers, bare in Azure's listings, and weak (`W/`) from web servers
//! that compress. A weak tag may be compared, but not sent: `If-Match` never holds for it.

use object_store::path::Path;

use super::changed::Changed;

/// The tag to demand of a server, if it can be demanded.
pub(super) fn to_send(tag: &str, is_quoted: bool) -> Option<String> {
    if !is_strong(tag) {
        return None;
    }
    // Listings of Azure leave the quotes away, and the header needs them; stores without a network have none at all.
    Some(if is_quoted { format!("\"{}\"", bare(tag)) } else { tag.to_string() })
}

/// Refuses an answer with another tag; an answer without one cannot be judged.
pub(super) fn check(path: &Path, demanded: Option<&str>, found: Option<&str>) -> object_store::Result<()> {
    match (demanded, found) {
        (Some(demanded), Some(found)) if bare(demanded) != bare(found) => {
            Err(Changed::new(path, format!("its ETag was {} and is {} now", bare(demanded), bare(found))).into_store())
        }
        _ => Ok(()),
    }
}

/// Whether equal tags mean equal bytes.
pub(super) fn is_strong(tag: &str) -> bool {
    !tag.starts_with("W/")
}

fn bare(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_tag_are_equal() {
        let path = Path::from("a");
        for (demanded, found) in [("\"x\"", "x"), ("x", "\"x\""), ("W/\"x\"", "\"x\"")] {
            check(&path, Some(demanded), Some(found)).unwrap();
        }
        let error = check(&path, Some("\"x\""), Some("\"y\"")).unwrap_err();
        assert!(Changed::find(&error).unwrap().detail.contains("was x and is y"));
        check(&path, Some("x"), None).unwrap();
    }

    #[test]
    fn a_weak_tag_is_not_demanded() {
        assert_eq!(to_send("W/\"x\"", true), None);
        assert_eq!(to_send("0x8D", true).as_deref(), Some("\"0x8D\""));
        assert_eq!(to_send("1-2", false).as_deref(), Some("1-2"));
    }
}
