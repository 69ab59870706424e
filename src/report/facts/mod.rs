//! What a run did, in words for people: the lines that table, Markdown and summary share.
//!
//! Sentences only: no layout, no colour, and no neutralising, because each format has its own. The text is hostile.

pub(super) mod coverage;
pub(super) mod days;
pub(super) mod drift;
pub(super) mod funnel;
pub(super) mod intel;
pub(super) mod number;
pub(super) mod tor;

/// How loudly a line speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tone {
    /// For the record.
    Plain,
    /// The reader of the findings must know it.
    Warning,
}

/// One line of the coverage block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Fact {
    /// What it is about; lines that follow each other may share it.
    pub label: &'static str,
    /// The sentence.
    pub text: String,
    /// How loudly it speaks.
    pub tone: Tone,
}

impl Fact {
    pub(super) fn plain(label: &'static str, text: impl Into<String>) -> Self {
        Self { label, text: text.into(), tone: Tone::Plain }
    }

    pub(super) fn warning(label: &'static str, text: impl Into<String>) -> Self {
        Self { label, text: text.into(), tone: Tone::Warning }
    }
}

/// What the report says below findings that are LOW although a connection was accepted.
pub(super) const LOW_FOOTNOTE: &str = "LOW is not a verdict: an accepted inbound connection from an exit is LOW by the KQL's rule (docs/output.md says more)";

/// Lines of one kind after which the rest is only counted; `--coverage FILE` has them all.
const LINES_MAX: usize = 20;

/// One line per item, and the number of those that were left out.
fn listed<T>(items: &[T], line: impl Fn(&T) -> Fact) -> Vec<Fact> {
    let mut facts: Vec<Fact> = items.iter().take(LINES_MAX).map(line).collect();
    if let Some(last) = facts.last()
        && items.len() > LINES_MAX
    {
        let rest = number::thousands(items.len() - LINES_MAX);
        facts.push(Fact { text: format!("+{rest} more (--coverage FILE lists them all)"), ..last.clone() });
    }
    facts
}
