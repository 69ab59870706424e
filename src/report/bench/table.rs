//! The comparison at a terminal: what was measured, the figures, the verdict.

use std::io::Write;

use super::{fastest, range, words};
use crate::model::bench::{BenchReport, BenchRow};
use crate::report::facts::number::{bytes, compact, three_digits};
use crate::report::table::columns::{self, Figures, Head, Shown, Weight};
use crate::report::table::facts as blocks;
use crate::report::table::lines::Lines;
use crate::report::{ReportError, Style};

/// One line above the other, so that nine columns fit 80.
const HEADS: [Head; 11] = [
    head("\nstrategy", Shown::Always),
    head("time\ns", Shown::Always),
    head("least to most\ns", Shown::IfItFits),
    head("x\nbest", Shown::Always),
    head("CPU\ns", Shown::IfItFits),
    head("\nread", Shown::Always),
    head("row\ngroups", Shown::Always),
    head("\npages", Shown::Always),
    head("rows\ndecoded", Shown::Always),
    head("RAM\nMiB", Shown::Always),
    head("same\nresult", Shown::Always),
];

const fn head(text: &'static str, shown: Shown) -> Head {
    Head { text, shown }
}

/// Writes everything.
pub(super) fn write(report: &BenchReport, style: Style, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut lines = Lines::new(style, out);
    blocks::write(&words::measured(report), &mut lines)?;
    lines.blank()?;
    let best = fastest(report).map(|(row, _)| row.strategy.as_str());
    let rows: Vec<Figures> = report.strategies.iter().map(|row| figures(row, best)).collect();
    columns::write(&HEADS, &rows, &mut lines)?;
    lines.blank()?;
    blocks::write(&words::not_run(report), &mut lines)?;
    blocks::write(&words::verdict(report), &mut lines)
}

fn figures(row: &BenchRow, best: Option<&str>) -> Figures {
    let name = Some(row.strategy.clone());
    if row.not_run.is_some() {
        let cells = std::iter::once(name).chain(std::iter::repeat_n(None, HEADS.len() - 1)).collect();
        return Figures { cells, weight: Weight::Plain };
    }
    let cells = vec![
        name,
        row.median_seconds.map(three_digits),
        range(row).map(|(least, most)| format!("{} to {}", three_digits(least), three_digits(most))),
        row.against_fastest.map(three_digits),
        row.median_cpu_seconds.map(three_digits),
        Some(bytes(row.bytes)),
        Some(compact(row.row_groups)),
        row.pages.map(compact),
        Some(compact(row.rows_decoded)),
        row.peak_mib.map(three_digits),
        Some(if row.same_result { "yes" } else { "NO" }.to_owned()),
    ];
    let weight = match row.same_result {
        false => Weight::Warning,
        true if best == Some(row.strategy.as_str()) => Weight::Strong,
        true => Weight::Plain,
    };
    Figures { cells, weight }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn text(report: &BenchReport, width: usize) -> String {
        let mut out = Vec::new();
        super::super::bench_table(report, Style { width, color: false }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn eighty_columns() {
        let want = r"hunt          tor-traffic, 23 findings
events        archive/events/**/*.parquet
archive       90 files, 1.5 GiB
              22,500,000 rows in 180 row groups
lists         5,403 addresses and 12 prefixes of Tor lists
runs          median of 5 whole processes each, after one not counted; 2 threads
program       coldtrail 0.1.0

                   time     x                row             rows    RAM    same
strategy              s  best       read  groups   pages  decoded    MiB  result
────────────────────────────────────────────────────────────────────────────────
in-list            12.9  37.3    1.5 GiB     180  12.6 k   22.5 M  1,204     yes
semi-join          8.04  23.2    1.5 GiB     180  12.6 k   22.5 M  1,204     yes
semi-join-static   8.87  25.6    1.5 GiB     180  12.6 k   22.5 M  1,204     yes
sort-merge         31.6  91.3    1.5 GiB     180  12.6 k   22.5 M  1,204     yes
set-function      0.912  2.64    1.5 GiB     180  12.6 k   22.5 M  1,204     yes
dictionary        0.543  1.57  181.1 MiB     180  12.6 k    6.1 M  1,204     yes
id-scan           0.353  1.02  181.1 MiB     180  12.6 k    9,120  1,204     yes
auto              0.346  1.00  181.1 MiB     180  12.6 k    9,120    287     yes
index                 –     –          –       –       –        –      –       –

not run       index: no index of these files was given; write one with coldtrail
              index and name it with --index
fastest       auto with 0.346 s, 37.3 times as fast as in-list, 23.2 as
              semi-join, 25.6 as semi-join-static and 91.3 as sort-merge
";
        assert_eq!(text(&samples::report(), 80), want);
    }

    #[test]
    fn a_wide_terminal_shows_the_spread_and_the_processor() {
        let want = r"                   time   least to most     x    CPU                row             rows    RAM    same
strategy              s               s  best      s       read  groups   pages  decoded    MiB  result
───────────────────────────────────────────────────────────────────────────────────────────────────────
in-list            12.9    12.5 to 13.9  37.3   24.5    1.5 GiB     180  12.6 k   22.5 M  1,204     yes
semi-join          8.04    7.80 to 8.69  23.2   15.3    1.5 GiB     180  12.6 k   22.5 M  1,204     yes
semi-join-static   8.87    8.60 to 9.58  25.6   16.9    1.5 GiB     180  12.6 k   22.5 M  1,204     yes
sort-merge         31.6    30.7 to 34.1  91.3   60.0    1.5 GiB     180  12.6 k   22.5 M  1,204     yes
set-function      0.912  0.885 to 0.985  2.64   1.73    1.5 GiB     180  12.6 k   22.5 M  1,204     yes
dictionary        0.543  0.527 to 0.587  1.57   1.03  181.1 MiB     180  12.6 k    6.1 M  1,204     yes
id-scan           0.353  0.342 to 0.381  1.02  0.670  181.1 MiB     180  12.6 k    9,120  1,204     yes
auto              0.346  0.336 to 0.374  1.00  0.658  181.1 MiB     180  12.6 k    9,120    287     yes
index                 –               –     –      –          –       –       –        –      –       –";
        let text = text(&samples::report(), 120);
        assert_eq!(text.split("\n\n").nth(1), Some(want));
    }

    #[test]
    fn a_narrow_terminal_gets_a_block_for_each_strategy() {
        let text = text(&samples::report(), 50);
        let block =
            "dictionary\n  time s           0.543\n  least to most s  0.527 to 0.587\n  x best           1.57\n";
        assert!(text.contains(block), "{text}");
        assert!(text.contains("index\n\nnot run       index: no index of these files was"), "{text}");
    }

    #[test]
    fn another_result_is_a_warning_that_names_who_and_whose() {
        let mut report = samples::report();
        report.strategies[1] = BenchRow { same_result: false, findings: 22, ..report.strategies[1].clone() };
        report.strategies[6].same_result = false;
        let text = text(&report, 80);
        assert_eq!(text.matches("     NO\n").count(), 2, "{text}");
        let want = "
differs       not the result of in-list (23 findings): semi-join (22 findings)
              and id-scan (23 findings); that is a bug of this program, not of
              your data; please report it with this table
";
        assert!(text.ends_with(want), "{text}");
    }

    #[test]
    fn the_first_that_ran_is_the_one_that_others_are_held_against() {
        let mut report = samples::report();
        report.strategies[0].not_run = Some("stopped after 60 s".to_owned());
        report.strategies[2].same_result = false;
        let text = text(&report, 80);
        assert!(text.contains("\nnot run       in-list: stopped after 60 s\n              index: "), "{text}");
        assert!(text.contains("not the result of semi-join (23 findings): semi-join-static (23"), "{text}");
        assert!(text.contains("fastest       auto with 0.346 s, 23.2 times as fast as semi-join, 25.6 as"), "{text}");
    }

    #[test]
    fn without_a_plain_join_the_slowest_is_told_and_alone_nobody() {
        let mut report = samples::report();
        report.strategies.drain(..4);
        assert!(text(&report, 80).ends_with("fastest       auto with 0.346 s, 2.64 times as fast as set-function\n"));
        report.strategies.truncate(1);
        assert!(text(&report, 80).ends_with("fastest       set-function with 0.912 s\n"));
        report.strategies.clear();
        assert!(text(&report, 80).ends_with("fastest       no strategy ran\n"));
    }

    #[test]
    fn nothing_hostile_gets_through_and_many_sources_are_counted() {
        let mut report = samples::report();
        report.archive.sources = ["a\u{1b}[31m", "b\u{202e}", "c\nd", "e", "f"].map(str::to_owned).to_vec();
        report.strategies[8].not_run = Some("bad name \u{9b}2J".to_owned());
        report.strategies[0].strategy = "x\u{7}".to_owned();
        let text = text(&report, 80);
        assert!(!text.chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')), "{text}");
        for want in [r"a\x1b[31m", r"b\u{202e}", r"c\nd", "+2 more", r"bad name \x9b2J", r"x\x07 "] {
            assert!(text.contains(want), "{want}: {text}");
        }
    }

    #[test]
    fn colours_mark_the_fastest_and_another_result_only() {
        let mut report = samples::report();
        report.strategies[0].same_result = false;
        let mut out = Vec::new();
        super::super::bench_table(&report, Style { width: 80, color: true }, &mut out).unwrap();
        let colored = String::from_utf8(out).unwrap();
        assert!(colored.contains("\u{1b}[1mauto ") && colored.contains("\u{1b}[33min-list "), "{colored}");
        assert!(colored.contains("\nid-scan "), "{colored}");
        let bare =
            ["[0m", "[1m", "[2m", "[33m"].iter().fold(colored, |text, end| text.replace(&format!("\u{1b}{end}"), ""));
        assert_eq!(bare, text(&report, 80));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in [30, 50, 70, 80, 120, 200] {
            for line in text(&samples::report(), width).lines() {
                assert!(unicode_width::UnicodeWidthStr::width(line) <= width, "{width}: {line}");
            }
        }
    }
}
