//! The function reference, made from the functions themselves.

use std::fmt::Write as _;

use super::spec::{FunctionDoc, FunctionKind};

/// `docs/functions.md`.
#[must_use]
pub fn reference_markdown(docs: &[FunctionDoc]) -> String {
    let mut out = String::from(
        "# Functions\n\n\
         coldtrail's own functions in SQL, beside DataFusion's. Function names are not case-sensitive; column names are.\n\
         This file is made from the functions, and a test fails when it is stale and says how to renew it. Every example is\n\
         run by a test.\n",
    );
    for (kind, title) in
        [(FunctionKind::Scalar, "Functions of a row"), (FunctionKind::Aggregate, "Functions of a group")]
    {
        let _ = write!(out, "\n## {title}\n");
        for doc in docs.iter().filter(|doc| doc.kind == kind) {
            section(&mut out, doc);
        }
    }
    out
}

fn section(out: &mut String, doc: &FunctionDoc) {
    let _ = write!(out, "\n### {}\n\n`{}`\n\n{}\n\n", doc.name, doc.syntax, doc.summary);
    for (name, text) in doc.arguments {
        let _ = writeln!(out, "- `{name}`: {text}");
    }
    let _ = write!(out, "\nReturns: {}\n\n```sql\n{};\n-- {}\n```\n", doc.returns, doc.example, doc.result);
}
