//! The history of the synthetic exits on disk: dated lists at a spacing, as one who saves a public list would have
//! them, and the truth that they were taken from.

use std::io::Write;
use std::path::Path;

use super::Exits;
use crate::model::Micros;
use crate::synth::error::SynthError;
use crate::synth::lists::write;
use crate::synth::place::Place;

/// The folder of the dated lists.
pub(in crate::synth) const HISTORY: &str = "tor-history";
/// When each address was an exit in truth.
pub(in crate::synth) const TRUTH: &str = "tor-truth.csv";

/// One list per `spacing` hours, from the archive's first moment to the first list at or after its end.
pub(in crate::synth) fn write_snapshots(exits: &Exits, spacing: u32, place: &Place) -> Result<(), SynthError> {
    let texts: Vec<String> = exits.list.iter().map(|exit| exit.address.to_string()).collect();
    for number in 0..=exits.hours.div_euclid(spacing.into()) + i64::from(exits.hours % i64::from(spacing) > 0) {
        let hour = number * i64::from(spacing);
        write(place, &Path::new(HISTORY).join(name(exits.time(hour))), |out| {
            for (exit, text) in exits.list.iter().zip(&texts) {
                if exit.is_exit(hour) {
                    writeln!(out, "{text}")?;
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Every stay of every exit in whole hours, both included: `SeenTo` is the last hour in which it is one, so a list of
/// either hour names it, as in the intervals that are made of lists.
pub(in crate::synth) fn write_truth(exits: &Exits, place: &Place) -> Result<(), SynthError> {
    write(place, Path::new(TRUTH), |out| {
        writeln!(out, "Prefix,SeenFrom,SeenTo")?;
        for exit in &exits.list {
            for stay in &exit.stays {
                writeln!(out, "{},{},{}", exit.address, exits.time(stay.from), exits.time(stay.to - 1))?;
            }
        }
        Ok(())
    })
    .map(drop)
}

/// `2026-03-02T00-00-00Z.txt`: colons are not allowed in names everywhere.
fn name(time: Micros) -> String {
    let text = time.to_string().replace(':', "-");
    format!("{}Z.txt", text.split('.').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_carries_its_time() {
        assert_eq!(name(Micros::parse("2026-03-02T07:00:00Z").unwrap()), "2026-03-02T07-00-00Z.txt");
    }
}
