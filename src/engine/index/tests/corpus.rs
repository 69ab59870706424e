//! The inputs from which the fuzzer starts, as a plain test: every one is answered, and none has lost what it is there for.

use std::path::Path;

use super::super::bits::BitReader;
use super::super::directory;
use super::super::key_blocks::{AddressKey as _, BLOCK_KEYS, decode_names};
use super::super::layout::{Description, HEAD_BYTES, head, seal};
use super::super::row_blocks::read_rows;
use super::*;

/// As many as there were.
const INPUTS: usize = 23;

/// Names, kinds and bytes, in the order of the names.
fn inputs() -> Vec<(String, u8, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/index");
    let mut inputs: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
        .filter_map(|(name, mut bytes)| (!bytes.is_empty()).then(|| (name, bytes.remove(0), bytes)))
        .collect();
    inputs.sort();
    inputs
}

/// Opens an index of the fuzz target's file, and asks for everything.
async fn rows_of(file: Vec<u8>) -> Result<usize, Unusable> {
    let index = Index::open(Arc::new(Bytes::from(file)), &Key::default()).await?;
    let addresses = index.rows_of_addresses(&Question(|_| true)).await?;
    let names = index.rows_of_names(ALL_NAMES, &|_| true).await?;
    Ok(addresses.or(names).or(index.unreadable().await?).rows())
}

/// Whether the fuzz target's reader of this kind accepts the bytes.
fn is_read(kind: u8, data: &[u8]) -> bool {
    match kind {
        0 => ready(rows_of(data.to_vec())).is_ok(),
        1 => ready(rows_of([head(), seal(data.to_vec(), HEAD_BYTES)].concat())).is_ok(),
        2 => Description::read(data, HEAD_BYTES).is_some(),
        3 => {
            let (length, keys, rows) = (data.len() as u64, 0..1 << 20, 1 << 20..1 << 30);
            directory::read::<u32>(data, length, &keys, &rows).is_some()
                || directory::read::<Box<str>>(data, length * 16, &keys, &rows).is_some()
        }
        4 => u32::decode(data, 1, BLOCK_KEYS, &mut Vec::new()).is_some(),
        5 => u128::decode(data, 1, BLOCK_KEYS, &mut Vec::new()).is_some(),
        6 => decode_names(data, "name.example", BLOCK_KEYS, |_, _| {}).is_some(),
        _ => {
            let span = BitReader::new(data).take(33).unwrap();
            let all: Vec<usize> = (0..BLOCK_KEYS).collect();
            read_rows(data, span, BLOCK_KEYS, &all, &mut Vec::new()).is_some()
        }
    }
}

#[test]
fn every_input_is_answered() {
    let inputs = inputs();
    assert!(inputs.len() >= INPUTS, "{}", inputs.len());
    inputs.iter().for_each(|(_, kind, data)| ready(fuzz(&[&[*kind], data.as_slice()].concat())));
}

#[test]
fn inputs_are_what_their_names_say() {
    let mut kinds = BTreeSet::new();
    for (name, kind, data) in inputs() {
        // What a fuzzer added has no such name.
        let is_sound = match name.split('-').next().unwrap_or_default() {
            "damaged" => false,
            "description" | "directory" | "keys" | "rows" | "sealed" | "whole" => true,
            _ => continue,
        };
        assert_eq!(is_read(kind, &data), is_sound, "{name}");
        if is_sound {
            kinds.insert(kind);
        }
    }
    assert_eq!(kinds, (0..8).collect(), "an input of each kind is read");
}

#[test]
fn whole_inputs_have_rows_of_interest() {
    let rows = inputs().into_iter().filter(|(name, kind, _)| *kind == 0 && name.starts_with("whole-"));
    let rows: Vec<usize> = rows.map(|(_, _, file)| ready(rows_of(file)).unwrap()).collect();
    assert!(rows.iter().filter(|rows| **rows > 0).count() >= 8, "{rows:?}");
}
