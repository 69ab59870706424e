//! Texts one after the other, each behind its length in four bytes.

use super::beyond::{Checked, OrDamaged as _};

/// Hands each of `count` texts over.
#[inline]
pub(super) fn each(mut rest: &[u8], count: u32, mut text: impl FnMut(u32, &[u8])) -> Checked<()> {
    for at in 0..count {
        let (length, tail) = rest.split_first_chunk::<4>().or_damaged("fewer texts than values")?;
        let length = u32::from_le_bytes(*length) as usize;
        let (one, tail) = tail.split_at_checked(length).or_damaged("a text reaches beyond its page")?;
        text(at, one);
        rest = tail;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_the_ways_to_be_cut() {
        let bytes = [2, 0, 0, 0, b'a', b'b', 0, 0, 0, 0];
        let mut got = Vec::new();
        each(&bytes, 2, |at, text| got.push((at, text.to_vec()))).unwrap();
        assert_eq!(got, [(0, b"ab".to_vec()), (1, Vec::new())]);
        for cut in 0..bytes.len() {
            assert!(each(&bytes[..cut], 2, |_, _| {}).is_err(), "{cut}");
        }
        assert!(each(&[255, 255, 255, 255, 0], 1, |_, _| {}).is_err());
    }
}
