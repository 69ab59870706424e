//! How far an undated list is from the events, and how much a list that far off misses.
//!
//! The shares are medians measured on 29 months of daily exit lists (a list taken so many days after a day, against the
//! exits of that day); between the measured distances they are interpolated.

use crate::model::Micros;
use crate::model::coverage::TorSource;
use crate::model::time::DAY_MICROS;

/// Days, exits of a day that a list so far off still holds, and entries of the list that were no exits on that day, in
/// percent.
const LOSS: [(f64, f64, f64); 10] = [
    (0.0, 100.0, 0.0),
    (1.0, 98.6, 1.4),
    (7.0, 95.3, 4.8),
    (14.0, 92.8, 7.4),
    (30.0, 88.9, 11.6),
    (60.0, 83.5, 17.5),
    (90.0, 79.0, 22.4),
    (180.0, 70.6, 31.4),
    (365.0, 56.5, 47.2),
    (730.0, 44.0, 61.3),
];

/// Fills in the distance of each single list from the events `[first, last]`, and returns a warning for each: undated ones,
/// and dated ones that are the only snapshot of their source.
pub(super) fn judge(sources: &mut [TorSource], first: Option<Micros>, last: Option<Micros>) -> Vec<String> {
    sources
        .iter_mut()
        .filter(|source| source.snapshots <= 1)
        .filter_map(|source| judge_one(source, first, last))
        .collect()
}

fn judge_one(source: &mut TorSource, first: Option<Micros>, last: Option<Micros>) -> Option<String> {
    let undated = source.seen_from.is_none();
    let what = if undated {
        format!("the Tor list {} is undated: any event on a listed address matches, whenever it was", source.source)
    } else {
        format!("the Tor source {} is a single list", source.source)
    };
    let (Some(as_of), Some(first), Some(last)) = (source.as_of, first, last) else {
        return undated.then(|| format!("{what}; its distance from the events is not known"));
    };
    let nearest = first.0.saturating_sub(as_of.0).max(as_of.0.saturating_sub(last.0)).max(0);
    let farthest =
        as_of.0.saturating_sub(first.0).saturating_abs().max(last.0.saturating_sub(as_of.0).saturating_abs());
    source.days_from_events = Some(days(nearest));
    if !undated && days(farthest) == 0 {
        return None;
    }
    let (held, wrong) = loss(days(farthest));
    let remedy = if source.as_of_from == "file time" { "; --tor-as-of says when it was really taken" } else { "" };
    Some(format!(
        "{what}; taken {} ({}), it is up to {} days from the events, and a list that far off misses about {:.0} % of a day's \
         exits, while about {wrong:.0} % of its entries were none that day{remedy}",
        as_of.date(),
        source.as_of_from,
        days(farthest),
        100.0 - held,
    ))
}

fn days(micros: i64) -> u64 {
    u64::try_from(micros / DAY_MICROS).unwrap_or(0)
}

/// Held and wrong, in percent, at a distance in days.
fn loss(days: u64) -> (f64, f64) {
    #[expect(clippy::cast_precision_loss, reason = "days of a calendar are small")]
    let days = days as f64;
    let after = LOSS.iter().position(|(at, _, _)| *at >= days);
    match after {
        Some(0) => (LOSS[0].1, LOSS[0].2),
        Some(at) => {
            let ((x0, held0, wrong0), (x1, held1, wrong1)) = (LOSS[at - 1], LOSS[at]);
            let share = (days - x0) / (x1 - x0);
            (held0 + (held1 - held0) * share, wrong0 + (wrong1 - wrong0) * share)
        }
        None => (LOSS[LOSS.len() - 1].1, LOSS[LOSS.len() - 1].2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_is_to_the_events_and_never_to_today() {
        let mut source = TorSource {
            source: "tor.csv".into(),
            as_of: Micros::parse("2026-07-18"),
            as_of_from: "file name".into(),
            ..TorSource::default()
        };
        let warning = judge_one(&mut source, Micros::parse("2026-03-01"), Micros::parse("2026-04-19")).unwrap();
        assert_eq!(source.days_from_events, Some(90));
        assert!(warning.contains("up to 139 days"), "{warning}");
        assert!(judge_one(&mut source, Micros::parse("2026-07-01"), Micros::parse("2026-08-01")).is_some());
        assert_eq!(source.days_from_events, Some(0));
    }

    #[test]
    fn between_measured_distances_the_loss_lies_between() {
        assert_eq!(loss(0), (100.0, 0.0));
        assert_eq!(loss(365), (56.5, 47.2));
        assert_eq!(loss(5000), (44.0, 61.3));
        let (held, wrong) = loss(45);
        assert!((83.5..88.9).contains(&held) && (11.6..17.5).contains(&wrong));
    }
}
