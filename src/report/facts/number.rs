//! Numbers as people read them. Machines get them bare.

use crate::model::Micros;
use crate::model::coverage::Counted;

/// With a comma every three digits.
pub(in crate::report) fn thousands(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `3 files`, `1 file`.
pub(in crate::report) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// In the largest binary unit, with one decimal.
pub(in crate::report) fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if number < 1024 {
        return counted(number, "byte", "bytes");
    }
    let (mut tenths, mut unit) = (u128::from(number) * 10 / 1024, 0);
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS.get(unit).unwrap_or(&"PiB"))
}

/// In at most six columns: to the unit below 10,000, else three digits and `k`, `M`, `G`, `T`.
pub(in crate::report) fn compact(number: u64) -> String {
    if number < 10_000 {
        return thousands(number);
    }
    let mut unit = 1_000_u128;
    for name in ["k", "M", "G"] {
        if let Some(text) = in_unit(number, unit, name) {
            return text;
        }
        unit *= 1_000;
    }
    format!("{} T", thousands((u128::from(number) + unit / 2) / unit))
}

/// Nothing if that would take four digits before the point.
fn in_unit(number: u64, unit: u128, name: &str) -> Option<String> {
    let (tenths, whole) = ((u128::from(number) * 10 + unit / 2) / unit, (u128::from(number) + unit / 2) / unit);
    match (tenths, whole) {
        (..1_000, _) => Some(format!("{}.{} {name}", tenths / 10, tenths % 10)),
        (_, ..1_000) => Some(format!("{whole} {name}")),
        _ => None,
    }
}

/// To three digits, and to thousandths at most: seconds and ratios, which are not known better.
pub(in crate::report) fn three_digits(number: f64) -> String {
    let decimals = match number {
        0.0..0.9995 => 3,
        0.9995..9.995 => 2,
        9.995..99.95 => 1,
        _ => return format!("{number:.0}").parse::<u64>().map_or_else(|_| "–".to_owned(), thousands),
    };
    format!("{number:.decimals$}")
}

/// An instant to the second.
pub(in crate::report) fn second(time: Micros) -> String {
    let text = time.to_string();
    match text.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => text,
    }
}

/// `private address 2, no address 1`.
pub(in crate::report) fn by_reason(counts: &[Counted]) -> String {
    counts.iter().map(|c| format!("{} {}", c.name, thousands(c.count))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_grouped_numbers() {
        for (number, want) in [(0u64, "0"), (999, "999"), (1_000, "1,000"), (22_500_000, "22,500,000")] {
            assert_eq!(thousands(number), want);
        }
        for (number, want) in
            [(1, "1 byte"), (1_023, "1,023 bytes"), (1_536, "1.5 KiB"), (3 << 30, "3.0 GiB"), (u64::MAX, "16383.9 PiB")]
        {
            assert_eq!(bytes(number), want);
        }
    }

    #[test]
    fn compact_numbers_keep_three_digits_and_carry_into_the_next_unit() {
        for (number, want) in [
            (0, "0"),
            (9_999, "9,999"),
            (10_000, "10.0 k"),
            (99_949, "99.9 k"),
            (99_950, "100 k"),
            (999_499, "999 k"),
            (999_500, "1.0 M"),
            (22_500_000, "22.5 M"),
            (7_000_000_000, "7.0 G"),
            (u64::MAX, "18,446,744 T"),
        ] {
            assert_eq!(compact(number), want);
        }
    }

    #[test]
    fn measured_numbers_are_told_no_finer_than_they_are_known() {
        for (number, want) in [
            (0.0, "0.000"),
            (0.000_4, "0.000"),
            (0.3456, "0.346"),
            (0.9996, "1.00"),
            (9.996, "10.0"),
            (23.84, "23.8"),
            (99.96, "100"),
            (1_234.5, "1,234"),
            (-1.0, "–"),
            (f64::NAN, "–"),
            (f64::INFINITY, "–"),
        ] {
            assert_eq!(three_digits(number), want, "{number}");
        }
    }
}
