//! The laws of a conversion, against a sort and a comparison in memory that share no code with it.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use tempfile::TempDir;

use super::gather::Limits;
use super::merge::{Cut, merge_by};
use super::samples::{DeviceId, Event, batch, event, events, expected, schema};
use super::{
    DayRuns, DayWriter, Layout, Lead, MergeCounts, Run, SortError, SortOrder, SpreadConfig, Spreader, WriterConfig,
};

/// How the same events are converted; nothing of it may show in what comes out.
#[derive(Clone, Copy, Debug)]
struct How {
    spreaders: usize,
    memory_bytes: usize,
    batch_rows: usize,
    fan_in: usize,
    threads: usize,
}

const AT_ONCE: How = How { spreaders: 1, memory_bytes: usize::MAX, batch_rows: usize::MAX, fan_in: 64, threads: 1 };

fn how() -> impl Strategy<Value = How> {
    let memory = prop_oneof![Just(0), 0usize..60_000, Just(usize::MAX)];
    (1usize..4, memory, 1usize..40, 2usize..5, 1usize..4).prop_map(
        |(spreaders, memory_bytes, batch_rows, fan_in, threads)| How {
            spreaders,
            memory_bytes,
            batch_rows,
            fan_in,
            threads,
        },
    )
}

fn orders() -> impl Strategy<Value = SortOrder> {
    let leads = proptest::sample::select(vec![Lead::Address, Lead::Device, Lead::Time]);
    proptest::collection::vec(leads, 0..4).prop_map(|leads| SortOrder::new(&leads))
}

/// Small enough that files, row groups, pages and batches end in the middle of little data.
const FILES: WriterConfig = WriterConfig {
    zstd_level: 1,
    row_group_rows: NonZero::<usize>::MIN.saturating_add(6),
    page_rows: 3,
    file_bytes: 5_000,
    threads: 1,
};
const OUTPUT: Limits = Limits { rows: 5, text_bytes: 150 };

/// Names and bytes.
type Files = Vec<(String, Vec<u8>)>;

struct Converted {
    /// By day: the rows, and the files.
    days: BTreeMap<i64, (Vec<Event>, Files)>,
    counts: MergeCounts,
    folder: TempDir,
}

impl Converted {
    fn files(&self, day: i64) -> Vec<PathBuf> {
        let folder = self.folder.path().join(day.to_string());
        let names = self.days.get(&day).into_iter().flat_map(|(_, files)| files);
        names.map(|(name, _)| folder.join(name)).collect()
    }
}

fn spread(layout: &Arc<Layout>, input: &[Event], how: How, scratch: &Path) -> Result<Vec<DayRuns>, SortError> {
    let config = SpreadConfig { scratch: scratch.to_owned(), memory_bytes: how.memory_bytes };
    let mut spreaders: Vec<_> = (0..how.spreaders).map(|_| Spreader::new(Arc::clone(layout), config.clone())).collect();
    for (at, part) in input.chunks(how.batch_rows.min(input.len().max(1))).enumerate() {
        spreaders[at % how.spreaders].push(batch(layout.schema(), part))?;
    }
    Ok(DayRuns::union(spreaders.into_iter().map(Spreader::finish)))
}

/// Converts events, on top of what was converted before.
fn convert(
    layout: &Arc<Layout>,
    input: &[Event],
    how: How,
    before: Option<&Converted>,
) -> Result<Converted, SortError> {
    let (folder, scratch) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut days: BTreeMap<i64, Vec<Run>> = BTreeMap::new();
    for runs in spread(layout, input, how, scratch.path())? {
        days.entry(runs.day).or_default().extend(runs.runs);
    }
    if let Some(before) = before {
        for day in before.days.keys() {
            days.entry(*day).or_default().push(Run::files(before.files(*day)));
        }
    }
    let mut converted = Converted { days: BTreeMap::new(), counts: MergeCounts::default(), folder };
    for (day, runs) in days {
        let staging = converted.folder.path().join(day.to_string());
        fs::create_dir(&staging).unwrap();
        let mut writer = DayWriter::new(Arc::clone(layout), &staging, WriterConfig { threads: how.threads, ..FILES })?;
        let mut rows = Vec::new();
        let cut = Cut { fan_in: how.fan_in, output: OUTPUT };
        let counts = merge_by(cut, layout, runs, scratch.path(), &mut |batch| {
            rows.extend(events(&batch));
            writer.write(&batch)
        })?;
        let written = writer.finish()?;
        converted.counts.rows_in += counts.rows_in;
        converted.counts.copies += counts.copies;
        assert_eq!(written.iter().map(|file| file.rows).sum::<u64>(), rows.len() as u64);
        let files = written.iter().map(|file| {
            let bytes = fs::read(&file.path).unwrap();
            assert_eq!(bytes.len() as u64, file.bytes);
            (file.path.file_name().unwrap().to_string_lossy().into_owned(), bytes)
        });
        converted.days.insert(day, (rows, files.collect()));
        assert_eq!(fs::read_dir(&staging).unwrap().count(), written.len(), "temporary names are gone");
    }
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0, "temporary files are gone");
    Ok(converted)
}

fn layout(order: &SortOrder, device: DeviceId) -> Arc<Layout> {
    Layout::new(schema(device), order.clone()).unwrap()
}

fn without_device(events: &[Event]) -> Vec<Event> {
    events.iter().map(|event| Event { device: None, ..event.clone() }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_comes_out_is_sorted_and_without_copies(
        input in proptest::collection::vec(event(), 0..120),
        order in orders(),
        how in how(),
    ) {
        let converted = convert(&layout(&order, DeviceId::There), &input, how, None)?;
        let (days, copies) = expected(&input, &order);
        let rows: BTreeMap<_, _> = converted.days.iter().map(|(day, (rows, _))| (*day, rows.clone())).collect();
        prop_assert_eq!(rows, days);
        prop_assert_eq!(converted.counts, MergeCounts { rows_in: input.len() as u64, copies });
    }

    #[test]
    fn files_are_the_same_bytes_however_they_are_made(
        input in proptest::collection::vec(event(), 0..120).prop_flat_map(|input| (Just(input.clone()), Just(input).prop_shuffle())),
        order in orders(),
        how in how(),
    ) {
        let layout = layout(&order, DeviceId::There);
        let (a, b) = (convert(&layout, &input.0, AT_ONCE, None)?, convert(&layout, &input.1, how, None)?);
        prop_assert_eq!(a.days, b.days);
        prop_assert_eq!(a.counts, b.counts);
    }

    #[test]
    fn adding_to_an_earlier_conversion_is_converting_all_at_once(
        input in proptest::collection::vec(event(), 1..120),
        share in 0.0..1.0f64,
        how in how(),
    ) {
        let layout = layout(&SortOrder::default(), DeviceId::There);
        let (earlier, later) = input.split_at((share * input.len() as f64) as usize);
        let before = convert(&layout, earlier, AT_ONCE, None)?;
        let (all, added) = (convert(&layout, &input, AT_ONCE, None)?, convert(&layout, later, how, Some(&before))?);
        prop_assert_eq!(all.days, added.days);
        prop_assert_eq!(all.counts.copies, before.counts.copies + added.counts.copies);
    }

    #[test]
    fn without_a_device_nothing_is_a_copy(input in proptest::collection::vec(event(), 0..60), order in orders(), how in how()) {
        let converted = convert(&layout(&order, DeviceId::Missing), &input, how, None)?;
        let (days, _) = expected(&without_device(&input), &order);
        let rows: BTreeMap<_, _> = converted.days.iter().map(|(day, (rows, _))| (*day, rows.clone())).collect();
        prop_assert_eq!(rows, days);
        prop_assert_eq!(converted.counts.copies, 0);
    }
}
/// Found by the law above: whether a column has a null buffer decides where its pages end, and a buffer that marks
/// nothing is there or not depending on which rows shared a batch.
#[test]
fn a_null_of_another_date_moves_no_page() {
    let plain =
        |micros| Event { micros, device: Some("a".to_owned()), command: Some("x".to_owned()), ..Event::default() };
    let input: Vec<Event> = [-4, -3, -2, -1].map(plain).into_iter().chain([Event::default()]).collect();
    let layout = layout(&SortOrder::default(), DeviceId::There);
    let together = convert(&layout, &input, AT_ONCE, None).unwrap();
    let apart = convert(&layout, &input, How { batch_rows: 1, ..AT_ONCE }, None).unwrap();
    assert_eq!(together.days, apart.days);
}

/// Enough rows for full batches, several row groups and runs of many batches, at the limits that a conversion has.
#[test]
fn thousands_of_rows_are_the_same_bytes_too() {
    let mut seed = 1u64;
    let mut draw = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let input: Vec<Event> = (0..30_000)
        .map(|_| Event {
            micros: draw(40_000_000).cast_signed(),
            device: Some(format!("{:08x}", draw(20))),
            address: (draw(10) > 0).then(|| format!("192.0.2.{}", draw(200))),
            report: Some(draw(3).cast_signed()),
            command: (draw(3) > 0).then(|| "x".repeat(draw(400) as usize)),
            ..Event::default()
        })
        .collect();
    let layout = layout(&SortOrder::default(), DeviceId::There);
    let files = |memory_bytes: usize, threads: usize| {
        let (staging, scratch) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let how = How { memory_bytes, batch_rows: 3_000, spreaders: threads, threads, ..AT_ONCE };
        let days = spread(&layout, &input, how, scratch.path()).unwrap();
        let config = WriterConfig { row_group_rows: NonZero::new(10_000).unwrap(), page_rows: 900, threads, ..FILES };
        let mut writer = DayWriter::new(Arc::clone(&layout), staging.path(), config).unwrap();
        let mut rows = Vec::new();
        let runs = days.into_iter().flat_map(|day| day.runs).collect();
        let counts = super::merge(&layout, runs, scratch.path(), &mut |batch| {
            rows.extend(events(&batch));
            writer.write(&batch)
        });
        (rows, counts.unwrap(), writer.finish().unwrap().into_iter().map(|file| file.sha256).collect::<Vec<_>>())
    };
    let (rows, counts, hashes) = files(usize::MAX, 1);
    let (days, copies) = expected(&input, layout.order());
    assert_eq!(days.into_values().collect::<Vec<_>>(), std::slice::from_ref(&rows));
    assert_eq!(counts, MergeCounts { rows_in: 30_000, copies });
    assert_eq!(hashes.len(), 3);
    assert_eq!(files(1 << 20, 2), (rows, counts, hashes));
}
