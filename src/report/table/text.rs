//! Fitting text into columns of a terminal. All text here has been made visible before.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that the text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The text, or its beginning with `…`, in at most `room` columns.
pub(super) fn fit(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let (head, _) = split(text, room.saturating_sub(1));
    if room == 0 { String::new() } else { format!("{}…", head.trim_end()) }
}

/// The text followed by blanks up to `room` columns.
pub(super) fn pad(text: &str, room: usize) -> String {
    format!("{text}{}", " ".repeat(room.saturating_sub(text.width())))
}

/// Lines of at most `room` columns, broken at blanks, or inside a word that is longer than a line.
pub(super) fn wrap(text: &str, room: usize) -> Vec<String> {
    let room = room.max(2);
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split(' ') {
        let gap = usize::from(!line.is_empty());
        if line.width() + gap + word.width() <= room {
            line.push_str(if gap == 1 { " " } else { "" });
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        let mut rest = word;
        while rest.width() > room {
            let (head, tail) = split(rest, room);
            lines.push(head.to_owned());
            rest = tail;
        }
        line.push_str(rest);
    }
    lines.push(line);
    lines
}

/// Parts with `separator` between them, over as many lines as they need, broken between parts where that is possible.
pub(super) fn flow(parts: &[String], separator: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.width() + separator.width() + part.width() <= room => {
                line.push_str(separator);
                line.push_str(part);
            }
            _ => lines.extend(wrap(part, room)),
        }
    }
    lines
}

/// As many items as fit into one line, then `+n more`; `cut` items are missing already. At least one item, if shortened.
pub(super) fn shorten(items: &[String], cut: u64, separator: &str, room: usize) -> String {
    let Some(first) = items.first() else { return String::new() };
    for shown in (1..=items.len()).rev() {
        let line = items.get(..shown).unwrap_or_default().join(separator);
        let line = format!("{line}{}", more(items.len() - shown, cut));
        if line.width() <= room {
            return line;
        }
    }
    let more = more(items.len() - 1, cut);
    format!("{}{more}", fit(first, room.saturating_sub(more.width())))
}

/// ` +n more`, or nothing.
pub(super) fn more(hidden: usize, cut: u64) -> String {
    match u64::try_from(hidden).unwrap_or(u64::MAX).saturating_add(cut) {
        0 => String::new(),
        more => format!(" +{} more", crate::report::facts::number::thousands(more)),
    }
}

/// Splits where the first part takes at most `room` columns, but after at least one character.
fn split(text: &str, room: usize) -> (&str, &str) {
    let mut taken = 0;
    for (at, c) in text.char_indices() {
        taken += c.width().unwrap_or(0);
        if taken > room && at > 0 {
            return text.split_at(at);
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutting_counts_columns_not_characters() {
        assert_eq!(fit("tor.exe", 7), "tor.exe");
        assert_eq!(fit("tor.exe", 4), "tor…");
        assert_eq!(fit("漢字漢字", 4), "漢…");
        assert_eq!(fit("x", 0), "");
    }

    #[test]
    fn wrapping_breaks_long_words_and_loses_nothing() {
        assert_eq!(wrap("ab cd efghij k", 5), ["ab cd", "efghi", "j k"]);
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("漢字漢", 4), ["漢字", "漢"]);
    }

    #[test]
    fn parts_stay_whole_where_they_fit() {
        let parts = ["12 events", "3 failed", "ports 443, 9001"].map(str::to_owned);
        assert_eq!(flow(&parts, " · ", 20), ["12 events · 3 failed", "ports 443, 9001"]);
        assert_eq!(flow(&parts, " · ", 9), ["12 events", "3 failed", "ports", "443, 9001"]);
    }

    #[test]
    fn a_long_set_tells_how_many_are_hidden() {
        let items = ["tor.exe", "firefox.exe", "curl.exe"].map(str::to_owned);
        assert_eq!(shorten(&items, 0, ", ", 80), "tor.exe, firefox.exe, curl.exe");
        assert_eq!(shorten(&items, 4, ", ", 80), "tor.exe, firefox.exe, curl.exe +4 more");
        assert_eq!(shorten(&items, 0, ", ", 30), "tor.exe, firefox.exe, curl.exe");
        assert_eq!(shorten(&items, 0, ", ", 29), "tor.exe, firefox.exe +1 more");
        assert_eq!(shorten(&items, 1_000, ", ", 15), "to… +1,002 more");
    }
}
