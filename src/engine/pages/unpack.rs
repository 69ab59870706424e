//! Dictionary numbers against the marks, eight at a time and without being stored.

use super::Class;
use super::beyond::{Checked, OrDamaged as _};
use super::hybrid::{Run, Runs};
use super::levels::Hit;
use super::marks::Marks;

/// The longest group: eight numbers of 32 bits, and eight bytes so that every number can be read as one word.
const WINDOW: usize = 40;

/// Appends where among a page's values the marked ones are. `values` opens with the width of the numbers.
pub(super) fn find(values: &[u8], count: u32, marks: &Marks, hits: &mut Vec<Hit>) -> Checked<()> {
    if count == 0 {
        return Ok(());
    }
    let (width, rest) = values.split_first().or_damaged("a page without the width of its numbers")?;
    let mut runs = Runs::new(rest, u32::from(*width), count)?;
    let mut at = 0;
    while let Some(run) = runs.next_run()? {
        match run {
            Run::Same { value, count } => {
                let class = marks.class(value).or_damaged("a number without a dictionary entry")?;
                if class != Class::Other {
                    hits.push(Hit { at, count, class });
                }
                at += count;
            }
            Run::Packed { bytes, count } => {
                by_width(u32::from(*width), Packed { bytes, count, at }, marks, hits)?;
                at += count;
            }
        }
    }
    Ok(())
}

/// Puts in the place of some of a page's `count` numbers, by which they are asked for and which ascend, the numbers.
pub(super) fn pick<'a>(values: &[u8], count: u32, asked: impl Iterator<Item = &'a mut u32>) -> Checked<()> {
    let mut asked = asked.peekable();
    if asked.peek().is_none() {
        return Ok(());
    }
    let (width, rest) = values.split_first().or_damaged("a page without the width of its numbers")?;
    let mut runs = Runs::new(rest, u32::from(*width), count)?;
    let mut at = 0;
    while let (Some(_), Some(run)) = (asked.peek(), runs.next_run()?) {
        let end = at
            + match run {
                Run::Same { count, .. } | Run::Packed { count, .. } => count,
            };
        while let Some(asked) = asked.next_if(|asked| **asked < end) {
            *asked = match run {
                Run::Same { value, .. } => value,
                Run::Packed { bytes, .. } => packed(bytes, u32::from(*width), *asked - at),
            };
        }
        at = end;
    }
    if asked.peek().is_none() { Ok(()) } else { None.or_damaged("fewer numbers than values") }
}

/// A number of at most 32 bits among packed ones.
fn packed(bytes: &[u8], width: u32, at: u32) -> u32 {
    let bit = u64::from(at) * u64::from(width);
    let tail = usize::try_from(bit / 8).ok().and_then(|from| bytes.get(from..)).unwrap_or_default();
    let word = tail.iter().take(8).rev().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
    (word >> (bit % 8) & ((1 << width) - 1)) as u32
}

/// Packed numbers, the first of which is the page's value `at`.
#[derive(Clone, Copy)]
struct Packed<'a> {
    bytes: &'a [u8],
    count: u32,
    at: u32,
}

/// The loop for each width, so that all shifts are constants.
fn by_width(width: u32, packed: Packed<'_>, marks: &Marks, hits: &mut Vec<Hit>) -> Checked<()> {
    macro_rules! widths {
        ($($width:literal)*) => {
            match width {
                0 => same(packed, marks, hits),
                $($width => scan::<$width>(packed, marks, hits),)*
                _ => None.or_damaged("a bit width over 32"),
            }
        };
    }
    widths!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32)
}

/// Numbers of no bits are all zero.
fn same(packed: Packed<'_>, marks: &Marks, hits: &mut Vec<Hit>) -> Checked<()> {
    let class = marks.class(0).or_damaged("a number without a dictionary entry")?;
    if class != Class::Other {
        hits.push(Hit { at: packed.at, count: packed.count, class });
    }
    Ok(())
}

fn scan<const W: usize>(packed: Packed<'_>, marks: &Marks, hits: &mut Vec<Hit>) -> Checked<()> {
    let Packed { mut bytes, mut count, mut at } = packed;
    while count > 0 {
        let mut padded = [0; WINDOW];
        let window = match bytes.first_chunk::<WINDOW>() {
            Some(window) => window,
            None => {
                padded.get_mut(..bytes.len()).or_damaged("a bit width over 32")?.copy_from_slice(bytes);
                &padded
            }
        };
        let here = count.min(8);
        let marked = group::<W>(window, marks) & (0xff >> (8 - here));
        if marked != 0 {
            resolve::<W>(window, marked, at, marks, hits)?;
        }
        bytes = bytes.get(W..).unwrap_or_default();
        count -= here;
        at += here;
    }
    Ok(())
}

/// Which of eight numbers are marked.
#[inline]
fn group<const W: usize>(window: &[u8; WINDOW], marks: &Marks) -> u32 {
    let mut marked = 0;
    for lane in 0..8 {
        marked |= marks.mark(number::<W>(window, lane)) << lane;
    }
    marked
}

#[inline]
fn number<const W: usize>(window: &[u8; WINDOW], lane: usize) -> u32 {
    let bit = lane * W;
    let word = window.get(bit / 8..).and_then(|tail| tail.first_chunk::<8>()).map_or(0, |w| u64::from_le_bytes(*w));
    // A number is at most 32 bits wide and starts within seven bits of its byte.
    ((word >> (bit % 8)) & ((1 << W) - 1)) as u32
}

/// The rare group that holds something.
#[cold]
fn resolve<const W: usize>(
    window: &[u8; WINDOW],
    marked: u32,
    at: u32,
    marks: &Marks,
    hits: &mut Vec<Hit>,
) -> Checked<()> {
    for lane in (0..8_u32).filter(|lane| marked >> lane & 1 == 1) {
        let class =
            marks.class(number::<W>(window, lane as usize)).or_damaged("a number without a dictionary entry")?;
        hits.push(Hit { at: at + lane, count: 1, class });
    }
    Ok(())
}
