//! Which known word a misspelt one was probably meant to be. It suggests and never corrects.

/// The known word nearest to what was typed, when it is near enough to be worth a question: at most one edit per three
/// letters. Of equally near ones, the first.
pub(super) fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (typed.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|word| (distance(typed, word), word))
        .filter(|(edits, _)| *edits <= allowed)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, word)| word)
}

/// `; did you mean …?` when there is something to suggest.
pub(super) fn did_you_mean<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(typed, known).map(|word| format!("; did you mean `{word}`?")).unwrap_or_default()
}

/// The same, followed by all that is known: `; did you mean …? LABEL a, b`.
pub(super) fn did_you_mean_among(typed: &str, known: &[&str], label: &str) -> String {
    let near = did_you_mean(typed, known.iter().copied());
    let joint = if near.is_empty() { ";" } else { "" };
    format!("{near}{joint} {label} {}", known.join(", "))
}

/// Edits between two words, where swapping two neighbours is one edit (optimal string alignment), without regard to
/// the case of letters.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.to_lowercase().chars().collect(), b.to_lowercase().chars().collect());
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let substituted = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = substituted.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = last;
        last = row;
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_suggested_and_far_ones_are_not() {
        let known = ["tor_exit", "tor_relay", "intel_ip"];
        assert_eq!(nearest("tor_exti", known), Some("tor_exit"));
        assert_eq!(nearest("TorExit", known), Some("tor_exit"));
        assert_eq!(nearest("intel", known), None);
        assert_eq!(nearest("", known), None);
    }

    #[test]
    fn a_swap_is_one_edit() {
        assert_eq!(distance("exti", "exit"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("severty", "severity"), 1);
    }
}
