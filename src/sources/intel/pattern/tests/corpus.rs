//! Hostile texts: none may panic, hang or take the stack, and what is read prints as itself.

use std::time::{Duration, Instant};

use super::super::{parse, read};

/// Of the long ones: a parser that is quadratic in it takes minutes.
const LENGTH: usize = 128 << 10;

const PATIENCE: Duration = Duration::from_secs(20);

fn corpus() -> Vec<String> {
    let fixed = [
        "[",
        "]",
        "(",
        ")",
        "[]",
        "()",
        "[()]",
        "[[a:b=1]]",
        "'",
        "\\",
        "[a",
        "[a:",
        "[a:'",
        "[a:b",
        "[a:b=",
        "[a:b='",
        "[a:b='\\",
        "[a:b=t'",
        "[a:b=h'0']",
        "[a:b=b'\u{e9}']",
        "[a:b=-]",
        "[a:b=.]",
        "[a:b=1.]",
        "[a:b=1e5]",
        "[a:b=--1]",
        "[a:b[",
        "[a:b[*",
        "[a:b[]=1]",
        "[a:b[99999999999999999999]=1]",
        "[a:.=1]",
        "[:b=1]",
        "[a:''=1]",
        "[a:b IN (]",
        "[a:b IN (,)]",
        "[a:b IN (1,)]",
        "[a:b NOT NOT = 1]",
        "[NOT]",
        "[EXISTS]",
        "[a:b=1]]",
        "[a:b=1] AND",
        "[a:b=1] OR OR [a:b=1]",
        "[a:b=1] FOLLOWEDBY",
        "[a:b=1 AND]",
        "[AND a:b=1]",
        "[a:b=1 AND:c=1]",
        "[a:b=1] WITHIN",
        "[a:b=1] WITHIN .. SECONDS",
        "[a:b=1] WITHIN inf SECONDS",
        "[a:b=1] REPEATS -1 TIMES",
        "[a:b=1] START t'' STOP t''",
        "/*",
        "//",
        "[a:b=1]/*",
        "[a:b=1]//",
        "\u{feff}[a:b=1]",
        "[a:b=1]\0",
        "[a\u{e9}:b=1]",
        "[ipv4-addr:value = '\u{202e}1.2.0.291']",
        "[ipv4-addr:value = '']",
        "[ipv4-addr:value IN ('', '/', '::/999')]",
        "\u{3000}[a:b\u{a0}=\u{2028}1]",
        "[a:b='\0']",
    ];
    let filler = |unit: &str| unit.repeat(LENGTH / unit.len());
    let wide = "(a:b=1 OR a:b=2)";
    let generated = [
        "[".repeat(100_000),
        "(".repeat(100_000),
        format!("[{}", filler("(")),
        format!("[{}", filler("NOT ")),
        format!("[a:b IN ({}1)]", filler("1,")),
        format!("[ipv4-addr:value IN ({}'')]", filler("'',")),
        format!("[{}a:b=1]", filler("a:b=1 OR ")),
        format!("[{}a:b=1]", filler("a:b=1 AND ")),
        format!("[{wide}{}]", format!(" AND {wide}").repeat(9)),
        format!("[{wide}{}]", format!(" AND {wide}").repeat(10_000)),
        format!("[{}a:b=1{}]", format!("{wide} AND (a:b=1 OR ").repeat(30), ")".repeat(30)),
        format!("[a:b{}=1]", filler("[*]")),
        format!("[a:b{}=1]", filler(".b")),
        format!("[a:b='{}']", filler("\\")),
        format!("[a:b='{}']", filler("\\'")),
        format!("[a:b={}]", filler("9")),
        format!("[a:b={}.9]", filler("9")),
        format!("[a:b=1]{}", filler(" WITHIN 1 SECONDS")),
        format!("{}[a:b=1]", filler("[a:b=1] AND ")),
        format!("{}[a:b=1]", filler("/**/")),
        format!("{}[a:b=1]", filler("//\n")),
        format!("{}[a:b=1]", filler("/*")),
    ];
    fixed.into_iter().map(String::from).chain(generated).collect()
}

#[test]
fn hostile_texts_end_well() {
    for text in corpus() {
        let start = Instant::now();
        let shown: String = text.chars().take(60).collect();
        match read(&text) {
            Ok(understood) => {
                let counted = understood.indicators.len() + understood.unsupported.len();
                assert!(counted > 0, "{shown}: neither understood nor counted");
                let pattern = parse(&text).unwrap_or_else(|error| panic!("{shown}: {error}"));
                assert!(parse(&pattern.to_string()).as_ref() == Ok(&pattern), "{shown}");
            }
            Err(error) => assert!(error.offset <= text.len() && !error.reason.is_empty(), "{shown}: {error}"),
        }
        assert!(start.elapsed() < PATIENCE, "{shown}: took {:?}", start.elapsed());
    }
}
