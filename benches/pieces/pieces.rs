//! What the pieces of a hunt cost, each alone: reading an address, asking a list, looking for rows in a column chunk,
//! judging a Tor interval, intersecting an index; and for prefixes and times, what the other ways of asking would cost.
//!
//! `cargo run --release --manifest-path benches/pieces/Cargo.toml -- --bench` runs all, `… -- --bench scan` some. Everything is made in memory and by a
//! seed. The pieces are measured as a hunt calls them; what a whole hunt takes is measured by `benches/peers`.

mod alternatives;

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use bytes::Bytes;
use coldtrail::engine::index::{self, AddressSet, Builder, Index, Key, Names};
use coldtrail::engine::pages::{self, Chunk, Scanner};
use coldtrail::engine::{TorBook, TorRules};
use coldtrail::model::relay::{CoverageSpan, Family, Role, RoleFilter, TorMatching};
use coldtrail::model::time::DAY_MICROS;
use coldtrail::model::{Address, Micros, Prefix, PrefixIndex, RelayInterval};
use criterion::{BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::properties::WriterProperties;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// Listed addresses and prefixes, about as many as a Tor list and its networks.
const HOSTS: usize = 5_000;
const PREFIXES: usize = 10_000;

/// Rows of a column chunk, and distinct addresses among them, as in an archive of many devices.
const ROWS: usize = 125_000;
const DISTINCT: usize = 30_000;

/// Intervals of the Tor history.
const INTERVALS: usize = 30_000;

fn main() -> Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    parse(&mut criterion);
    lookup(&mut criterion);
    alternatives::prefixes(&mut criterion)?;
    scan(&mut criterion)?;
    interval(&mut criterion);
    alternatives::times(&mut criterion)?;
    intersect(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}

/// Measures how long a text takes to become an address: by the reader of column chunks, by the model that decides what is
/// an address, and by std, which decides otherwise (it trims nothing and knows no zone ids).
fn parse(criterion: &mut Criterion) {
    let rng = &mut rng();
    let texts: Vec<String> = (0..10_000).map(|_| spelled(rng)).collect();
    let mut group = group(criterion, "address", texts.len());
    group.bench_function("pages::address", |bench| {
        bench.iter(|| count(&texts, |text| pages::address(black_box(text.as_bytes())).is_some()));
    });
    group.bench_function("Address::parse", |bench| {
        bench.iter(|| count(&texts, |text| Address::parse(black_box(text)).is_some()));
    });
    group.bench_function("std", |bench| {
        bench.iter(|| count(&texts, |text| black_box(text).parse::<IpAddr>().is_ok()));
    });
    group.finish();
}

/// Measures how long a list of 5,000 addresses and 10,000 prefixes takes to say what covers an address: nothing, as nearly
/// always; a listed address; an address in a listed prefix.
fn lookup(criterion: &mut Criterion) {
    let rng = &mut rng();
    let listed = listed(rng);
    let index = PrefixIndex::new(&listed);
    let among = |range: &[Prefix], rng: &mut ChaCha8Rng| -> Vec<Address> {
        (0..10_000).filter_map(|_| range.get(rng.random_range(0..range.len()))).map(|prefix| prefix.last()).collect()
    };
    let (hosts, prefixes) = listed.split_at(HOSTS);
    let anywhere: Vec<Address> = (0..10_000).map(|_| address(rng)).collect();
    for (name, asked) in [("anywhere", anywhere), ("hosts", among(hosts, rng)), ("prefixes", among(prefixes, rng))] {
        let mut group = group(criterion, "lookup", asked.len());
        group.bench_function(name, |bench| {
            bench.iter(|| count(&asked, |address| !index.lookup(black_box(*address)).is_empty()));
        });
        group.finish();
    }
}

/// Measures how long it takes to find the listed rows of a column chunk (125,000 rows, snappy, a dictionary that is full
/// before the last quarter, which is plain), decompression with it: where its dictionary has no listed address, so that
/// only dictionary and plain pages are decompressed, and where it has one.
fn scan(criterion: &mut Criterion) -> Result<()> {
    let rng = &mut rng();
    let distinct: Vec<String> = (0..DISTINCT).map(|_| spelled(rng)).collect();
    let (file, meta) = column(&distinct, rng)?;
    let row_group = meta.row_groups().first().context("a file without rows")?;
    let (start, length) = row_group.column(0).byte_range();
    let bytes = file.slice(usize::try_from(start)?..usize::try_from(start + length)?);
    let chunk = Chunk { meta: row_group.column(0), rows: ROWS as u64, bytes };
    let barren = PrefixIndex::new(&listed(rng));
    // The first entry of the dictionary, on top of the same list.
    let first = distinct.first().and_then(|text| Prefix::parse(text).ok());
    let fertile = PrefixIndex::new(&listed(rng).into_iter().chain(first).collect::<Vec<_>>());
    let mut group = group(criterion, "scan", ROWS);
    for (name, list) in [("nothing listed", &barren), ("one address listed", &fertile)] {
        let mut scanner = Scanner::default();
        let mut classify = |text: &[u8]| match pages::address(text) {
            Some(address) if list.lookup(address).is_empty() => pages::Class::Other,
            Some(_) => pages::Class::Listed,
            None => pages::Class::Unreadable,
        };
        let found = scanner.scan(&chunk, &mut classify).map_err(|beyond| anyhow::anyhow!("{beyond}"))?;
        anyhow::ensure!(found.plain_pages > 0 && found.dictionary_pages > 0, "the chunk has one kind of page");
        group.bench_function(name, |bench| {
            bench.iter(|| scanner.scan(&chunk, &mut classify).map(|found| found.listed_rows));
        });
    }
    group.finish();
    Ok(())
}

/// Measures how long a history of 30,000 intervals and 10,000 prefixes takes to say whether an address was a relay at a
/// time: the intervals that hold the address, whether one is near, and else whether the time is covered. That is what
/// `tor_match` asks of each event whose address is listed.
fn interval(criterion: &mut Criterion) {
    let rng = &mut rng();
    let listed = listed(rng);
    let drawn: Vec<Prefix> =
        (0..INTERVALS - PREFIXES).filter_map(|_| listed.get(rng.random_range(0..listed.len()))).copied().collect();
    // Each prefix at least once.
    let prefixes = listed.iter().skip(HOSTS).copied();
    let intervals: Vec<RelayInterval> =
        prefixes.chain(drawn).map(|prefix| relay(prefix, rng.random_range(0..80) * DAY_MICROS)).collect();
    let span = |family| CoverageSpan {
        role: Role::Exit,
        family,
        from: Micros(0),
        to: Micros(90 * DAY_MICROS),
        source: "list".to_owned(),
    };
    let rules = TorRules { roles: RoleFilter::Exit, matching: TorMatching::AtEvent, tolerance: DAY_MICROS };
    let book = TorBook::new(&intervals, &Family::ALL.map(span), rules);
    let addresses = (0..10_000).map(|_| rng.random_range(0..intervals.len()));
    let addresses: Vec<Address> =
        addresses.filter_map(|at| intervals.get(at)).map(|interval| interval.prefix.first()).collect();
    let asked: Vec<(Address, Micros)> =
        addresses.into_iter().map(|address| (address, Micros(rng.random_range(0..90 * DAY_MICROS)))).collect();
    let mut group = group(criterion, "interval", asked.len());
    group.bench_function("of_address and covers", |bench| {
        bench.iter(|| {
            count(&asked, |(address, time)| {
                let near = |at: &RelayInterval| at.seen_from <= Some(*time) && Some(*time) <= at.seen_to;
                book.of_address(black_box(*address)).any(near) || !book.covers(Role::Exit, Family::of(*address), *time)
            })
        });
    });
    group.finish();
}

/// Measures how long the index of a file takes to say which rows have one of 5,000 wanted addresses (250,000 rows, 60,000
/// distinct addresses): when none occurs, when twenty do, and how long it takes to open it.
fn intersect(criterion: &mut Criterion) -> Result<()> {
    let rng = &mut rng();
    let distinct: Vec<Address> = (0..2 * DISTINCT).map(|_| address(rng)).collect();
    let classes: Vec<index::Class> = (0..2 * ROWS)
        .filter_map(|_| distinct.get(rng.random_range(0..distinct.len())))
        .map(|address| index::Class::Address(*address))
        .collect();
    let key = Key { path: "events.parquet".to_owned(), ..Key::default() };
    let mut builder = Builder::new(key.clone(), Names::default(), Vec::new())?;
    for rows in classes.chunks(ROWS) {
        builder.row_group(rows.len() as u64)?;
        builder.addresses(0, rows)?;
    }
    let file = Arc::new(Bytes::from(builder.finish()?));
    let elsewhere: Vec<Prefix> = (0..HOSTS).map(|_| Prefix::host(address(rng))).collect();
    let twenty = distinct.iter().step_by(distinct.len() / 20).copied().map(Prefix::host);
    let (none, some) = (AddressSet::of(elsewhere.clone()), AddressSet::of(elsewhere.into_iter().chain(twenty)));
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let opened = || runtime.block_on(Index::open(file.clone(), &key)).map_err(|unusable| anyhow::anyhow!("{unusable}"));
    let index = opened()?;
    let mut group = criterion.benchmark_group("index");
    group.bench_function("open", |bench| bench.iter(|| opened().map(|index| index.distinct())));
    for (name, wanted) in [("none of 5,000 occurs", none), ("twenty of 5,020 occur", some)] {
        group.bench_function(name, |bench| {
            bench.iter(|| runtime.block_on(index.rows_of_addresses(black_box(&wanted))).map(|hits| hits.rows()));
        });
    }
    group.finish();
    Ok(())
}

fn rng() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(7)
}

fn group<'a>(criterion: &'a mut Criterion, name: &str, elements: usize) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(elements as u64));
    group
}

fn count<T>(items: &[T], is: impl Fn(&T) -> bool) -> usize {
    items.iter().filter(|item| is(item)).count()
}

/// A public address; a third is IPv6.
fn ip(rng: &mut ChaCha8Rng) -> IpAddr {
    if rng.random_ratio(1, 3) {
        let bits: u128 = rng.random();
        IpAddr::V6(Ipv6Addr::from_bits(0x2a << 120 | bits >> 8))
    } else {
        IpAddr::V4(Ipv4Addr::new(rng.random_range(20..100), rng.random(), rng.random(), rng.random()))
    }
}

fn address(rng: &mut ChaCha8Rng) -> Address {
    match ip(rng) {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => v6.into(),
    }
}

/// An address as telemetry has it: one in twenty IPv4 addresses is written as IPv6.
fn spelled(rng: &mut ChaCha8Rng) -> String {
    match ip(rng) {
        IpAddr::V4(v4) if rng.random_ratio(1, 20) => format!("::ffff:{v4}"),
        ip => ip.to_string(),
    }
}

/// A list: addresses, then prefixes that are narrow, so that they cover few of the addresses above.
fn listed(rng: &mut ChaCha8Rng) -> Vec<Prefix> {
    let hosts = (0..HOSTS).map(|_| 128);
    let lengths: Vec<u8> = hosts.chain((0..PREFIXES).map(|_| rng.random_range(120..128))).collect();
    lengths.into_iter().map(|length| Prefix::covering(address(rng), length)).collect()
}

fn relay(prefix: Prefix, from: i64) -> RelayInterval {
    RelayInterval {
        prefix,
        role: Role::Exit,
        seen_from: Some(Micros(from)),
        seen_to: Some(Micros(from + 10 * DAY_MICROS)),
        observed_by: "list".to_owned(),
        port: None,
        source: "list".to_owned(),
    }
}

/// A file of one column chunk in which each distinct text occurs, its dictionary full before the rows end.
fn column(distinct: &[String], rng: &mut ChaCha8Rng) -> Result<(Bytes, ParquetMetaData)> {
    let texts: StringArray =
        (0..ROWS).map(|_| distinct.get(rng.random_range(0..distinct.len())).map(String::as_str)).collect();
    let schema = Arc::new(Schema::new(vec![Field::new("RemoteIP", DataType::Utf8, true)]));
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(texts) as ArrayRef])?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(ROWS))
        .set_dictionary_page_size_limit(640 << 10)
        .build();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, schema, Some(properties))?;
    writer.write(&batch)?;
    writer.close()?;
    let file = Bytes::from(file);
    let meta = ParquetMetaDataReader::new().parse_and_finish(&file)?;
    Ok((file, meta))
}
