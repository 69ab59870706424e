//! Lengths of time as they are typed: `90m`, `24h`, `7d`, `2w`.

use crate::model::time::DAY_MICROS;

const MINUTE_MICROS: i64 = DAY_MICROS / (24 * 60);

/// A length of time in microseconds, not negative.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span(pub(super) i64);

/// Reads a whole number and its unit. `0` needs no unit.
pub(super) fn span(text: &str) -> Result<Span, String> {
    let text = text.trim();
    if text == "0" {
        return Ok(Span(0));
    }
    let give = || "give a length of time in minutes, hours, days or weeks (90m, 24h, 7d, 2w)".to_owned();
    let unit = match text.chars().next_back() {
        Some('m') => MINUTE_MICROS,
        Some('h') => 60 * MINUTE_MICROS,
        Some('d') => DAY_MICROS,
        Some('w') => 7 * DAY_MICROS,
        _ => return Err(give()),
    };
    let digits = text.get(..text.len() - 1).unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(give());
    }
    let micros = digits.parse::<i64>().ok().and_then(|count| count.checked_mul(unit));
    micros.map(Span).ok_or_else(|| "this is longer than any archive".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit_are_a_span() {
        for (text, minutes) in [("90m", 90), ("24h", 1440), ("7d", 10_080), ("2w", 20_160), ("0", 0), ("0h", 0)] {
            assert_eq!(span(text), Ok(Span(minutes * MINUTE_MICROS)), "{text}");
        }
        for text in ["", "h", "24", "-1h", "1.5h", "1 h", "ü", "24H"] {
            assert!(span(text).unwrap_err().starts_with("give a length"), "{text}");
        }
        assert!(span("99999999999999d").unwrap_err().contains("longer"));
    }
}
