//! What is a pattern, what it prints as, and where one that is none goes wrong.

use super::super::parse;

#[test]
fn canonical_text() {
    for (written, canonical) in [
        ("[a:b=1]", "[a:b = 1]"),
        ("  [ a:b\t==\n1 ]  ", "[a:b = 1]"),
        ("[/* one */a:b = 1 // two\n]", "[a:b = 1]"),
        ("[a:b <> +1]", "[a:b != 1]"),
        ("[NOT a:b = 1]", "[a:b NOT = 1]"),
        ("[NOT EXISTS a:b]", "[NOT EXISTS a:b]"),
        ("[((a:b = 1))]", "[a:b = 1]"),
        ("[a:b = 1 OR a:b = 2 AND a:b = 3]", "[a:b = 1 OR (a:b = 2 AND a:b = 3)]"),
        ("[(a:b = 1 OR a:b = 2) and a:b = 3]", "[(a:b = 1 OR a:b = 2) AND a:b = 3]"),
        (
            "[a:b = 1] FOLLOWEDBY [a:b = 2] OR [a:b = 3] AND [a:b = 4]",
            "[a:b = 1] FOLLOWEDBY ([a:b = 2] OR ([a:b = 3] AND [a:b = 4]))",
        ),
        ("[file:hashes.SHA-256 = 'x']", "[file:hashes.'SHA-256' = 'x']"),
        ("[a:'b'.c[*].d[-1][2] = 1]", "[a:b.c[*].d[-1][2] = 1]"),
        (r"[a:b = 'C:\Windows']", r"[a:b = 'C:\\Windows']"),
        (r"[a:b = '\'\\']", r"[a:b = '\'\\']"),
        (
            "[a:b in ('x',2,-3.50,.5,true,t'2025-01-01T00:00:00Z',b'AA==',h'0aFF',false)]",
            "[a:b IN ('x', 2, -3.5, 0.5, true, t'2025-01-01T00:00:00Z', b'AA==', h'0aff', false)]",
        ),
        ("[a:b IN()]", "[a:b IN ()]"),
        ("[a:b LIKE'x']", "[a:b LIKE 'x']"),
        ("[and:or = 1 OR NOT:b = 2]", "[and:or = 1 OR NOT:b = 2]"),
        (
            "[a:b = 1] START '2025-01-01' STOP '2025-02-01' WITHIN 1.0 SECONDS",
            "[a:b = 1] START t'2025-01-01' STOP t'2025-02-01' WITHIN 1 SECONDS",
        ),
        ("([a:b = 1] REPEATS 2 TIMES) REPEATS 3 TIMES", "([a:b = 1] REPEATS 2 TIMES) REPEATS 3 TIMES"),
    ] {
        let pattern = parse(written).unwrap_or_else(|error| panic!("{written}: {error}"));
        assert_eq!(pattern.to_string(), canonical, "{written}");
        assert_eq!(parse(canonical).as_ref(), Ok(&pattern), "{canonical}");
    }
}

#[test]
fn errors_say_where_and_what() {
    for (text, offset, reason) in [
        ("", 0, "expected [ or ("),
        ("ipv4-addr:value = 'x'", 0, "expected [ or ("),
        ("[ipv4-addr = 'x']", 10, "expected an object path such as ipv4-addr:value"),
        ("[a:b ~ 'x']", 5, "expected an operator such as =, IN or LIKE"),
        ("[a:b like 'x']", 5, "expected an operator such as =, IN or LIKE"),
        ("[a:b = x]", 7, "expected a value such as 'text', 443, true or t'…'"),
        ("[a:b = 99999999999999999999]", 7, "expected a value such as 'text', 443, true or t'…'"),
        ("[a:b = h'abc']", 7, "expected a value such as 'text', 443, true or t'…'"),
        ("[a:b = 'x]", 10, "expected a closing quote"),
        (r"[a:b = 'x\']", 12, "expected a closing quote"),
        ("[a:b LIKE 7]", 10, "expected text in quotes"),
        ("[a:b IN 'x']", 8, "expected ( after IN"),
        ("[a:b IN ('x' 'y')]", 13, "expected , or )"),
        ("[a:b = 1 XOR a:b = 2]", 9, "expected AND, OR or ]"),
        ("[(a:b = 1]", 9, "expected AND, OR or )"),
        ("[a:b[x] = 1]", 5, "expected [*] or [number]"),
        ("[a:b. = 1]", 5, "expected a key"),
        ("[a:b = 1] x", 10, "expected AND, OR, FOLLOWEDBY, a qualifier or the end"),
        ("([a:b = 1]", 10, "expected AND, OR, FOLLOWEDBY, a qualifier or )"),
        ("[a:b = 1] WITHIN 0 SECONDS", 17, "expected a number of seconds"),
        ("[a:b = 1] WITHIN 5 HOURS", 19, "expected SECONDS"),
        ("[a:b = 1] REPEATS 0 TIMES", 18, "expected a number of times"),
        ("[a:b = 1] START t'2025'", 23, "expected STOP"),
        ("[a:b = 1] START now", 16, "expected a time such as t'…'"),
    ] {
        let error = parse(text).expect_err(text);
        assert_eq!((error.offset, error.reason), (offset, reason), "{text}");
    }
    let error = parse("[a:b = 1] x").expect_err("rest");
    let said = "pattern not readable at byte 10: expected AND, OR, FOLLOWEDBY, a qualifier or the end";
    assert_eq!(error.to_string(), said);
}

#[test]
fn length_and_depth_are_bounded() {
    let nested =
        |open: &str, depth: usize, close: &str| format!("[{}a:b = 1{}]", open.repeat(depth), close.repeat(depth));
    assert!(parse(&nested("(", 64, ")")).is_ok());
    assert!(parse(&nested("NOT ", 64, "")).is_ok());
    for bomb in [
        nested("(", 65, ")"),
        nested("NOT ", 65, ""),
        nested("NOT (", 100_000, ")"),
        format!("{}[a:b = 1]{}", "(".repeat(40), ")".repeat(40)).replace("a:b = 1", &nested("(", 40, ")")[1..48]),
    ] {
        assert_eq!(parse(&bomb).expect_err("a bomb").reason, "nested more than 64 deep");
    }
    let long = format!("[a:b = '{}']", "x".repeat(1 << 20));
    assert_eq!(parse(&long).expect_err("too long").reason, "pattern longer than 1 MiB");
}
