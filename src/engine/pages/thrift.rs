//! The few words of Thrift's compact protocol in which page headers are written.
//!
//! parquet keeps its own reader of page headers to itself and hands out pages only after decompressing them; to skip a
//! page unread its header must be read here. Whatever is not expected is skipped within bounds, or is damage.

use super::beyond::{Beyond, Checked, OrDamaged as _};

/// How deep structures inside statistics may nest before it is damage.
const DEPTH_MAX: u32 = 16;

/// The type of a field, as the protocol numbers them. The two booleans carry their value in the type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    True,
    False,
    Byte,
    I16,
    I32,
    I64,
    Double,
    Binary,
    List,
    Map,
    Struct,
}

impl Kind {
    const fn of(nibble: u8) -> Option<Self> {
        Some(match nibble {
            1 => Self::True,
            2 => Self::False,
            3 => Self::Byte,
            4 => Self::I16,
            5 => Self::I32,
            6 => Self::I64,
            7 => Self::Double,
            8 => Self::Binary,
            // A set is written as a list.
            9 | 10 => Self::List,
            11 => Self::Map,
            12 => Self::Struct,
            _ => return None,
        })
    }
}

/// Reads fields from the front of some bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Thrift<'a> {
    pub(super) rest: &'a [u8],
}

impl Thrift<'_> {
    /// The next field's number and type, or `None` at the end of the structure. `last` is the number before.
    pub(super) fn field(&mut self, last: &mut i16) -> Checked<Option<(i16, Kind)>> {
        let head = self.byte()?;
        if head == 0 {
            return Ok(None);
        }
        let kind = Kind::of(head & 0x0f).or_damaged("an unknown type in a page header")?;
        *last = match head >> 4 {
            0 => i16::try_from(self.integer()?).or_damaged("a field number out of range")?,
            delta => last.checked_add(i16::from(delta)).or_damaged("a field number out of range")?,
        };
        Ok(Some((*last, kind)))
    }

    /// A number that must fit 32 bits.
    pub(super) fn i32(&mut self, kind: Kind) -> Checked<i32> {
        if kind != Kind::I32 {
            return Err(Beyond::Damaged("a number of a page header is none"));
        }
        i32::try_from(self.integer()?).or_damaged("a number of a page header is too large")
    }

    /// Passes over a field's value.
    pub(super) fn skip(&mut self, kind: Kind) -> Checked<()> {
        self.skip_at(kind, DEPTH_MAX)
    }

    fn skip_at(&mut self, kind: Kind, depth: u32) -> Checked<()> {
        let depth = depth.checked_sub(1).or_damaged("a page header nests too deep")?;
        match kind {
            Kind::True | Kind::False => Ok(()),
            Kind::Byte => self.byte().map(|_| ()),
            Kind::I16 | Kind::I32 | Kind::I64 => self.integer().map(|_| ()),
            Kind::Double => self.pass(8),
            Kind::Binary => {
                let length = self.varint()?;
                self.pass(length)
            }
            Kind::Struct => {
                let mut last = 0;
                while let Some((_, kind)) = self.field(&mut last)? {
                    self.skip_at(kind, depth)?;
                }
                Ok(())
            }
            // No header of the format has one; a list of nothing costs no bytes, so its length cannot be trusted.
            Kind::List | Kind::Map => Err(Beyond::Damaged("a list in a page header")),
        }
    }

    fn byte(&mut self) -> Checked<u8> {
        let (byte, rest) = self.rest.split_first().or_damaged("a page header ends early")?;
        self.rest = rest;
        Ok(*byte)
    }

    fn pass(&mut self, length: u64) -> Checked<()> {
        let length = usize::try_from(length).or_damaged("a length of a page header is too large")?;
        self.rest = self.rest.get(length..).or_damaged("a page header ends early")?;
        Ok(())
    }

    fn integer(&mut self) -> Checked<i64> {
        let zigzag = self.varint()?;
        Ok((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed())
    }

    fn varint(&mut self) -> Checked<u64> {
        varint(&mut self.rest).or_damaged("a number of a page header does not end")
    }
}

/// A number of at most 64 bits in groups of seven, lowest first.
pub(super) fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, tail) = rest.split_first()?;
        *rest = tail;
        let bits = u64::from(byte & 0x7f);
        value |= bits << shift;
        if (bits << shift) >> shift != bits {
            return None;
        }
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_length() {
        for (bytes, want) in [
            (&[0x00][..], Some(0)),
            (&[0x7f], Some(127)),
            (&[0x80, 0x01], Some(128)),
            (&[0xff, 0xff, 0xff, 0xff, 0x0f], Some(u64::from(u32::MAX))),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], Some(u64::MAX)),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], None),
            (&[0x80], None),
            (&[0x80; 11], None),
        ] {
            assert_eq!(varint(&mut { bytes }), want, "{bytes:?}");
        }
    }

    #[test]
    fn structures_may_not_nest_without_end() {
        let deep = [0x1c_u8; 100];
        assert!(Thrift { rest: &deep }.skip(Kind::Struct).is_err());
    }

    #[test]
    fn a_field_is_passed_over_whole() {
        // Binary of two bytes, then a structure holding a double and a boolean, then the end.
        let bytes = [0x18, 2, b'a', b'b', 0x1c, 0x17, 1, 2, 3, 4, 5, 6, 7, 8, 0x11, 0, 0];
        let mut thrift = Thrift { rest: &bytes };
        thrift.skip(Kind::Struct).unwrap();
        assert!(thrift.rest.is_empty());
    }
}
