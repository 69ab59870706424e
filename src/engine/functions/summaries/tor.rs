//! What the Tor lists say of the events of each group.

use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray, Int64Array, TimestampMicrosecondArray};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use datafusion::common::{Result, internal_err};

use crate::engine::functions::grouped::{GroupOf, GroupTable};
use crate::engine::functions::questions::Questions;
use crate::engine::lists::{PortAgreement, TorBook, TorMatch};
use crate::engine::rows;
use crate::model::Micros;
use crate::model::relay::{Evidence, Role};

/// What is kept of one finding: roles as bits, the best evidence, the hull of the intervals, and the best port.
#[derive(Debug, Default)]
pub(super) struct TorGroup {
    roles: i64,
    best: Option<Evidence>,
    seen_from: Option<i64>,
    seen_to: Option<i64>,
    or_port: Option<PortAgreement>,
}

impl TorGroup {
    fn add(&mut self, other: &Self) {
        self.roles |= other.roles;
        self.best = self.best.into_iter().chain(other.best).min();
        self.seen_from = self.seen_from.into_iter().chain(other.seen_from).min();
        self.seen_to = self.seen_to.into_iter().chain(other.seen_to).max();
        self.or_port = self.or_port.into_iter().chain(other.or_port).min();
    }

    fn of(found: &TorMatch) -> Self {
        let bits = |(bit, role): (usize, &Role)| i64::from(found.roles.contains(role)) << bit;
        Self {
            roles: Role::ALL.iter().enumerate().map(bits).fold(0, |all, bit| all | bit),
            best: Some(found.evidence),
            seen_from: found.seen_from.map(|time| time.0),
            seen_to: found.seen_to.map(|time| time.0),
            or_port: found.or_port,
        }
    }

    fn found(&self) -> Option<TorMatch> {
        let roles =
            Role::ALL.iter().enumerate().filter(|(bit, _)| self.roles >> bit & 1 == 1).map(|(_, role)| *role).collect();
        let (seen_from, seen_to) = (self.seen_from.map(Micros), self.seen_to.map(Micros));
        self.best.map(|evidence| TorMatch { roles, evidence, seen_from, seen_to, or_port: self.or_port })
    }
}

/// The groups of `tor_summary`.
#[derive(Debug)]
pub(super) struct TorSummaries {
    book: Arc<TorBook>,
    groups: Vec<TorGroup>,
}

impl TorSummaries {
    pub(super) fn new(book: Arc<TorBook>) -> Self {
        Self { book, groups: Vec::new() }
    }
}

impl GroupTable for TorSummaries {
    type Group = TorGroup;

    fn groups(&mut self) -> &mut Vec<TorGroup> {
        &mut self.groups
    }

    fn add(&mut self, values: &[ArrayRef], group_of: GroupOf<'_>) -> Result<()> {
        let questions = Questions::of(values)?;
        for row in 0..questions.rows() {
            let Some(group) = group_of(row).and_then(|group| self.groups.get_mut(group)) else { continue };
            let Some(address) = questions.address(row) else { continue };
            if let Some(found) = self.book.match_at(address, questions.time(row), questions.port(row)) {
                group.add(&TorGroup::of(&found));
            }
        }
        Ok(())
    }

    fn merge(&mut self, states: &[ArrayRef], group_of: GroupOf<'_>) -> Result<()> {
        let [roles, evidence, from, to, ports] = states else { return internal_err!("tor_summary has five states") };
        let (roles, evidence) = (roles.as_primitive::<Int64Type>(), evidence.as_primitive::<Int64Type>());
        let (from, to) =
            (from.as_primitive::<TimestampMicrosecondType>(), to.as_primitive::<TimestampMicrosecondType>());
        let ports = ports.as_primitive::<Int64Type>();
        for row in 0..roles.len() {
            let Some(group) = group_of(row).and_then(|group| self.groups.get_mut(group)) else { continue };
            group.add(&TorGroup {
                roles: if roles.is_valid(row) { roles.value(row) } else { 0 },
                best: of_rank(&Evidence::ALL, evidence, row),
                seen_from: from.is_valid(row).then(|| from.value(row)),
                seen_to: to.is_valid(row).then(|| to.value(row)),
                or_port: of_rank(&PortAgreement::ALL, ports, row),
            });
        }
        Ok(())
    }

    fn finish(&self, groups: Vec<TorGroup>) -> Result<ArrayRef> {
        let found: Vec<Option<TorMatch>> = groups.iter().map(TorGroup::found).collect();
        Ok(Arc::new(rows::tor_structs(&found)?))
    }

    fn save(&self, groups: Vec<TorGroup>) -> Result<Vec<ArrayRef>> {
        let time = |of: fn(&TorGroup) -> Option<i64>| -> ArrayRef {
            Arc::new(groups.iter().map(of).collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
        };
        Ok(vec![
            Arc::new(groups.iter().map(|group| Some(group.roles)).collect::<Int64Array>()),
            Arc::new(groups.iter().map(|group| group.best.map(|best| best as i64)).collect::<Int64Array>()),
            time(|group| group.seen_from),
            time(|group| group.seen_to),
            Arc::new(groups.iter().map(|group| group.or_port.map(|port| port as i64)).collect::<Int64Array>()),
        ])
    }

    fn fresh(&self) -> Self {
        Self::new(Arc::clone(&self.book))
    }

    fn bytes(&self) -> usize {
        self.groups.capacity() * size_of::<TorGroup>()
    }
}

/// A value that a state keeps by its rank.
fn of_rank<T: Copy>(all: &[T], ranks: &Int64Array, row: usize) -> Option<T> {
    let rank = ranks.is_valid(row).then(|| ranks.value(row))?;
    all.get(usize::try_from(rank).ok()?).copied()
}
