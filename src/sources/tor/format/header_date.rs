//! The date that a list of addresses names in its comments: ipsets and bulk exit lists of old.

use chrono::NaiveDateTime;

use super::field;
use crate::model::Micros;

/// What stands before the date; the first that the comments have counts, since an ipset is younger than its source.
const LABELS: [&str; 3] = ["source file date", "this file date", "this file was generated on"];

/// Comments are looked at so far; a date below thousands of addresses is none of the list.
const HEADER_LINES: usize = 200;

/// The list's date, such as `# Source File Date: Sun Nov 15 01:02:22 UTC 2015`.
pub(super) fn find(text: &str) -> Option<Micros> {
    LABELS.iter().find_map(|label| comments(text).find_map(|comment| labelled(comment, label)))
}

fn comments(text: &str) -> impl Iterator<Item = &str> {
    text.lines().take(HEADER_LINES).filter_map(|line| line.trim().strip_prefix('#'))
}

fn labelled(comment: &str, label: &str) -> Option<Micros> {
    let comment = comment.trim().trim_end_matches('#');
    let date = comment.get(..label.len()).filter(|start| start.eq_ignore_ascii_case(label))?;
    let date = comment.get(date.len()..)?.trim_start_matches([' ', '\t', ':']).trim();
    field::time(date).or_else(|| as_date_prints(date))
}

/// `Sun Nov 15 01:02:22 UTC 2015`, as the command `date` prints it. Another zone than UTC has no certain meaning.
fn as_date_prints(text: &str) -> Option<Micros> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [_, month, day, clock, "UTC" | "GMT", year] = words.as_slice() else { return None };
    let time = NaiveDateTime::parse_from_str(&format!("{month} {day} {clock} {year}"), "%b %d %H:%M:%S %Y").ok()?;
    field::time(&time.format("%Y-%m-%dT%H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_comments_are_found() {
        let source = "# Source File Date: Sun Nov 15 01:02:22 UTC 2015";
        let file = "# This File Date  : Thu Sep  3 03:40:10 UTC 2026";
        for (text, want) in [
            (source.to_string(), Some("2015-11-15T01:02:22Z")),
            (format!("#\r\n{file}\r\n{source}\r\n192.0.2.1"), Some("2015-11-15T01:02:22Z")),
            (format!("# x\n{file}\n"), Some("2026-09-03T03:40:10Z")),
            ("# This file was generated on Mon Jul  4 15:03:02 UTC 2016 #\n".into(), Some("2016-07-04T15:03:02Z")),
            ("# This File Date: 2026-09-03 03:40:10\n".into(), Some("2026-09-03T03:40:10Z")),
            ("# This File Date: Thu Sep 3 03:40:10 CEST 2026\n".into(), None),
            ("# This File Date: Thu Jan 1 00:00:00 UTC 1970\n".into(), None),
            ("# This File Date: Thu Sep 99 03:40:10 UTC 2026\n# This File Datüm".into(), None),
            ("This File Date: Thu Sep 3 03:40:10 UTC 2026\n".into(), None),
            (String::new(), None),
        ] {
            assert_eq!(find(&text), want.and_then(Micros::parse), "{text}");
        }
    }
}
