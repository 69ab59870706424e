//! The funnel as aligned numbers.

use super::lines::Lines;
use super::text;
use crate::model::coverage::Coverage;
use crate::report::ReportError;
use crate::report::facts::funnel::steps;
use crate::report::facts::number::thousands;
use crate::report::hostile::visible;

/// Writes one line per step; a note that does not fit goes below.
pub(in crate::report) fn write(coverage: &Coverage, lines: &mut Lines<'_>) -> Result<(), ReportError> {
    let steps = steps(coverage);
    let numbers: Vec<String> = steps.iter().map(|step| thousands(step.count)).collect();
    let number_room = numbers.iter().map(String::len).max().unwrap_or_default();
    let label_most = steps.iter().map(|step| text::width(&visible(&step.label))).max().unwrap_or_default();
    let label_room = label_most.min(lines.width().saturating_sub(number_room + 2));
    for (step, number) in steps.iter().zip(&numbers) {
        let label = text::pad(&text::fit(&visible(&step.label), label_room), label_room);
        let head = format!("{label}  {number:>number_room$}");
        let line = format!("{head}   {}", step.note);
        if text::width(&line) <= lines.width() {
            lines.put(&[(&line, None)])?;
            continue;
        }
        lines.put(&[(&head, None)])?;
        for part in text::wrap(&step.note, lines.width().saturating_sub(2)) {
            lines.put(&[("  ", None), (&part, None)])?;
        }
    }
    Ok(())
}
