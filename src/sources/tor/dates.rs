//! The date of an undated list: what the user said, a date in the file's name, else the file's last change.

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

/// `T00-00-00`, `-00:02:03`, `_000203` as `hh:mm:ss`.
fn clock(rest: &str) -> Option<String> {
    let rest = rest.strip_prefix(['T', 't', '-', '_', ' '])?;
    if let Some(digits) = leading_digits(rest, 6) {
        return Some(format!("{}:{}:{}", digits.get(..2)?, digits.get(2..4)?, digits.get(4..)?));
    }
    let (hour, minute, second) =
        (leading_digits(rest, 2)?, leading_digits(rest.get(3..)?, 2)?, leading_digits(rest.get(6..)?, 2)?);
    Some(format!("{hour}:{minute}:{second}"))
}

/// The first `count` characters, if they are digits and no further digit follows.
fn leading_digits(text: &str, count: usize) -> Option<&str> {
    let digits = text.get(..count)?;
    let ends = !text.get(count..)?.starts_with(|c: char| c.is_ascii_digit());
    (ends && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}
