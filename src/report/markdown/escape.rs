//! Text that means nothing to Markdown, wherever it stands in a line.

use std::borrow::Cow;

use crate::report::hostile::visible;

/// One line without markup, links, HTML or table bars. A bar and a line's end cannot be escaped in every dialect, so they
/// are spelled as an entity and as `\n`.
pub(super) fn escape(text: &str) -> String {
    let visible: Cow<'_, str> = visible(text);
    let mut escaped = String::with_capacity(visible.len() + 16);
    for c in visible.chars() {
        match c {
            '|' => escaped.push_str("&#124;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '[' => escaped.push_str("&#91;"),
            ']' => escaped.push_str("&#93;"),
            '\\' | '`' | '*' | '_' | '~' | '$' | '#' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    // Bare addresses become links in many dialects; one spelled-out character keeps them text.
    escaped.replace("://", "&#58;//").replace("www.", "www&#46;").replace("WWW.", "WWW&#46;").replace('@', "&#64;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_links_and_html_stay_text() {
        for (text, want) in [
            ("a|b\nc", r"a&#124;b\\nc"),
            ("`x` **y** _z_", r"\`x\` \*\*y\*\* \_z\_"),
            ("<img src=x>&amp;", "&lt;img src=x&gt;&amp;amp;"),
            ("[t](http://x)", r"&#91;t&#93;(http&#58;//x)"),
            (r"C:\|x", r"C:\\&#124;x"),
            ("www.evil.example a@b.example", "www&#46;evil.example a&#64;b.example"),
        ] {
            assert_eq!(escape(text), want);
        }
    }
}
