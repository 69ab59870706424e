//! The leading columns of a row as 192 bits whose order is the order of the rows, so that nearly every comparison is
//! one of numbers.
//!
//! Address and time fit exactly. A device's id does not: with it in the order the bits end in its first bytes, and rows
//! that agree in them are told apart by [`super::row`].

use super::order::{Lead, SortOrder};
use super::table::{Layout, Table};
use crate::model::Address;

const LANES: usize = 3;
const BITS: u32 = 64 * LANES as u32;
/// Milliseconds of every time that fits in 64 bits of microseconds: 54 bits and a sign.
const TIME_BITS: u32 = 55;
const ADDRESS_BITS: u32 = 128;

/// The leading columns; the smaller key comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Key([u64; LANES]);

/// A row of one of several tables, under its key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) table: u32,
    pub(super) row: u32,
}

/// Whether keys of this order say all that there is in the leading columns.
pub(super) fn is_exact(order: &SortOrder) -> bool {
    !order.leads().contains(&Lead::Device)
}

/// The keys of a table's rows.
pub(super) fn keys(layout: &Layout, table: &Table) -> Vec<Key> {
    let mut addresses = Addresses { table, layout, before: None };
    (0..table.rows())
        .map(|row| {
            let mut bits = Bits::default();
            for lead in layout.order().leads() {
                match lead {
                    Lead::Time => bits.push(shifted(table.millis(layout, row)), TIME_BITS),
                    Lead::Address => {
                        let address = addresses.at(row);
                        bits.push(u128::from(address.is_none()), 1);
                        bits.push(address.map_or(0, Address::bits), ADDRESS_BITS);
                    }
                    Lead::Device => {
                        let device = layout.device().and_then(|column| table.text(column, row));
                        bits.push(u128::from(device.is_none()), 1);
                        let left = (BITS - bits.used).min(64);
                        bits.push(u128::from(prefix(device.unwrap_or_default()) >> (64 - left)), left);
                        break;
                    }
                }
            }
            Key(bits.lanes)
        })
        .collect()
}

/// A number of milliseconds moved above zero.
#[expect(clippy::cast_sign_loss, reason = "i64 microseconds are less than 2^54 milliseconds away from zero")]
const fn shifted(millis: i64) -> u128 {
    (millis + (1 << (TIME_BITS - 1))) as u128
}

/// The first bytes as a number; shorter text is filled up with zeros, which sorts no later than what it begins.
fn prefix(text: &str) -> u64 {
    let mut bytes = [0; 8];
    let taken = text.len().min(8);
    bytes[..taken].copy_from_slice(&text.as_bytes()[..taken]);
    u64::from_be_bytes(bytes)
}

/// Reads addresses, each only once where equal ones stand together.
struct Addresses<'a> {
    table: &'a Table,
    layout: &'a Layout,
    before: Option<(&'a str, Option<Address>)>,
}

impl Addresses<'_> {
    fn at(&mut self, row: usize) -> Option<Address> {
        let text = self.table.text(self.layout.address()?, row)?;
        match self.before {
            Some((before, address)) if before == text => address,
            _ => {
                let address = Address::parse(text);
                self.before = Some((text, address));
                address
            }
        }
    }
}

/// Bits, filled from the top.
#[derive(Default)]
struct Bits {
    lanes: [u64; LANES],
    used: u32,
}

impl Bits {
    /// Adds a number of at most 128 bits; the callers never add more than there is room for.
    #[expect(clippy::cast_possible_truncation, reason = "each half is cut to its 64 bits")]
    fn push(&mut self, number: u128, bits: u32) {
        if bits > 64 {
            self.push_lane((number >> 64) as u64, bits - 64);
        }
        self.push_lane(number as u64, bits.min(64));
    }

    fn push_lane(&mut self, number: u64, bits: u32) {
        if bits == 0 {
            return;
        }
        let lane = (self.used / 64) as usize;
        let room = 64 - self.used % 64;
        if bits <= room {
            self.lanes[lane] |= number << (room - bits);
        } else {
            let over = bits - room;
            self.lanes[lane] |= number >> over;
            self.lanes[lane + 1] |= number << (64 - over);
        }
        self.used += bits;
    }
}

/// The address in a row, for comparisons that keys do not settle.
pub(super) fn address(layout: &Layout, table: &Table, row: usize) -> Option<Address> {
    Address::parse(table.text(layout.address()?, row)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bits_are_packed_without_gaps() {
        let mut bits = Bits::default();
        bits.push(1, 1);
        bits.push(u128::MAX, 128);
        bits.push(0, 55);
        bits.push(0xff, 8);
        assert_eq!(bits.lanes, [u64::MAX, u64::MAX, 1 << 63 | 0xff]);
        assert_eq!(bits.used, BITS);
    }

    proptest! {
        #[test]
        fn packed_numbers_keep_their_order(a: (i64, u128), b: (i64, u128)) {
            let key = |(time, address): (i64, u128)| {
                let mut bits = Bits::default();
                bits.push(shifted(time.div_euclid(1_000)), TIME_BITS);
                bits.push(0, 1);
                bits.push(address, ADDRESS_BITS);
                Key(bits.lanes)
            };
            let plain = |(time, address): (i64, u128)| (time.div_euclid(1_000), address);
            prop_assert_eq!(key(a).cmp(&key(b)), plain(a).cmp(&plain(b)));
        }

        #[test]
        fn prefixes_never_contradict_the_text(a in "[a-c\u{0}]{0,10}", b in "[a-c\u{0}]{0,10}") {
            prop_assert!(prefix(&a) == prefix(&b) || prefix(&a).cmp(&prefix(&b)) == a.cmp(&b));
        }
    }
}
