//! The time in a file's name. It dates a list that says nothing of its own date; it must not guess: what is no date is none.

use crate::model::Micros;

/// The last date in a file's name: `2025-09-01`, `20250901`, either with a time behind it (`T00-00-00Z`, `-00-02-03`,
/// `T000203`). Years before 2000 or after 2099 are numbers, not dates of a Tor list.
pub(super) fn in_name(name: &str) -> Option<Micros> {
    let bytes = name.as_bytes();
    let begins = |at: &usize| {
        bytes.get(*at).is_some_and(u8::is_ascii_digit)
            && !at.checked_sub(1).and_then(|b| bytes.get(b)).is_some_and(u8::is_ascii_digit)
    };
    (0..bytes.len()).rev().filter(begins).find_map(|at| name.get(at..).and_then(date_and_time))
}

fn date_and_time(text: &str) -> Option<Micros> {
    let dashed = text.get(..10).filter(|date| date.as_bytes().get(4) == Some(&b'-'));
    let (date, rest) = match dashed {
        Some(date) => (date.to_string(), text.get(10..)?),
        None => {
            let digits = leading_digits(text, 8)?;
            (format!("{}-{}-{}", digits.get(..4)?, digits.get(4..6)?, digits.get(6..)?), text.get(8..)?)
        }
    };
    if !date.starts_with("20") || rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let day = Micros::parse_date(&date)?;
    Some(clock(rest).and_then(|clock| Micros::parse(&format!("{date}T{clock}Z"))).unwrap_or(day))
}

/// `T00-00-00`, `-00:02:03`, `_000203`, and the same without seconds, as `hh:mm:ss`.
fn clock(rest: &str) -> Option<String> {
    let rest = rest.strip_prefix(['T', 't', '-', '_', ' '])?;
    if let Some(digits) = leading_digits(rest, 6) {
        return Some(format!("{}:{}:{}", digits.get(..2)?, digits.get(2..4)?, digits.get(4..)?));
    }
    if let Some(digits) = leading_digits(rest, 4) {
        return Some(format!("{}:{}:00", digits.get(..2)?, digits.get(2..)?));
    }
    let (hour, minute) = (leading_digits(rest, 2)?, leading_digits(rest.get(3..)?, 2)?);
    let second = rest.get(6..).and_then(|rest| leading_digits(rest, 2)).unwrap_or("00");
    Some(format!("{hour}:{minute}:{second}"))
}

/// The first `count` characters, if they are digits and no further digit follows.
fn leading_digits(text: &str, count: usize) -> Option<&str> {
    let digits = text.get(..count)?;
    let ends = !text.get(count..)?.starts_with(|c: char| c.is_ascii_digit());
    (ends && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_names_are_found() {
        for (name, want) in [
            ("2025-09-01T06-07-08Z.txt", Some("2025-09-01T06:07:08Z")),
            ("2018-11-01-00-02-03", Some("2018-11-01T00:02:03Z")),
            ("2025-09-01.csv", Some("2025-09-01")),
            ("tor_exits_20250901.ipset", Some("2025-09-01")),
            ("exits-20250901T060708Z.txt", Some("2025-09-01T06:07:08Z")),
            ("from-2025-01-01-to-2025-02-01.csv", Some("2025-02-01")),
            ("2025-09-01T99-00-00Z.txt", Some("2025-09-01")),
            ("2025-09-01T06-07Z.txt", Some("2025-09-01T06:07:00Z")),
            ("exits-20250901-0607.txt", Some("2025-09-01T06:07:00Z")),
            ("2024-02-29.csv", Some("2024-02-29")),
            ("exits.csv", None),
            ("2025-02-29.csv", None),
            ("2025-13-01.csv", None),
            ("1234520250901.csv", None),
            ("20250901123.csv", None),
            ("19700101.csv", None),
            ("ü2025-09-01ü", Some("2025-09-01")),
            ("2025-09-01T06", Some("2025-09-01")),
            ("", None),
        ] {
            assert_eq!(in_name(name), want.and_then(Micros::parse), "{name}");
        }
    }
}
