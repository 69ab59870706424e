//! The catalogue of hunts in Markdown, from their headers. It is committed, and a test fails when it is stale.

use std::fmt::Write as _;

use super::parse::Hunt;
use super::show::parameters;

/// The whole document.
#[must_use]
pub fn catalogue_markdown(hunts: &[Hunt]) -> String {
    let mut text = String::from(
        "# Hunts\n\nGenerated from the headers of the hunts; do not edit.\n\n| hunt | severity | status | finds |\n|---|---|---|---|\n",
    );
    for hunt in hunts {
        let (id, title) = (&hunt.id, escape(&hunt.title));
        let _ = writeln!(text, "| [{}](#{id}) | {} | {} | {title} |", escape(id), hunt.severity, hunt.status);
    }
    for hunt in hunts {
        chapter(&mut text, hunt);
    }
    text
}

fn chapter(text: &mut String, hunt: &Hunt) {
    let _ = writeln!(text, "\n## {}\n\n**{}.** {}\n", escape(&hunt.id), escape(&hunt.title), escape(&hunt.description));
    let _ = writeln!(
        text,
        "- Severity {}, status {}, category {}, by {}",
        hunt.severity,
        hunt.status,
        escape(&hunt.category),
        escape(&hunt.author)
    );
    let _ = writeln!(text, "- Tables: {}", code(&hunt.tables));
    if !hunt.params.is_empty() {
        let _ = writeln!(text, "- Parameters: {}", code(&parameters(hunt)));
    }
    let attack: Vec<String> =
        hunt.tactics.iter().chain(&hunt.techniques).map(|entry| escape(&entry.to_string())).collect();
    let _ = writeln!(text, "- ATT&CK: {}", attack.join("; "));
    if !hunt.fixtures.is_empty() {
        let _ = writeln!(text, "- Fixtures: {}", code(&hunt.fixtures));
    }
    section(text, "What it cannot see", &hunt.blind_spots);
    section(text, "False positives", &hunt.false_positives);
    section(text, "References", &hunt.references);
}

fn section(text: &mut String, heading: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{heading}:\n");
    for item in items {
        let _ = writeln!(text, "- {}", if is_link(item) { format!("<{item}>") } else { escape(item) });
    }
}

/// A whole item that is a web address stays one; Markdown must not touch its underscores.
fn is_link(item: &str) -> bool {
    item.starts_with("https://") && !item.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>'))
}

fn code(items: &[String]) -> String {
    items.iter().map(|item| format!("`{}`", item.replace('`', "'"))).collect::<Vec<_>>().join(", ")
}

/// Text that Markdown would read as markup is protected.
fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, c| {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#') {
            escaped.push('\\');
        }
        escaped.push(c);
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse::sample;
    use super::*;

    #[test]
    fn the_document_says_what_the_headers_say() {
        let want = "\
# Hunts

Generated from the headers of the hunts; do not edit.

| hunt | severity | status | finds |
|---|---|---|---|
| [beacon](#beacon) | MEDIUM | test | Beaconing to rented servers |

## beacon

**Beaconing to rented servers.** Finds addresses that a device comes back to.

- Severity MEDIUM, status test, category command and control, by A. Hunter
- Tables: `DeviceNetworkEvents`, `TorRelays`
- Parameters: `tor_role string = exit`, `min_days integer = 3`, `share number = 0.5`, `loud boolean = false`, `since timestamp = 2026-01-01T00:00:00.000000Z`, `note string = a; b, c`
- ATT&CK: TA0011 Command and Control; T1071 Application Layer Protocol; T1573 Encrypted Channel
- Fixtures: `must_hit`, `must_miss`

What it cannot see:

- proxies, which hide the address
- devices without the sensor

References:

- <https://example.org/a?b=1>
";
        assert_eq!(catalogue_markdown(&[sample()]), want);
    }

    #[test]
    fn markup_in_a_title_stays_text() {
        let hunt = Hunt { title: "a|b <i>*c*".into(), ..sample() };
        assert!(catalogue_markdown(&[hunt]).contains(r"| a\|b \<i\>\*c\* |"));
    }
}
