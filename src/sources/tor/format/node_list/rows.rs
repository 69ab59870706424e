//! CSV rows of a text that is whole in memory, in which one stray quote must not swallow the rows behind it.
//!
//! A quote that is opened and not closed makes one record of many lines. Such a record is believed when it has as many
//! columns as the header and none of its lines has; else each of its lines is read as the row that it was meant to be.

use csv::{Reader, ReaderBuilder, StringRecord};

/// Shows the line (from 1) and the cells of every row, the header first.
pub(super) fn each(text: &str, show: &mut dyn FnMut(usize, &StringRecord)) {
    let mut reader = reader(text);
    let mut record = StringRecord::new();
    let (mut at, mut line, mut columns) = (0, 1, None);
    while reader.read_record(&mut record).is_ok_and(|more| more) {
        let end = usize::try_from(reader.position().byte()).unwrap_or(text.len());
        let raw = text.get(at..end).unwrap_or_default();
        let own = raw.trim_start_matches(['\r', '\n']);
        line += breaks(raw.get(..raw.len() - own.len()).unwrap_or_default());
        let columns = *columns.get_or_insert(record.len());
        if own.trim_end().contains('\n') {
            let alone: Vec<(usize, StringRecord)> = lines(own).collect();
            if record.len() == columns && alone.iter().all(|(_, row)| row.len() != columns) {
                show(line, &record);
            } else {
                alone.iter().for_each(|(after, row)| show(line + after, row));
            }
        } else {
            show(line, &record);
        }
        line += breaks(own);
        at = end;
    }
}

fn reader(text: &str) -> Reader<&[u8]> {
    ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes())
}

fn breaks(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

/// Every line as a row of its own, with the count of lines before it.
fn lines(text: &str) -> impl Iterator<Item = (usize, StringRecord)> {
    text.lines().enumerate().filter_map(|(after, line)| {
        let mut record = StringRecord::new();
        reader(line).read_record(&mut record).is_ok_and(|more| more).then_some((after, record))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(usize, String)> {
        let mut rows = Vec::new();
        each(text, &mut |line, record| rows.push((line, record.iter().collect::<Vec<_>>().join("|"))));
        rows
    }

    #[test]
    fn rows_have_the_lines_of_the_file() {
        let text = "a,b,c\n1,2,\n\n\n3,\"4\n5\",6\nx\n7,\"8 \"\"9\"\"\",";
        let want = [(1, "a|b|c"), (2, "1|2|"), (5, "3|4\n5|6"), (7, "x"), (8, "7|8 \"9\"|")]
            .map(|(line, row)| (line, row.to_string()));
        assert_eq!(rows(text), want);
        assert_eq!(rows(&format!("{text}\n")), want);
        let crlf: Vec<_> = want.iter().map(|(line, row)| (*line, row.replace('\n', "\r\n"))).collect();
        assert_eq!(rows(&text.replace('\n', "\r\n")), crlf);
        assert!(rows("").is_empty());
    }

    #[test]
    fn a_stray_quote_costs_its_own_line() {
        let want = [(1, "a|b"), (2, "1|2,x\n"), (3, "3|4"), (4, "5|6")];
        for text in ["a,b\n1,\"2,x\n3,4\n5,6\n", "a,b\r\n1,\"2,x\r\n3,4\r\n5,6"] {
            let read: Vec<_> = rows(text).into_iter().map(|(line, row)| (line, row.trim_end().to_string())).collect();
            assert_eq!(read, want.map(|(line, row)| (line, row.trim_end().to_string())));
        }
    }
}
