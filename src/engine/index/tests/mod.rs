//! Indexes against a plain map of the same rows: every answer is exact, and no damage makes it wrong.

mod corpus;
mod damage;
mod laws;

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::model::Address;

/// What one row holds.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    class: Class,
    names: Vec<String>,
}

/// Row groups of a file.
type File = Vec<Vec<Row>>;

/// A row group and a row in it.
type Places = BTreeSet<(usize, usize)>;

fn v4(low: u32) -> Class {
    Class::Address(std::net::Ipv4Addr::from_bits(low).into())
}

fn class() -> impl Strategy<Value = Class> {
    prop_oneof![
        4 => (0u32..40).prop_map(|low| v4(0x0a00_0000 + low)),
        4 => any::<u32>().prop_map(v4),
        2 => any::<u128>().prop_map(|bits| Class::Address(Address::from_bits(bits))),
        2 => (0u128..9).prop_map(|low| Class::Address(Address::from_bits((0x2001_0db8 << 96) + low))),
        1 => Just(Class::Unreadable),
        1 => Just(Class::Nothing),
    ]
}

fn row() -> impl Strategy<Value = Row> {
    let names = prop::collection::vec("[ab]{1,2}\\.example", 0..3);
    (class(), names).prop_map(|(class, names)| Row { class, names })
}

fn file() -> impl Strategy<Value = File> {
    prop::collection::vec(prop::collection::vec(row(), 0..60), 0..5)
}

fn key() -> Key {
    Key {
        path: "s3://bucket/events.parquet".to_owned(),
        size: 22_833_681,
        version: "\"etag\"".to_owned(),
        footer: [7; 32],
    }
}

const ALL_NAMES: Names = Names { remote_url: true, additional_fields: true };

/// Addresses by dictionary and names by dictionary, a few rows at a time.
fn build(file: &File, budget: usize) -> Bytes {
    let mut builder = Builder::new(key(), ALL_NAMES, Vec::new()).unwrap().with_budget(budget);
    for group in file {
        builder.row_group(group.len() as u64).unwrap();
        let mut table: Vec<Class> = Vec::new();
        let mut names = NameTable::default();
        let mut ids: Vec<u32> = Vec::new();
        for (at, row) in group.iter().enumerate() {
            names.push(row.names.iter().cloned());
            ids.push(match table.iter().position(|class| *class == row.class) {
                _ if row.class == Class::Nothing && at % 2 == 0 => u32::MAX,
                Some(id) => id as u32,
                None => {
                    table.push(row.class);
                    table.len() as u32 - 1
                }
            });
        }
        for (chunk, ids) in ids.chunks(7).enumerate() {
            builder.addresses_by_id(chunk as u64 * 7, &table, ids).unwrap();
        }
        let rows: Vec<u32> = (0..group.len() as u32).collect();
        for (chunk, ids) in rows.chunks(5).enumerate() {
            builder.names_by_id(chunk as u64 * 5, &mut names, ids).unwrap();
        }
    }
    builder.finish().unwrap().into()
}

/// The same, row by row and from the last row on.
fn build_by_row(file: &File, budget: usize) -> Bytes {
    let mut builder = Builder::new(key(), ALL_NAMES, Vec::new()).unwrap().with_budget(budget);
    for group in file {
        builder.row_group(group.len() as u64).unwrap();
        for (at, row) in group.iter().enumerate().rev() {
            row.names.iter().for_each(|name| builder.name(at as u64, name).unwrap());
            builder.addresses(at as u64, &[row.class]).unwrap();
        }
    }
    builder.finish().unwrap().into()
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

async fn open(bytes: Bytes) -> Result<Index, Unusable> {
    Index::open(Arc::new(bytes), &key()).await
}

fn places(hits: &Hits) -> Places {
    hits.groups().flat_map(|(group, ranges)| ranges.iter().cloned().flatten().map(move |row| (group, row))).collect()
}

fn scan(file: &File, is_wanted: impl Fn(&Row) -> bool) -> Places {
    let rows = file
        .iter()
        .enumerate()
        .flat_map(|(group, rows)| rows.iter().enumerate().map(move |(at, row)| (group, at, row)));
    rows.filter(|(_, _, row)| is_wanted(row)).map(|(group, at, _)| (group, at)).collect()
}

/// A list that cannot be put in order.
struct Question<F>(F);

impl<F: Fn(Address) -> bool + Sync> Wanted for Question<F> {
    fn lists(&self, address: Address) -> bool {
        self.0(address)
    }
}
