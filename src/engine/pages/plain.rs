//! Texts one after the other, each behind its length in four bytes.

use super::Class;
use super::beyond::{Beyond, Checked, OrDamaged as _};
use super::classify::{BLOCK_TEXTS, Classify};

/// Has each of `count` texts classified, block after block; `told` is given each block with its classes, behind the number of its
/// first text.
#[inline]
pub(super) fn classify<C: Classify + ?Sized>(
    mut rest: &[u8],
    count: u32,
    ask: &mut C,
    mut told: impl FnMut(u32, &[&[u8]], &[Class]),
) -> Checked<()> {
    let (mut texts, mut classes) = ([&[][..]; BLOCK_TEXTS], [Class::Other; BLOCK_TEXTS]);
    let mut first = 0;
    while first < count {
        let many = (count - first).min(BLOCK_TEXTS as u32);
        let texts = texts.get_mut(..many as usize).unwrap_or_default();
        for text in &mut *texts {
            let (length, tail) = rest.split_first_chunk::<4>().or_damaged("fewer texts than values")?;
            let length = u32::from_le_bytes(*length) as usize;
            (*text, rest) = tail.split_at_checked(length).or_damaged("a text reaches beyond its page")?;
        }
        let classes = classes.get_mut(..texts.len()).unwrap_or_default();
        ask.block(texts, classes);
        told(first, texts, classes);
        first += many;
    }
    Ok(())
}

/// Walks over the texts.
pub(super) struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Walks on from a place at which a walk has been.
    pub(super) const fn from(bytes: &'a [u8], at: u32) -> Self {
        Self { bytes, at: at as usize }
    }

    /// Where it is. A page is far smaller than four gigabytes.
    pub(super) fn at(&self) -> u32 {
        u32::try_from(self.at).unwrap_or(u32::MAX)
    }

    /// Where the next text begins and ends.
    #[inline]
    pub(super) fn next_text(&mut self) -> Checked<(usize, usize)> {
        let head = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<4>);
        let length = u32::from_le_bytes(*head.or_damaged("fewer texts than values")?) as usize;
        let start = self.at + 4;
        let end = start.saturating_add(length);
        if end > self.bytes.len() {
            return Err(Beyond::Damaged("a text reaches beyond its page"));
        }
        self.at = end;
        Ok((start, end))
    }
}

/// Says of some of `count` texts, by numbers that ascend, where they begin and end.
pub(super) fn pick(
    bytes: &[u8],
    count: u32,
    wanted: impl Iterator<Item = u32>,
    mut found: impl FnMut((usize, usize)),
) -> Checked<()> {
    let mut walk = Walk::new(bytes);
    let mut next = 0;
    for wanted in wanted {
        if wanted < next || wanted >= count {
            return Err(Beyond::Damaged("fewer texts than values"));
        }
        let mut place = walk.next_text()?;
        while next < wanted {
            place = walk.next_text()?;
            next += 1;
        }
        next += 1;
        found(place);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classified(bytes: &[u8], count: u32) -> Checked<Vec<(u32, usize)>> {
        let (mut lengths, mut got) = (Vec::new(), Vec::new());
        let mut ask = |text: &[u8]| {
            lengths.push(text.len());
            if text.len() == 2 { Class::Listed } else { Class::Other }
        };
        classify(bytes, count, &mut ask, |first, _, classes| {
            got.extend((first..).zip(classes).map(|(at, class)| (at, usize::from(*class == Class::Listed))));
        })?;
        assert_eq!(lengths.len(), count as usize);
        Ok(got)
    }

    #[test]
    fn texts_and_the_ways_to_be_cut() {
        let bytes = [2, 0, 0, 0, b'a', b'b', 0, 0, 0, 0];
        assert_eq!(classified(&bytes, 2).unwrap(), [(0, 1), (1, 0)]);
        for cut in 0..bytes.len() {
            assert!(classified(&bytes[..cut], 2).is_err(), "{cut}");
        }
        assert!(classified(&[255, 255, 255, 255, 0], 1).is_err());
    }

    #[test]
    fn more_texts_than_a_block_holds() {
        let many: Vec<u8> = (0..200)
            .flat_map(|at| {
                [1 + u8::from(at % 3 == 0), 0, 0, 0, b'a', b'b'].into_iter().take(5 + usize::from(at % 3 == 0))
            })
            .collect();
        let got = classified(&many, 200).unwrap();
        assert!(
            got.iter().enumerate().all(|(at, got)| *got == (at as u32, usize::from(at % 3 == 0))) && got.len() == 200
        );
    }
}
