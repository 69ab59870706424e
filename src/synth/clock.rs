//! When events happen: more in working hours and on working days, nearly but not quite in the order of the file.

use rand::{Rng, RngCore};

use super::layout::FilePlan;
use crate::model::time::DAY_MICROS;

/// Events in each hour of a day (UTC), of 1,000.
const HOURS: [u64; 24] =
    [18, 16, 15, 15, 16, 20, 33, 55, 72, 78, 76, 70, 60, 68, 74, 72, 64, 50, 35, 24, 20, 18, 16, 15];
const HOUR_MICROS: f64 = 3_600e6;

/// How many events a day has beside the others.
pub(super) const fn day_weight(day: i64) -> u64 {
    // 1970-01-01 was a Thursday.
    match (day + 4).rem_euclid(7) {
        0 => 40,
        6 => 45,
        _ => 100,
    }
}

/// The clock of one file.
#[derive(Debug)]
pub(super) struct Clock {
    day_start: i64,
    rows: u64,
    part: (u32, u32),
}

impl Clock {
    pub(super) const fn new(file: &FilePlan) -> Self {
        Self { day_start: file.day * DAY_MICROS, rows: file.rows, part: file.part }
    }

    /// The time of the file's `row`-th row, within the file's day. Neighbours may change places, and one row in a
    /// hundred is up to ten minutes late.
    pub(super) fn time(&self, row: u64, rng: &mut impl RngCore) -> i64 {
        let unit = f64::from(rng.next_u32()) / 4_294_967_296.0;
        let reach = (self.rows as f64 / 50.0).min(200.0);
        let place = (row as f64 + 0.5 + (unit - 0.5) * reach).clamp(0.0, self.rows as f64) / self.rows as f64;
        let share = (f64::from(self.part.0) + place) / f64::from(self.part.1);
        let late = if rng.random_range(0..100) == 0 { rng.random_range(0..600_000_000) } else { 0 };
        let of_day = of_share(share) + rng.random_range(0..1_000) - late;
        self.day_start + of_day.clamp(0, DAY_MICROS - 1)
    }
}

/// The time of day (µs) before which this share of the day's events lies.
fn of_share(share: f64) -> i64 {
    let mut left = share * HOURS.iter().sum::<u64>() as f64;
    for (hour, weight) in HOURS.iter().enumerate() {
        if left < *weight as f64 {
            return ((hour as f64 + left / *weight as f64) * HOUR_MICROS) as i64;
        }
        left -= *weight as f64;
    }
    DAY_MICROS - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::synthesis::SynthConfig;
    use crate::synth::layout;
    use crate::synth::random::{Purpose, stream};

    #[test]
    fn times_stay_inside_the_day_and_follow_the_working_hours() {
        let file = layout::plan(&SynthConfig { rows: 20_000, days: 1, ..SynthConfig::default() }).remove(0);
        let clock = Clock::new(&file);
        let mut rng = stream(1, Purpose::File, 0);
        let times: Vec<i64> = (0..file.rows).map(|row| clock.time(row, &mut rng)).collect();
        assert!(times.iter().all(|t| t.div_euclid(DAY_MICROS) == file.day));
        let hour = |from: i64, to: i64| {
            times.iter().filter(|t| (from..to).contains(&(*t % DAY_MICROS / 3_600_000_000))).count()
        };
        assert!(hour(8, 12) > 4 * hour(0, 4));
        assert!(times.windows(2).any(|pair| pair[0] > pair[1]), "not perfectly sorted");
        assert!(times[500..].iter().zip(&times).all(|(later, earlier)| later + 700_000_000 > *earlier), "but roughly");
    }

    #[test]
    fn weekends_are_quiet() {
        // 2026-03-07 was a Saturday.
        assert_eq!((20_514..20_521).map(day_weight).collect::<Vec<_>>(), [100, 100, 100, 100, 100, 45, 40]);
    }
}
