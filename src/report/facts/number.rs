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
}
