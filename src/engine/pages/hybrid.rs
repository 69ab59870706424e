//! The hybrid of runs and packed groups in which dictionary numbers and levels are written.
//!
//! A header's lowest bit says which: an even one is followed by one value that is repeated, an odd one by groups of eight
//! values, each as many bits wide as the page says.

use super::beyond::{Beyond, Checked, OrDamaged as _};
use super::thrift::varint;

/// A stretch of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run<'a> {
    /// One value, so many times.
    Same { value: u32, count: u32 },
    /// So many values, packed from the lowest bit on. The last group may be cut behind its last value.
    Packed { bytes: &'a [u8], count: u32 },
}

/// The runs of a page that are needed for its values.
#[derive(Debug, Clone)]
pub(super) struct Runs<'a> {
    rest: &'a [u8],
    width: u32,
    left: u32,
}

impl<'a> Runs<'a> {
    /// Runs of `count` values, each `width` bits wide.
    pub(super) fn new(rest: &'a [u8], width: u32, count: u32) -> Checked<Self> {
        if width > 32 {
            return Err(Beyond::Damaged("a bit width over 32"));
        }
        Ok(Self { rest, width, left: count })
    }

    /// The next run, or `None` once all values were seen.
    pub(super) fn next_run(&mut self) -> Checked<Option<Run<'a>>> {
        while self.left > 0 {
            let head = varint(&mut self.rest).or_damaged("fewer numbers than values")?;
            let run = if head & 1 == 0 { self.same(head >> 1)? } else { self.packed(head >> 1)? };
            match run {
                Run::Same { count: 0, .. } | Run::Packed { count: 0, .. } => {}
                Run::Same { count, .. } | Run::Packed { count, .. } => {
                    self.left -= count;
                    return Ok(Some(run));
                }
            }
        }
        Ok(None)
    }

    fn same(&mut self, count: u64) -> Checked<Run<'a>> {
        let wide = self.width.div_ceil(8) as usize;
        let (bytes, rest) = self.rest.split_at_checked(wide).or_damaged("a run without its value")?;
        self.rest = rest;
        let mut value = [0; 4];
        value.get_mut(..wide).or_damaged("a bit width over 32")?.copy_from_slice(bytes);
        Ok(Run::Same { value: u32::from_le_bytes(value), count: self.limited(count) })
    }

    fn packed(&mut self, groups: u64) -> Checked<Run<'a>> {
        let count = self.limited(groups.saturating_mul(8));
        let needed = (u64::from(count) * u64::from(self.width)).div_ceil(8);
        let whole = groups.saturating_mul(u64::from(self.width));
        let length = usize::try_from(whole).unwrap_or(usize::MAX).min(self.rest.len());
        if needed > length as u64 {
            return Err(Beyond::Damaged("fewer numbers than values"));
        }
        let (bytes, rest) = self.rest.split_at(length);
        self.rest = rest;
        Ok(Run::Packed { bytes, count })
    }

    fn limited(&self, count: u64) -> u32 {
        u32::try_from(count).unwrap_or(u32::MAX).min(self.left)
    }
}
