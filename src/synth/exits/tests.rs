//! The population beside what was measured on public lists, and the files beside the truth.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use arrow::array::AsArray;
use arrow::datatypes::TimestampMicrosecondType;

use super::*;
use crate::synth::tests::rows_of;
use crate::synth::{SynthReport, generate};

const DAYS: u32 = 730;

fn population(days: u32) -> Exits {
    Exits::new(&SynthConfig { days, seed: 7, ..SynthConfig::default() })
}

/// Who is an exit at midnight of each day.
fn daily(exits: &Exits) -> Vec<BTreeSet<Address>> {
    let at = |hour| exits.list.iter().filter(|exit| exit.is_exit(hour)).map(|exit| exit.address).collect();
    (0..exits.hours / 24).map(|day| at(day * 24)).collect()
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

fn assert_between(what: &str, got: f64, low: f64, high: f64) {
    assert!((low..=high).contains(&got), "{what}: {got:.4}, not {low} to {high}");
}

#[test]
fn it_is_as_large_and_as_restless_as_the_real_one() {
    let exits = population(DAYS);
    let days = daily(&exits);
    let (count, all) = (days.len(), days.iter().map(BTreeSet::len).sum::<usize>());
    assert_between("concurrent", share(all, count), 1_800.0, 2_150.0);
    let v6 = days.iter().flatten().filter(|address| !address.is_v4()).count();
    assert_between("IPv6", share(v6, all), 0.33, 0.39);
    let joins: usize = days.windows(2).map(|pair| pair[1].difference(&pair[0]).count()).sum();
    let leaves: usize = days.windows(2).map(|pair| pair[0].difference(&pair[1]).count()).sum();
    assert_between("join a day", share(joins, all), 0.013, 0.017);
    assert_between("leave a day", share(leaves, all), 0.013, 0.017);
    for (lag, low, high) in [(7, 0.94, 0.97), (30, 0.87, 0.92), (90, 0.78, 0.84), (180, 0.69, 0.75), (365, 0.53, 0.62)]
    {
        let kept: usize = days.iter().zip(&days[lag..]).map(|(then, later)| then.intersection(later).count()).sum();
        let then: usize = days[..count - lag].iter().map(BTreeSet::len).sum();
        assert_between(&format!("left after {lag} days"), share(kept, then), low, high);
    }
}

#[test]
fn stays_are_mostly_short_and_many_addresses_come_back() {
    let days = daily(&population(DAYS));
    let (mut stays, mut ended): (BTreeMap<Address, u32>, Vec<usize>) = (BTreeMap::new(), Vec::new());
    let mut open: BTreeMap<Address, usize> = BTreeMap::new();
    for (day, exits) in days.iter().enumerate() {
        open.retain(|address, since| {
            let stays = exits.contains(address);
            // Of stays that began before the first day the length is unknown.
            if !stays && *since > 0 {
                ended.push(day - *since);
            }
            stays
        });
        for address in exits {
            if open.insert(*address, *open.get(address).unwrap_or(&day)).is_none() {
                *stays.entry(*address).or_default() += 1;
            }
        }
    }
    ended.sort_unstable();
    let up_to = |days: usize| share(ended.partition_point(|length| *length <= days), ended.len());
    assert_between("one day", up_to(1), 0.18, 0.26);
    assert_between("a week", up_to(7), 0.42, 0.52);
    assert_between("a month", up_to(30), 0.68, 0.80);
    assert_between("median", ended[ended.len() / 2] as f64, 7.0, 13.0);
    let back = stays.values().filter(|count| **count > 1).count();
    assert_between("come back", share(back, stays.len()), 0.33, 0.42);
}

#[test]
fn most_gaps_are_an_hour() {
    let exits = population(60);
    let gaps: Vec<i64> =
        exits.list.iter().flat_map(|exit| exit.stays.windows(2).map(|pair| pair[1].from - pair[0].to)).collect();
    let up_to = |hours: i64| share(gaps.iter().filter(|gap| **gap <= hours).count(), gaps.len());
    assert_between("one hour", up_to(1), 0.50, 0.60);
    assert_between("a day", up_to(24), 0.86, 0.95);
    assert_between("gaps of an address", share(gaps.len(), exits.list.len()), 1.3, 2.4);
}

#[test]
fn a_longer_archive_begins_with_the_same_truth() {
    let (short, long) = (population(10), population(40));
    let of_long: BTreeMap<Address, &Exit> = long.list.iter().map(|exit| (exit.address, exit)).collect();
    assert!(short.list.iter().all(|exit| of_long[&exit.address].stays[0].from == exit.stays[0].from));
}

fn archive(folder: &std::path::Path, hours: u32) -> (SynthReport, SynthConfig) {
    let config = SynthConfig {
        rows: 6_000,
        days: 10,
        devices: 40,
        hit_rate: 0.05,
        hit_spread: crate::model::synthesis::Spread::Uniform,
        tor_history_hours: Some(hours),
        ..SynthConfig::default()
    };
    (generate(&config, &folder.join(hours.to_string()), &mut |_| ()).unwrap(), config)
}

#[test]
fn the_spacing_changes_the_lists_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let names = |report: &SynthReport| -> Vec<String> {
        let entries = fs::read_dir(report.tor_history.as_deref().unwrap()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let ((daily, config), (weekly, _)) = (archive(folder.path(), 24), archive(folder.path(), 168));
    assert_eq!(names(&daily).len(), 11);
    assert_eq!(names(&weekly), ["2026-03-02T00-00-00Z.txt", "2026-03-09T00-00-00Z.txt", "2026-03-16T00-00-00Z.txt"]);
    let same = |a: &std::path::Path, b: &std::path::Path| fs::read(a).unwrap() == fs::read(b).unwrap();
    assert!(same(daily.tor_truth.as_deref().unwrap(), weekly.tor_truth.as_deref().unwrap()));
    assert!(same(&daily.tor_list, &weekly.tor_list));
    assert!(same(&daily.indicators, &weekly.indicators));
    let events = "date=2026-03-04/part-0.parquet";
    assert!(same(&daily.events.join(events), &weekly.events.join(events)));
    // The lists say what the truth says.
    let exits = Exits::new(&config);
    for (name, day) in names(&daily).iter().zip(0..) {
        let text = fs::read_to_string(daily.tor_history.as_deref().unwrap().join(name)).unwrap();
        let listed: Vec<Address> = text.lines().map(|line| Address::parse(line).unwrap()).collect();
        let exits: Vec<Address> = exits.list.iter().filter(|e| e.is_exit(day * 24)).map(|e| e.address).collect();
        assert_eq!(listed, exits, "{name}");
    }
    let last: BTreeSet<Address> = exits.last_list(config.seed).into_iter().collect();
    let tor_list = fs::read_to_string(&daily.tor_list).unwrap();
    assert_eq!(tor_list.lines().skip(1).map(|line| Address::parse(line).unwrap()).collect::<BTreeSet<_>>(), last);
}

/// Each address of the truth file with its first and its last hour as an exit.
fn truth_of(report: &SynthReport) -> BTreeMap<Address, Vec<(i64, i64)>> {
    let text = fs::read_to_string(report.tor_truth.as_deref().unwrap()).unwrap();
    let mut truth: BTreeMap<Address, Vec<(i64, i64)>> = BTreeMap::new();
    let hour = |text: &str| {
        let micros = Micros::parse(text).unwrap().0;
        assert_eq!(micros % HOUR_MICROS, 0, "{text}");
        micros / HOUR_MICROS
    };
    assert_eq!(text.lines().next(), Some("Prefix,SeenFrom,SeenTo"));
    for line in text.lines().skip(1) {
        let [address, from, to] = line.split(',').collect::<Vec<_>>().try_into().unwrap();
        truth.entry(Address::parse(address).unwrap()).or_default().push((hour(from), hour(to)));
    }
    truth
}

#[test]
fn half_of_the_tor_rows_lie_where_the_truth_file_says_exit() {
    let folder = tempfile::tempdir().unwrap();
    let (report, _) = archive(folder.path(), 24);
    let (truth, mut counts) = (truth_of(&report), [0_u64; 2]);
    for batch in rows_of(&report) {
        let times = batch["Timestamp"].as_primitive::<TimestampMicrosecondType>();
        for (time, address) in times.values().iter().zip(batch["RemoteIP"].as_string::<i32>()) {
            let Some(stays) = address.and_then(Address::parse).and_then(|a| truth.get(&a)) else { continue };
            let hour = time.div_euclid(HOUR_MICROS);
            counts[usize::from(stays.iter().any(|(from, to)| (*from..=*to).contains(&hour)))] += 1;
        }
    }
    let [none, exit] = counts;
    assert_eq!(none + exit, report.hits, "every row of the population is a placed one");
    assert_between("exits", share(exit as usize, report.hits as usize), 0.42, 0.58);
}

#[test]
fn an_hourly_history_is_the_truth() {
    let folder = tempfile::tempdir().unwrap();
    let config = SynthConfig { rows: 10, days: 3, devices: 5, tor_history_hours: Some(1), ..SynthConfig::default() };
    let report = generate(&config, &folder.path().join("hourly"), &mut |_| ()).unwrap();
    let truth = truth_of(&report);
    for hour in 0..=72 {
        let time = config.start.0 / HOUR_MICROS + hour;
        let name = format!("2026-03-{:02}T{:02}-00-00Z.txt", 2 + hour / 24, hour % 24);
        let text = fs::read_to_string(report.tor_history.as_deref().unwrap().join(&name)).unwrap();
        let listed: Vec<Address> = text.lines().map(|line| Address::parse(line).unwrap()).collect();
        let by_truth = truth.iter().filter(|(_, stays)| stays.iter().any(|(from, to)| (*from..=*to).contains(&time)));
        assert_eq!(listed, by_truth.map(|(address, _)| *address).collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn half_of_the_draws_find_an_exit_even_on_one_day() {
    let exits = population(1);
    let mut rng = stream(1, Purpose::File, 0);
    for hour in 0..24 {
        let micros = exits.time(hour).0 + 1;
        for standing in [Standing::Exit, Standing::NoExit] {
            let drawn = exits.pick(micros, standing, &mut rng);
            let exit = exits.list.iter().find(|exit| exit.address == drawn).unwrap();
            assert_eq!(exit.is_exit(hour), standing == Standing::Exit);
        }
    }
}
