//! The lines of a list that say something: no comments, no blank lines.

/// Line numbers (from 1) and texts, without comments and surrounding blanks.
pub(super) fn entries(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(at, line)| (at + 1, uncommented(line))).filter(|(_, line)| !line.is_empty())
}

/// `#` is in no address, so it always begins a comment; `;` does only at the start or after a blank, since elsewhere it
/// separates columns.
fn uncommented(line: &str) -> &str {
    let line = line.split('#').next().unwrap_or(line);
    let comment = line
        .match_indices(';')
        .map(|(at, _)| at)
        .find(|at| line.get(..*at).is_some_and(|before| before.is_empty() || before.ends_with(char::is_whitespace)));
    comment.and_then(|at| line.get(..at)).unwrap_or(line).trim()
}

/// The value of a one-column line: without a trailing separator and without quotes.
pub(super) fn value(line: &str) -> &str {
    let line = line.trim_end_matches([',', ';', '\t']).trim();
    ['"', '\''].into_iter().find_map(|quote| line.strip_prefix(quote)?.strip_suffix(quote)).map_or(line, str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_blank_lines_say_nothing() {
        let text = "# head\r\n\r\n1.2.3.4\r\n; note\n 2.3.4.5 # exit\n3.4.5.6 ; exit\n4.5.6.7;443\n\t\n5.6.7.8#x";
        let read: Vec<_> = entries(text).collect();
        assert_eq!(read, [(3, "1.2.3.4"), (5, "2.3.4.5"), (6, "3.4.5.6"), (7, "4.5.6.7;443"), (9, "5.6.7.8")]);
    }

    #[test]
    fn quotes_and_trailing_separators_go() {
        for (line, want) in [
            ("\"1.2.3.4\"", "1.2.3.4"),
            ("'::1' ,", "::1"),
            ("1.2.3.4;", "1.2.3.4"),
            ("\"1", "\"1"),
            ("\"", "\""),
            ("\"\"", ""),
        ] {
            assert_eq!(value(line), want, "{line}");
        }
    }
}
