//! What a hunt is about in ATT&CK: the `attack` value.

use std::fmt;

use super::error::LineError;
use super::header::Field;
use super::value::split;

/// A tactic or technique: id and name, as `TA0011 Command and Control`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttackEntry {
    /// `TA0011`, `T1090` or `T1090.003`.
    pub id: String,
    /// The name in ATT&CK.
    pub name: String,
}

impl fmt::Display for AttackEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.name)
    }
}

/// Reads `tactics LIST; techniques LIST`; both lists, in this order.
pub(super) fn read(field: &Field) -> Result<(Vec<AttackEntry>, Vec<AttackEntry>), LineError> {
    let form = "attack is `tactics TA0011 Command and Control, …; techniques T1090 Proxy, …`";
    let malformed = || LineError::new(field.line, form);
    let (tactics, techniques) = field.value.split_once(';').ok_or_else(malformed)?;
    let tactics = tactics.trim().strip_prefix("tactics ").ok_or_else(malformed)?;
    let techniques = techniques.trim().strip_prefix("techniques ").ok_or_else(malformed)?;
    Ok((list(tactics, field.line, "tactic", is_tactic)?, list(techniques, field.line, "technique", is_technique)?))
}

fn list(text: &str, line: usize, what: &str, is_id: fn(&str) -> bool) -> Result<Vec<AttackEntry>, LineError> {
    let items = split(text, ',').filter(|items| !items.is_empty());
    let items =
        items.ok_or_else(|| LineError::new(line, format!("attack: an empty {what}; delete a comma or name one")))?;
    items.iter().map(|item| entry(item, line, what, is_id)).collect()
}

fn entry(item: &str, line: usize, what: &str, is_id: fn(&str) -> bool) -> Result<AttackEntry, LineError> {
    match item.split_once(' ') {
        Some((id, name)) if is_id(id) => Ok(AttackEntry { id: id.to_owned(), name: name.trim().to_owned() }),
        _ => {
            let example = if what == "tactic" { "TA0011 Command and Control" } else { "T1090 Proxy" };
            Err(LineError::new(
                line,
                format!("attack: `{item}` is no {what}; write its id and its name, such as `{example}`"),
            ))
        }
    }
}

fn is_tactic(id: &str) -> bool {
    id.strip_prefix("TA").is_some_and(|number| is_number(number, 4))
}

fn is_technique(id: &str) -> bool {
    let Some(number) = id.strip_prefix('T') else { return false };
    number
        .split_once('.')
        .map_or_else(|| is_number(number, 4), |(technique, sub)| is_number(technique, 4) && is_number(sub, 3))
}

fn is_number(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(value: &str) -> Result<(Vec<AttackEntry>, Vec<AttackEntry>), String> {
        read(&Field { key: "attack", line: 8, value: value.to_owned() }).map_err(|e| e.message)
    }

    #[test]
    fn tactics_and_techniques_are_told_apart() {
        let (tactics, techniques) =
            read_text("tactics TA0011 Command and Control, TA0010 Exfiltration; techniques T1090.003 Multi-hop Proxy")
                .unwrap();
        assert_eq!(
            tactics.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["TA0011 Command and Control", "TA0010 Exfiltration"]
        );
        assert_eq!(techniques, [AttackEntry { id: "T1090.003".into(), name: "Multi-hop Proxy".into() }]);
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for (value, want) in [
            ("TA0011 Command and Control", "attack is `tactics"),
            ("tactics T1090 Proxy; techniques T1090 Proxy", "`T1090 Proxy` is no tactic"),
            ("tactics TA0011 C2; techniques T1090", "`T1090` is no technique"),
            ("tactics TA0011 C2; techniques T1090 Proxy,", "an empty technique"),
            ("techniques T1090 Proxy; tactics TA0011 C2", "attack is `tactics"),
        ] {
            let error = read_text(value).unwrap_err();
            assert!(error.contains(want), "{value}: {error}");
        }
    }
}
