//! What could not be read, kept so that nothing is lost in silence.

/// Bytes of a rejected record that are kept.
const KEPT_BYTES: usize = 64 << 10;

/// A record that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The line on which the record begins, from 1.
    pub line: u64,
    /// Why, in lower case.
    pub reason: String,
    /// The record as the file has it, without its line end. Bytes that are not UTF-8 are U+FFFD. Beyond 64 KiB it is
    /// cut, and ends in `…[cut, N bytes]` with the record's whole length (as far as it was read).
    pub record: String,
}

impl Reject {
    pub(super) fn new(line: u64, reason: impl Into<String>, record: &[u8]) -> Self {
        Self::cut(line, reason, record, record.len())
    }

    /// Of a record of `bytes` bytes, of which the caller may have kept only the start.
    pub(super) fn cut(line: u64, reason: impl Into<String>, record: &[u8], bytes: usize) -> Self {
        let record = record.trim_ascii_end();
        let text = if bytes <= KEPT_BYTES {
            String::from_utf8_lossy(record).into_owned()
        } else {
            let kept = record.get(..boundary(record)).unwrap_or_default();
            format!("{}…[cut, {bytes} bytes]", String::from_utf8_lossy(kept))
        };
        Self { line, reason: reason.into(), record: text }
    }
}

/// Where to cut so that no character is halved.
fn boundary(record: &[u8]) -> usize {
    let mut end = KEPT_BYTES.min(record.len());
    while end > 0 && record.get(end).is_some_and(|byte| byte & 0xc0 == 0x80) {
        end -= 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_record_is_kept_whole_and_a_long_one_is_cut_between_characters() {
        assert_eq!(Reject::new(3, "why", b"{\"a\":1\r\n").record, "{\"a\":1");
        let long = format!("x{}", "é".repeat(40_000));
        let reject = Reject::new(1, "why", long.as_bytes());
        let kept = reject.record.strip_suffix("…[cut, 80001 bytes]").unwrap();
        assert_eq!(kept.len(), KEPT_BYTES - 1);
        assert!(long.starts_with(kept));
    }

    #[test]
    fn bytes_that_are_no_text_are_marked() {
        assert_eq!(Reject::new(1, "why", b"a\xffb").record, "a\u{fffd}b");
    }
}
