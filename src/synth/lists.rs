//! The lists that go with the archive: the Tor list, and indicators of which some stand on relays, some on busy
//! ordinary addresses and some on what no event holds.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use rand::seq::IndexedRandom;
use rand::{Rng, RngCore};

use super::error::SynthError;
use super::event::World;
use super::place::Place;
use super::random::{Purpose, hex, stream};
use crate::model::synthesis::SynthConfig;
use crate::model::time::DAY_MICROS;
use crate::model::{Address, Micros};

/// The Tor list.
pub(super) const TOR: &str = "tor.csv";
/// The indicators.
pub(super) const INDICATORS: &str = "indicators.csv";
/// The first relays of the list are those that indicators name.
pub(super) const INDICATED_RELAYS: usize = 40;

/// One column, `dest_ip`. As in public lists, some addresses stand in it twice.
pub(super) fn write_tor(world: &World, place: &Place) -> Result<u64, SynthError> {
    write(place, Path::new(TOR), |out| {
        writeln!(out, "dest_ip")?;
        for (index, relay) in world.relays.list().iter().enumerate() {
            writeln!(out, "{relay}")?;
            if index % 100 == 50 {
                writeln!(out, "{relay}")?;
            }
        }
        Ok(())
    })
}

/// The hunt's own columns and two dates.
pub(super) fn write_indicators(config: &SynthConfig, world: &World, place: &Place) -> Result<u64, SynthError> {
    let rows = indicators(config, world);
    write(place, Path::new(INDICATORS), |out| {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record([
            "Indicator",
            "IndicatorType",
            "ConfidenceScore",
            "ThreatType",
            "TlpLevel",
            "Tags",
            "ValidFrom",
            "ValidUntil",
        ])?;
        for row in rows {
            csv.write_record(row)?;
        }
        csv.flush()
    })
}

pub(super) fn write(
    place: &Place,
    name: &Path,
    content: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> Result<u64, SynthError> {
    let (file, unfinished) = place.begin(name)?;
    let mut out = BufWriter::new(file);
    content(&mut out).and_then(|()| out.flush()).map_err(|error| unfinished.failed(error))?;
    unfinished.finish()
}

type Row = [String; 8];

/// Fixed in number; nothing here depends on the events.
fn indicators(config: &SynthConfig, world: &World) -> Vec<Row> {
    let mut rng = stream(config.seed, Purpose::Indicators, 0);
    let mut rows = Vec::new();
    let mut add = |kind: &str, value: String, tor_feed: bool| rows.push(row(config, kind, value, tor_feed, &mut rng));
    for (index, relay) in world.relays.list().iter().take(INDICATED_RELAYS).enumerate() {
        // A Tor feed names every relay and says nothing bad of it; every fifth relay only the feed names.
        add("ip", relay.to_string(), true);
        for _ in 0..[0, 1, 1, 2, 3][index % 5] {
            add("ip", relay.to_string(), false);
        }
    }
    // Relays further down the list, seen only through the prefix around them.
    let v4_relays = world.relays.list().iter().skip(INDICATED_RELAYS).filter(|a| a.is_v4());
    v4_relays.take(10).for_each(|relay| add("ip", around(*relay, 24), false));
    (0..20).for_each(|n| add("ip", around(world.relays.ordinary_v4((1 << 30) + n), 20 + (n % 5) as u8), false));
    // Busy services, not the busiest: an archive where every second event is a hit would be no archive.
    (0..8).for_each(|n| add("ip", world.services.first_address(120 + n * 60).to_string(), false));
    (0..60).for_each(|n| add("ip", world.relays.tail_member(n * n * 9).to_string(), false));
    (0..200).for_each(|n| add("ip", world.relays.ordinary_v4((1 << 31) + n).to_string(), false));
    (0..150).for_each(|n| add("domain", format!("c2-{}.badhost{}.example", hex(n, 6), n % 40), false));
    (0..40).for_each(|n| add("url", format!("https://drop-{n}.badhost{}.example/{}", n % 40, hex(n, 8)), false));
    (0..30).for_each(|n| add("sha256", hex(n + 77, 64), false));
    rows
}

fn row(config: &SynthConfig, kind: &str, value: String, tor_feed: bool, rng: &mut impl RngCore) -> Row {
    let from = config.start.0 + rng.random_range(-200..60) * DAY_MICROS;
    let until = from + rng.random_range(30..400) * DAY_MICROS;
    // Some publishers give no dates, some no end.
    let (dated, ends) = (rng.random_range(0..10) > 0, rng.random_range(0..10) > 2);
    let date = |given: bool, micros: i64| if given { Micros(micros).to_string() } else { String::new() };
    let pick = |among: &[&str], rng: &mut dyn RngCore| among.choose(rng).copied().unwrap_or_default().to_owned();
    let confidence = if rng.random_range(0..20) == 0 { String::new() } else { rng.random_range(10..=100).to_string() };
    let (threat, tags) = if tor_feed {
        ("anonymization".to_owned(), "tor".to_owned())
    } else {
        (
            pick(&["C2", "Botnet", "Malware", "Phishing", "Exploitation"], rng),
            pick(&["apt", "crimeware,loader", "ransomware", ""], rng),
        )
    };
    let tlp = pick(&["clear", "green", "amber", "red"], rng);
    [value, kind.to_owned(), confidence, threat, tlp, tags, date(dated, from), date(dated && ends, until)]
}

/// The IPv4 prefix of this length around an address.
fn around(address: Address, length: u8) -> String {
    let host_bits = 32 - u32::from(length);
    format!("{}/{length}", Address::from_bits(address.bits() >> host_bits << host_bits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::prefix::{Prefix, PrivateRanges};
    use std::collections::BTreeSet;

    #[test]
    fn indicators_are_usable_and_of_every_kind() {
        let config = SynthConfig::default();
        let rows = indicators(&config, &World::new(&SynthConfig { devices: 10, ..config.clone() }));
        let mut kinds = BTreeSet::new();
        for [value, kind, confidence, _, _, _, from, until] in &rows {
            kinds.insert(kind.as_str());
            if kind == "ip" {
                let prefix = Prefix::parse_listed(value, PrivateRanges::Refuse).unwrap();
                assert!(prefix.is_v4() || prefix.is_host(), "{value}");
            }
            assert!(confidence.is_empty() || (0..=100).contains(&confidence.parse::<i64>().unwrap()));
            assert!(until.is_empty() || Micros::parse(from) < Micros::parse(until));
        }
        assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["domain", "ip", "sha256", "url"]);
        assert!(rows.iter().any(|row| row[0].ends_with("/24")));
    }
}
