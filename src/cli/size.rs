//! Sizes in bytes as they are typed: `512M`, `2G`.

/// Reads a whole number with K, M, G or T (powers of 1024; `B` and `iB` may follow); without a unit, bytes.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let form = || "give a size such as 512M or 2G".to_owned();
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return Err(form()),
    };
    let number: u64 = number.parse().map_err(|_| form())?;
    number.checked_mul(1 << shift).filter(|bytes| *bytes > 0).ok_or_else(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_powers_of_1024() {
        for (text, want) in
            [("512M", 512 << 20), ("2G", 2 << 30), ("2 gib", 2 << 30), ("1T", 1 << 40), ("4096", 4096), ("1KB", 1024)]
        {
            assert_eq!(size(text), Ok(want), "{text}");
        }
    }

    #[test]
    fn nothing_and_nonsense_are_refused() {
        for text in ["", "0", "0G", "G", "1.5G", "-1G", "2X", "99999999999T", "ü"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
