//! Folder names that may be parts of a date.
//!
//! Nothing here knows the period or which part means what; it only says where asking level by level can pay.

/// What orders a folder among its siblings, if its name looks like a part of a date.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Dated {
    key: String,
    /// The digits' places, so that `9` comes before `10` and names of two kinds are not compared.
    shape: Option<usize>,
    value: String,
}

/// Reads `k=v`, and two to four digits.
pub(super) fn dated(name: &str) -> Option<Dated> {
    if let Some((key, value)) = name.split_once('=') {
        let is_time = value.starts_with(|c: char| c.is_ascii_digit())
            && value.chars().all(|c| c.is_ascii_digit() || "-_:.TZ ".contains(c));
        let is_number = is_time && value.len() <= 4 && value.chars().all(|c| c.is_ascii_digit());
        let value = if is_number { format!("{value:0>4}") } else { value.to_string() };
        let shape = is_time.then_some(value.len());
        return (!key.is_empty()).then(|| Dated { key: key.to_ascii_lowercase(), shape, value });
    }
    let is_number = (2..=4).contains(&name.len()) && name.chars().all(|c| c.is_ascii_digit());
    is_number.then(|| Dated { key: String::new(), shape: Some(4), value: format!("{name:0>4}") })
}

/// Marks the siblings that lie between two others of their kind: with the first and the last of a run of dates inside
/// a period, those between are wholly inside, and there is nothing left to rule out below them.
pub(super) fn between(siblings: &[Option<Dated>]) -> Vec<bool> {
    siblings
        .iter()
        .map(|one| {
            let Some(one) = one.as_ref().filter(|one| one.shape.is_some()) else { return false };
            let alike = || siblings.iter().flatten().filter(|other| other.key == one.key && other.shape == one.shape);
            alike().any(|other| other.value < one.value) && alike().any(|other| other.value > one.value)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_dates() {
        for name in ["2026", "07", "y=2026", "m=7", "date=2026-07-18", "timestamp=2026-05-01T00", "tenantId=a-b"] {
            assert!(dated(name).is_some(), "{name}");
        }
        for name in ["7", "20260718", "x", "=2026", "subscriptions"] {
            assert!(dated(name).is_none(), "{name}");
        }
        assert!(dated("m=9") < dated("m=10"));
    }

    #[test]
    fn only_what_lies_between_two_of_its_kind_is_surely_inside() {
        let read = |names: &[&str]| between(&names.iter().map(|name| dated(name)).collect::<Vec<_>>());
        assert_eq!(read(&["m=06", "m=07", "m=08", "other"]), [false, true, false, false]);
        assert_eq!(read(&["tenantId=a", "tenantId=b", "tenantId=c"]), [false; 3]);
        assert_eq!(read(&["d=1", "2026", "d=3"]), [false; 3]);
        assert_eq!(read(&["m=9", "m=10", "m=11"]), [false, true, false]);
    }
}
