//! The indicators that stand for a value, for `coldtrail intel show`.

use super::IntelTable;
use crate::model::host;
use crate::model::indicator::{IndicatorRef, Kind};
use crate::model::prefix::PrivateRanges;
use crate::model::{Indicators, Prefix};

/// The positions of the indicators that an event on this value would match: of an address or prefix those whose prefix
/// overlaps it, of a domain itself and the domains above it, of a URL itself and the domains of its host.
///
/// # Errors
/// The value is neither an address, a prefix, a domain nor a URL.
pub fn find(table: &IntelTable, value: &str) -> Result<Vec<u32>, String> {
    if let Ok(prefix) = Prefix::parse_listed(value, PrivateRanges::Allow) {
        return Ok(positions(&table.indicators, |one| one.prefix.is_some_and(|known| known.overlaps(prefix))));
    }
    let url = host::url_key(value);
    let Some(host) = host::host_of(value).filter(|host| host.contains('.')) else {
        return match url {
            // The host of the URL is an address.
            Some(url) => Ok(positions(&table.indicators, |one| is_named(one, Kind::Url, &url))),
            None => Err("neither an address, a prefix, a domain nor a URL".into()),
        };
    };
    let is_it = |one: &IndicatorRef<'_>| {
        host::with_parents(&host).any(|name| is_named(one, Kind::Domain, name))
            || url.as_deref().is_some_and(|url| is_named(one, Kind::Url, url))
    };
    Ok(positions(&table.indicators, is_it))
}

fn is_named(indicator: &IndicatorRef<'_>, kind: Kind, name: &str) -> bool {
    indicator.kind == kind && indicator.target_name == Some(name)
}

fn positions(table: &Indicators, holds: impl Fn(&IndicatorRef<'_>) -> bool) -> Vec<u32> {
    table.iter().zip(0u32..).filter(|(one, _)| holds(one)).map(|(_, at)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Folder;
    use super::*;

    #[test]
    fn a_value_finds_what_its_events_would_match() {
        let table = Folder::with(
            "Indicator\n192.0.2.1\n192.0.2.0/24\n198.51.100.1\nevil.example\nsub.evil.example\nhttps://evil.example/x\nhttp://192.0.2.9/y\n",
        )
        .read("feed");
        let found = |value: &str| -> Vec<&str> {
            let positions = find(&table, value).unwrap();
            positions.into_iter().filter_map(|at| table.indicators.get(at)).map(|one| one.value).collect()
        };
        assert_eq!(found("::ffff:192.0.2.1"), ["192.0.2.1", "192.0.2.0/24"]);
        assert_eq!(found("192.0.2.0/25"), ["192.0.2.1", "192.0.2.0/24"]);
        assert_eq!(found("A.Sub.evil.example"), ["evil.example", "sub.evil.example"]);
        assert_eq!(found("https://evil.example/x"), ["evil.example", "https://evil.example/x"]);
        assert_eq!(found("http://192.0.2.9/y"), ["http://192.0.2.9/y"]);
        assert!(found("notevil.example").is_empty());
        for value in ["", "localhost", "1.2.3.999", "a b"] {
            assert!(find(&table, value).is_err(), "{value}");
        }
    }
}
