//! Characters that make a terminal, or a reader, see something other than what stands there.
//!
//! Telemetry is written by whoever named the process. Control characters move cursors and start escapes; bidirectional
//! and invisible ones reorder or hide text. For people they become visible escapes (`\x1b`, `\u{202e}`); the text is then
//! one line of characters whose widths add up. JSON keeps the text and only spells these characters differently.

use std::borrow::Cow;
use std::fmt::Write as _;

/// C1 controls and bidirectional controls: JSON spells them `\uXXXX`.
pub(super) const fn is_disguise(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters without a glyph or width of their own, which hide text or defeat measuring it.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200d}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The text with every control and invisible character spelled out, on one line.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    spelled(text, |c| c.is_control() || is_disguise(c) || is_invisible(c))
}

/// The same for a CSV cell, which may hold tabs and line breaks because it is quoted.
pub(super) fn visible_in_csv(text: &str) -> Cow<'_, str> {
    spelled(text, |c| (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || is_disguise(c))
}

fn spelled(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&hidden) {
        return Cow::Borrowed(text);
    }
    let mut visible = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            c if !hidden(c) => visible.push(c),
            '\n' => visible.push_str("\\n"),
            '\r' => visible.push_str("\\r"),
            '\t' => visible.push_str("\\t"),
            c if u32::from(c) < 0x100 => {
                let _ = write!(visible, "\\x{:02x}", u32::from(c));
            }
            c => {
                let _ = write!(visible, "\\u{{{:x}}}", u32::from(c));
            }
        }
    }
    Cow::Owned(visible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_a_cursor_or_hides_text_is_spelled_out() {
        assert_eq!(
            visible("a\u{1b}[31mb\r\n\tc\u{9b}d\u{202e}e\u{200b}\u{7f}"),
            r"a\x1b[31mb\r\n\tc\x9bd\u{202e}e\u{200b}\x7f"
        );
        assert!(matches!(visible("plain Ünïcode 漢字"), Cow::Borrowed(_)));
        assert_eq!(visible_in_csv("a\tb\nc\u{1b}d"), "a\tb\nc\\x1bd");
    }
}
