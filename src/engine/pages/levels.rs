//! Definition levels: which rows are null, so that the n-th value of a page finds its row.

use super::Class;
use super::beyond::{Beyond, Checked, OrDamaged as _};
use super::hybrid::{Run, Runs};

/// Values of a page that are of interest: `count` from the `at`-th on, nulls not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) at: u32,
    pub(super) count: u32,
    pub(super) class: Class,
}

/// The levels of one page.
#[derive(Debug, Clone)]
pub(super) enum Levels<'a> {
    /// Every row has a value.
    Full { rows: u32 },
    /// Rows and nulls as runs of one bit.
    Mixed { runs: Runs<'a>, values: u32 },
}

impl<'a> Levels<'a> {
    /// Counts the values among `rows` levels.
    pub(super) fn read(bytes: &'a [u8], rows: u32) -> Checked<Self> {
        let runs = Runs::new(bytes, 1, rows)?;
        let mut counting = runs.clone();
        let mut values = 0;
        while let Some(run) = counting.next_run()? {
            values += match run {
                Run::Same { value: 0, .. } => 0,
                Run::Same { value: 1, count } => count,
                Run::Same { .. } => return Err(Beyond::Damaged("a definition level over 1")),
                Run::Packed { bytes, count } => ones(bytes, count),
            };
        }
        Ok(if values == rows { Self::Full { rows } } else { Self::Mixed { runs, values } })
    }

    /// How many rows have a value.
    pub(super) const fn values(&self) -> u32 {
        match self {
            Self::Full { rows } => *rows,
            Self::Mixed { values, .. } => *values,
        }
    }

    /// Says of each row, which must ascend, which of the page's values it has; `None` for a null.
    pub(super) fn values_of(&self, rows: impl Iterator<Item = u32>, mut found: impl FnMut(Option<u32>)) -> Checked<()> {
        let mut runs = match self {
            Self::Full { rows: all } => {
                for row in rows {
                    if row >= *all {
                        return Err(Beyond::Damaged("a row behind the page's last"));
                    }
                    found(Some(row));
                }
                return Ok(());
            }
            Self::Mixed { runs, .. } => runs.clone(),
        };
        let (mut run, mut first_row, mut first_value) = (Run::Same { value: 0, count: 0 }, 0, 0);
        for row in rows {
            loop {
                let (count, values) = match run {
                    Run::Same { value, count } => (count, if value == 0 { 0 } else { count }),
                    Run::Packed { bytes, count } => (count, ones(bytes, count)),
                };
                if row < first_row + count {
                    break;
                }
                (first_row, first_value) = (first_row + count, first_value + values);
                run = runs.next_run()?.or_damaged("a row behind the page's last")?;
            }
            let into = row - first_row;
            found(match run {
                Run::Same { value: 0, .. } => None,
                Run::Same { .. } => Some(first_value + into),
                Run::Packed { bytes, .. } => {
                    let byte = bytes.get(into as usize / 8).copied().unwrap_or(0);
                    (byte >> (into % 8) & 1 == 1).then(|| first_value + ones(bytes, into))
                }
            });
        }
        Ok(())
    }

    /// Says of each hit, which must ascend, which rows of the page it is.
    pub(super) fn place(self, hits: &[Hit], mut found: impl FnMut(u32, u32, Class)) -> Checked<()> {
        let runs = match self {
            Self::Full { .. } => {
                hits.iter().for_each(|hit| found(hit.at, hit.count, hit.class));
                return Ok(());
            }
            Self::Mixed { runs, .. } => runs,
        };
        let mut rows = Rows { runs, run: Run::Same { value: 0, count: 0 }, row: 0, value: 0, used: 0 };
        for hit in hits {
            let (mut at, end) = (hit.at, hit.at + hit.count);
            while at < end {
                let (row, together) = rows.row_of(at)?;
                let together = together.min(end - at);
                found(row, together, hit.class);
                at += together;
            }
        }
        Ok(())
    }
}

/// The set bits among the first `count`.
fn ones(bytes: &[u8], count: u32) -> u32 {
    let (whole, rest) = (count as usize / 8, count % 8);
    let full = bytes.get(..whole).unwrap_or_default();
    let (words, tail) = full.as_chunks::<8>();
    let last = bytes.get(whole).map_or(0, |last| last & ((1_u16 << rest) - 1) as u8);
    words.iter().map(|word| u64::from_le_bytes(*word).count_ones()).sum::<u32>()
        + tail.iter().map(|byte| byte.count_ones()).sum::<u32>()
        + last.count_ones()
}

/// Walks over levels, never back.
struct Rows<'a> {
    runs: Runs<'a>,
    run: Run<'a>,
    /// The row and the value at which what is left of `run` starts.
    row: u32,
    value: u32,
    /// Whole bytes of a packed run that lie behind.
    used: u32,
}

impl Rows<'_> {
    /// The row of a value, and how many values from it on lie in adjacent rows for sure.
    fn row_of(&mut self, value: u32) -> Checked<(u32, u32)> {
        loop {
            match self.run {
                Run::Same { value: 1, count } if value < self.value + count => {
                    let into = value - self.value;
                    return Ok((self.row + into, count - into));
                }
                Run::Same { value: level, count } => {
                    self.row += count;
                    self.value += if level == 0 { 0 } else { count };
                    self.next()?;
                }
                Run::Packed { bytes, count } => match self.in_packed(bytes, count, value) {
                    Some(row) => return Ok((row, 1)),
                    None => self.next()?,
                },
            }
        }
    }

    fn next(&mut self) -> Checked<()> {
        self.run = self.runs.next_run()?.or_damaged("fewer levels than values")?;
        self.used = 0;
        Ok(())
    }

    /// The row of a value in a packed run of `count` levels; passes the run if it is not there.
    fn in_packed(&mut self, bytes: &[u8], count: u32, value: u32) -> Option<u32> {
        while self.used * 8 < count {
            let here = (count - self.used * 8).min(8);
            let byte = bytes.get(self.used as usize).map_or(0, |byte| byte & (0xff >> (8 - here)));
            let ones = byte.count_ones();
            if value < self.value + ones {
                // Drops the ones before the wanted one.
                let wanted = (self.value..value).fold(byte, |byte, _| byte & byte.wrapping_sub(1));
                return Some(self.row + wanted.trailing_zeros());
            }
            self.value += ones;
            self.row += here;
            self.used += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Levels as a writer might put them: runs where at least eight are equal, else packed groups.
    fn written(present: &[bool]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for group in present.chunks(8) {
            if group.iter().all(|p| *p == group[0]) {
                bytes.extend([u8::try_from(group.len()).unwrap() << 1, u8::from(group[0])]);
            } else {
                let packed = group.iter().enumerate().fold(0, |byte, (at, p)| byte | u8::from(*p) << at);
                bytes.extend([3, packed]);
            }
        }
        bytes
    }

    proptest! {
        #[test]
        fn every_value_finds_its_row(
            present in proptest::collection::vec(any::<bool>(), 1..100),
            runs in proptest::collection::vec((any::<bool>(), 0..40_usize), 0..6),
            wanted in proptest::collection::vec(any::<bool>(), 300),
        ) {
            let mut present = present;
            present.extend(runs.iter().flat_map(|(p, n)| std::iter::repeat_n(*p, *n)));
            let rows_of: Vec<u32> = (0..).zip(&present).filter(|(_, p)| **p).map(|(row, _)| row).collect();
            let bytes = written(&present);
            let levels = Levels::read(&bytes, u32::try_from(present.len()).unwrap()).unwrap();
            prop_assert_eq!(levels.values() as usize, rows_of.len());
            let hits: Vec<Hit> = (0..)
                .zip(&rows_of)
                .zip(&wanted)
                .filter(|(_, wanted)| **wanted)
                .map(|((at, _), _)| Hit { at, count: 1, class: Class::Listed })
                .collect();
            let want: Vec<u32> = hits.iter().map(|hit| rows_of[hit.at as usize]).collect();
            let mut got = Vec::new();
            levels.clone().place(&hits, |row, count, _| got.extend(row..row + count)).unwrap();
            prop_assert_eq!(got, want);
            // All values as one hit.
            let all = Hit { at: 0, count: levels.values(), class: Class::Listed };
            let mut got = Vec::new();
            levels.place(&[all], |row, count, _| got.extend(row..row + count)).unwrap();
            prop_assert_eq!(got, rows_of);
        }
    }
}
