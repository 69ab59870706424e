//! What the runs of a strategy come to.

use super::process::{Ended, Said};
use crate::model::bench::BenchRow;
use crate::model::strategy::Strategy;

/// The runs of one strategy.
pub(super) struct Runs {
    pub(super) strategy: Strategy,
    /// Why there is no answer.
    pub(super) not_run: Option<String>,
    /// Of the run that is not measured.
    pub(super) said: Option<Said>,
    seconds: Vec<f64>,
    cpu_seconds: Vec<f64>,
    peak_mib: Option<f64>,
    /// Whether each run gave what the first one gave.
    is_steady: bool,
}

impl Runs {
    pub(super) const fn of(strategy: Strategy) -> Self {
        Self {
            strategy,
            not_run: None,
            said: None,
            seconds: Vec::new(),
            cpu_seconds: Vec::new(),
            peak_mib: None,
            is_steady: true,
        }
    }

    /// Whether there is more to run.
    pub(super) const fn runs(&self) -> bool {
        self.not_run.is_none()
    }

    /// Takes the run that is not measured.
    pub(super) fn first(&mut self, ended: Ended) {
        match ended {
            Ended::Answered(said, _) => self.said = Some(*said),
            Ended::Refused(why) => self.not_run = Some(why),
        }
    }

    /// Takes a run that is measured.
    pub(super) fn measured(&mut self, ended: Ended) {
        match ended {
            Ended::Answered(said, seconds) => {
                self.is_steady &= self.said.as_ref().is_some_and(|first| first.result == said.result);
                self.seconds.push(seconds);
                self.cpu_seconds.extend(said.cpu_seconds);
                self.peak_mib = self.peak_mib.into_iter().chain(said.peak_mib).reduce(f64::max);
            }
            Ended::Refused(why) => self.not_run = Some(why),
        }
    }
}

/// The rows of the report: results compared with the first strategy that ran, times with the fastest.
pub(super) fn of(runs: Vec<Runs>) -> Vec<BenchRow> {
    let ran = |run: &&Runs| run.not_run.is_none();
    let wanted = runs.iter().filter(ran).find_map(|run| run.said.as_ref()).map(|said| said.result.clone());
    let fastest = runs.iter().filter(ran).filter_map(|run| median(&run.seconds)).reduce(f64::min);
    runs.into_iter().map(|run| row(run, wanted.as_deref(), fastest)).collect()
}

fn row(run: Runs, wanted: Option<&str>, fastest: Option<f64>) -> BenchRow {
    let median_seconds = median(&run.seconds).filter(|_| run.not_run.is_none());
    let said = run.said.unwrap_or_default();
    BenchRow {
        strategy: run.strategy.to_string(),
        same_result: run.not_run.is_none() && run.is_steady && wanted == Some(said.result.as_str()),
        not_run: run.not_run,
        median_seconds,
        against_fastest: median_seconds.zip(fastest).map(|(median, fastest)| median / fastest),
        median_cpu_seconds: median(&run.cpu_seconds),
        seconds: run.seconds,
        bytes: said.bytes,
        row_groups: said.row_groups,
        pages: said.pages,
        rows_decoded: said.rows_decoded,
        peak_mib: run.peak_mib,
        findings: said.findings,
    }
}

fn median(values: &[f64]) -> Option<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.get(values.len().checked_sub(1)? / 2)?, values.get(values.len() / 2)?);
    Some((low + high) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(result: &str, seconds: f64) -> Ended {
        let said = Said { result: result.to_owned(), peak_mib: Some(seconds), ..Said::default() };
        Ended::Answered(Box::new(said), seconds)
    }

    #[test]
    fn times_are_medians_and_results_those_of_the_first_that_ran() {
        let mut runs = [Strategy::InList, Strategy::Auto, Strategy::IdScan, Strategy::Index].map(Runs::of);
        runs[0].first(Ended::Refused("prefixes".to_owned()));
        for run in &mut runs[1..] {
            run.first(answered("a", 9.0));
            [4.0, 2.0, 8.0].into_iter().for_each(|seconds| run.measured(answered("a", seconds)));
        }
        runs[2].measured(answered("b", 2.0));
        runs[3].measured(Ended::Refused("killed".to_owned()));
        let rows = of(runs.into());
        let told: Vec<_> = rows.iter().map(|row| (row.median_seconds, row.against_fastest, row.same_result)).collect();
        assert_eq!(
            told,
            [
                (None, None, false),
                (Some(4.0), Some(4.0 / 3.0), true),
                (Some(3.0), Some(1.0), false),
                (None, None, false)
            ]
        );
        assert_eq!((rows[1].peak_mib, rows[3].not_run.as_deref()), (Some(8.0), Some("killed")));
    }
}
