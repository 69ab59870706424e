//! Bars of the medians, to be seen beside each other at their true lengths.
//!
//! Nothing is told by colour alone. The renderer's fonts are not known here, so that every text has room for wide letters.

use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{ran, range, words};
use crate::model::bench::{BenchReport, BenchRow};
use crate::report::ReportError;
use crate::report::facts::number::three_digits;
use crate::report::hostile::visible;

const WIDTH: u32 = 960;
/// Title and the line below it.
const TOP: u32 = 76;
/// One bar and the room about it.
const BAR: u32 = 34;
/// The axis and what it says.
const BOTTOM: u32 = 54;
/// Names of strategies, the longest of which is `semi-join-static`.
const LEFT: u32 = 172;
/// The value of the longest bar, and that its result differs.
const RIGHT: u32 = 208;

/// Below the axis, for letters that reach down.
const EDGE: u32 = 8;

const FONT: &str = "sans-serif";
const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
const FILL: RGBColor = RGBColor(0x8f, 0xae, 0xc8);
const GRID: RGBColor = RGBColor(0xdd, 0xdd, 0xdd);

/// Characters of a title above which it is cut.
const TITLE_MAX: usize = 64;
/// Characters of the smaller lines.
const LINE_MAX: usize = 104;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Plot<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// The chart.
pub(super) fn svg(report: &BenchReport) -> Result<String, ReportError> {
    let mut svg = String::new();
    let bars: Vec<(&BenchRow, f64)> = ran(report).collect();
    draw(report, &bars, &mut svg).map_err(ReportError::Chart)?;
    Ok(svg)
}

type Drawn = Result<(), Box<dyn std::error::Error + Send + Sync>>;

fn draw(report: &BenchReport, bars: &[(&BenchRow, f64)], svg: &mut String) -> Drawn {
    let count = u32::try_from(bars.len())?;
    let area = SVGBackend::with_string(svg, (WIDTH, TOP + BAR * count.max(1) + BOTTOM + EDGE)).into_drawing_area();
    area.fill(&WHITE)?;
    titles(report, &area)?;
    if bars.is_empty() {
        text(&area, "no strategy ran", 15, (24, i32::try_from(TOP + BAR / 2)?), Pos::new(HPos::Left, VPos::Center))?;
    } else {
        plot(report, bars, &area)?;
    }
    Ok(area.present()?)
}

fn titles(report: &BenchReport, area: &Area<'_>) -> Drawn {
    let title = format!("{}: the same hunt by each strategy", report.hunt);
    let below =
        format!("{} of {}, {}; {}", words::rows(report), words::files(report), words::threads(report), report.lists);
    let left = Pos::new(HPos::Left, VPos::Top);
    text(area, &cut(&title, TITLE_MAX), 24, (24, 18), left)?;
    text(area, &cut(&below, LINE_MAX), 15, (24, 48), left)
}

fn plot(report: &BenchReport, bars: &[(&BenchRow, f64)], area: &Area<'_>) -> Drawn {
    let longest = bars.iter().map(|(row, median)| most(row, *median)).fold(0.0, f64::max);
    let end = if longest > 0.0 { longest } else { 1.0 };
    let rows = f64::from(u32::try_from(bars.len())?);
    let mut chart = ChartBuilder::on(area)
        .margin_top(TOP)
        .margin_right(RIGHT)
        .margin_bottom(EDGE)
        .set_label_area_size(LabelAreaPosition::Left, LEFT)
        .set_label_area_size(LabelAreaPosition::Bottom, BOTTOM)
        .build_cartesian_2d(0.0..end, rows..0.0)?;
    let runs = if report.repeat == 1 { "one run".to_owned() } else { format!("median of {} runs", report.repeat) };
    chart
        .configure_mesh()
        .disable_y_mesh()
        .y_labels(0)
        .x_labels(8)
        .max_light_lines(0)
        .bold_line_style(GRID)
        .axis_style(INK)
        .x_label_style((FONT, 14).into_font().color(&INK))
        .axis_desc_style((FONT, 14).into_font().color(&INK))
        .x_desc(format!("seconds, {runs}; lines from the fastest to the slowest run; shorter is better"))
        .draw()?;
    for (index, (row, median)) in bars.iter().enumerate() {
        bar(row, *median, f64::from(u32::try_from(index)?), &mut chart, area)?;
    }
    Ok(())
}

/// A bar, its whisker, its name on the left and its value on the right.
fn bar(row: &BenchRow, median: f64, top: f64, chart: &mut Plot<'_, '_>, area: &Area<'_>) -> Drawn {
    let middle = top + 0.5;
    let corners = [(0.0, top + 0.18), (median, top + 0.82)];
    chart.draw_series([Rectangle::new(corners, FILL.filled()), Rectangle::new(corners, INK)])?;
    if let Some((least, most)) = range(row) {
        let end = |at| PathElement::new([(at, top + 0.36), (at, top + 0.64)], INK.stroke_width(2));
        let line = PathElement::new([(least, middle), (most, middle)], INK.stroke_width(2));
        chart.draw_series([line, end(least), end(most)])?;
    }
    let (left, y) = chart.backend_coord(&(0.0, middle));
    let (right, _) = chart.backend_coord(&(most(row, median), middle));
    text(area, &cut(&row.strategy, 18), 15, (left - 10, y), Pos::new(HPos::Right, VPos::Center))?;
    let mut value = format!("{} s", three_digits(median));
    if let Some(times) = row.against_fastest.filter(|times| *times > 1.0) {
        value.push_str(&format!(" ({} x)", three_digits(times)));
    }
    if !row.same_result {
        value.push_str(", differs");
    }
    text(area, &value, 15, (right + 10, y), Pos::new(HPos::Left, VPos::Center))
}

/// Where a row's drawing ends.
fn most(row: &BenchRow, median: f64) -> f64 {
    range(row).map_or(median, |(_, most)| most.max(median))
}

fn text(area: &Area<'_>, text: &str, size: i32, at: (i32, i32), anchor: Pos) -> Drawn {
    let style = TextStyle::from((FONT, size).into_font()).color(&INK).pos(anchor);
    Ok(area.draw_text(text, &style, at)?)
}

/// Without control characters, which XML cannot hold, and at most so many characters.
fn cut(text: &str, max: usize) -> String {
    let text = visible(text);
    if text.chars().count() <= max {
        return text.into_owned();
    }
    text.chars().take(max - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    /// The names of the elements in order, and the texts, of XML as this room writes it; panics where tags do not pair.
    fn read(svg: &str) -> (Vec<String>, Vec<String>) {
        let (mut open, mut names, mut texts) = (Vec::new(), Vec::new(), Vec::new());
        for piece in svg.split('<').skip(1) {
            let (tag, text) = piece.split_once('>').expect("a tag ends");
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name), "{tag}");
                assert_eq!(text.trim(), "");
                continue;
            }
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            let name = tag.split([' ', '/']).next().unwrap();
            names.push(name.to_owned());
            if !tag.ends_with(['/', '?']) {
                open.push(name);
            }
            if !text.trim().is_empty() {
                assert_eq!(open.last(), Some(&"text"), "{text}");
                texts.push(text.trim().to_owned());
            }
        }
        assert_eq!(open, [""; 0]);
        assert!(svg.chars().all(|c| c == '\n' || !c.is_control()));
        (names, texts)
    }

    fn numbers(svg: &str, attribute: &str) -> Vec<u32> {
        svg.split(&format!(" {attribute}=\""))
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
            .collect()
    }

    #[test]
    fn every_strategy_that_ran_has_a_bar_and_its_value() {
        let report = samples::report();
        let (names, texts) = read(&svg(&report).unwrap());
        assert_eq!(names.iter().filter(|name| *name == "rect").count(), 1 + 2 * 8);
        for word in
            ["in-list", "semi-join", "semi-join-static", "sort-merge", "set-function", "dictionary", "id-scan", "auto"]
        {
            assert_eq!(texts.iter().filter(|text| *text == word).count(), 1, "{word}: {texts:?}");
        }
        assert!(!texts.iter().any(|text| text == "index"));
        assert!(texts.contains(&"12.9 s (37.3 x)".to_owned()) && texts.contains(&"0.346 s".to_owned()), "{texts:?}");
        let below =
            "22,500,000 rows in 180 row groups of 90 files, 2 threads; 5,403 addresses and 12 prefixes of Tor lists";
        assert!(texts.contains(&below.to_owned()), "{texts:?}");
    }

    #[test]
    fn bars_are_as_long_as_their_times_and_stay_on_the_canvas() {
        let report = samples::report();
        let svg = svg(&report).unwrap();
        let widths = numbers(&svg, "width");
        let bars: Vec<u32> = widths.get(2..).unwrap().iter().step_by(2).copied().collect();
        assert_eq!(bars.len(), 8);
        for (bar, (_, median)) in bars.iter().zip(ran(&report)) {
            let want = f64::from(*bars.get(3).unwrap()) * median / 31.602;
            assert!((f64::from(*bar) - want).abs() <= 1.5, "{bar} {want}");
        }
        let height = TOP + BAR * 8 + BOTTOM + EDGE;
        assert!(numbers(&svg, "x").iter().all(|x| *x <= WIDTH - 150) && numbers(&svg, "y").iter().all(|y| *y < height));
    }

    #[test]
    fn another_result_is_said_in_words() {
        let mut report = samples::report();
        report.strategies[3].same_result = false;
        let (_, texts) = read(&svg(&report).unwrap());
        assert!(texts.contains(&"31.6 s (91.3 x), differs".to_owned()), "{texts:?}");
    }

    #[test]
    fn nothing_to_draw_is_still_a_chart() {
        let mut report = samples::report();
        report.strategies.iter_mut().for_each(|row| row.not_run = Some("stopped".to_owned()));
        assert!(read(&svg(&report).unwrap()).1.contains(&"no strategy ran".to_owned()));
        report.strategies.truncate(1);
        report.strategies[0] = BenchRow { median_seconds: Some(0.0), ..BenchRow::default() };
        read(&svg(&report).unwrap());
    }

    #[test]
    fn hostile_text_stays_text() {
        let mut report = samples::report();
        report.hunt = "<script>&\"\u{1b}[31m".to_owned();
        report.strategies[0].strategy = "\u{202e}</text>".to_owned();
        report.lists = "x".repeat(500);
        let (names, texts) = read(&svg(&report).unwrap());
        assert!(!names.contains(&"script".to_owned()));
        assert!(texts.iter().any(|text| text.starts_with("&lt;script&gt;&amp;")), "{texts:?}");
        assert!(texts.iter().all(|text| text.len() < 200));
    }
}
