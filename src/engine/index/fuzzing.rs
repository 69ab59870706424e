//! Any bytes through everything that reads an index. Checksums would keep a fuzzer out, so it may also choose what stands
//! behind them.

use std::sync::Arc;

use bytes::Bytes;

use super::bits::BitReader;
use super::directory;
use super::key::{Key, Names};
use super::key_blocks::{AddressKey as _, BLOCK_KEYS, decode_names};
use super::layout::{Description, HEAD_BYTES, head, seal};
use super::read::Index;
use super::row_blocks::read_rows;
use super::unusable::Unusable;
use super::wanted::Wanted;
use crate::model::Address;

/// Wants every address.
struct All;

impl Wanted for All {
    fn lists(&self, _address: Address) -> bool {
        true
    }
}

/// Reads bytes as whatever their first byte says: a whole file, a file's description, a directory or a block.
pub async fn fuzz(data: &[u8]) {
    let Some((kind, data)) = data.split_first() else { return };
    let key = Key::default();
    match kind % 8 {
        0 => {
            let _ = ask(data.to_vec(), &key).await;
        }
        1 => {
            let mut file = head();
            file.extend_from_slice(&seal(data.to_vec(), HEAD_BYTES));
            let _ = ask(file, &key).await;
        }
        kind => read_part(kind, data),
    }
}

fn read_part(kind: u8, data: &[u8]) {
    match kind {
        2 => {
            let _ = Description::read(data, HEAD_BYTES);
        }
        3 => {
            let (keys, rows) = (0..1 << 20, 1 << 20..1 << 30);
            let _ = directory::read::<u32>(data, data.len() as u64, &keys, &rows);
            let _ = directory::read::<u128>(data, u64::MAX, &keys, &rows);
            let _ = directory::read::<Box<str>>(data, data.len() as u64 * 16, &keys, &rows);
        }
        4 => {
            let _ = u32::decode(data, 1, BLOCK_KEYS, &mut Vec::new());
        }
        5 => {
            let _ = u128::decode(data, 1, BLOCK_KEYS, &mut Vec::new());
        }
        6 => {
            let _ = decode_names(data, "name.example", BLOCK_KEYS, |_, _| {});
        }
        _ => {
            let span = BitReader::new(data).take(33).unwrap_or(0);
            let wanted: Vec<usize> = (0..BLOCK_KEYS).step_by(3).collect();
            let _ = read_rows(data, span, BLOCK_KEYS, &wanted, &mut Vec::new());
        }
    }
}

async fn ask(file: Vec<u8>, key: &Key) -> Result<usize, Unusable> {
    let index = Index::open(Arc::new(Bytes::from(file)), key).await?;
    let addresses = index.rows_of_addresses(&All).await?;
    let names = index.rows_of_names(Names::default(), &|_| true).await?;
    Ok(addresses.or(names).or(index.unreadable().await?).rows())
}
