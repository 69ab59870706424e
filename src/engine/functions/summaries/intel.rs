//! Which indicators match the events of each group.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray, Int64Array};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{Result, internal_err};

use crate::engine::functions::grouped::{self, GroupOf, GroupTable};
use crate::engine::functions::questions::Questions;
use crate::engine::lists::{IntelBook, IntelMatch, PortAgreement};
use crate::engine::rows::{self, IntelRow};
use crate::model::indicator::Validity;

/// What the events of a group say of one indicator.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// The best over the events that it matched.
    validity: Validity,
    /// Every field in which it matched.
    fields: u8,
    /// The best over the events.
    port: Option<PortAgreement>,
}

/// The matching indicators by position.
type IntelGroup = BTreeMap<u32, Seen>;

/// The groups of `intel_summary`.
#[derive(Debug)]
pub(super) struct IntelSummaries {
    book: Arc<IntelBook>,
    groups: Vec<IntelGroup>,
    members: usize,
}

/// Numbers of one member in a state: position, rank of the validity, fields, rank of the port or -1.
const STATE_NUMBERS: usize = 4;

impl IntelSummaries {
    pub(super) fn new(book: Arc<IntelBook>) -> Self {
        Self { book, groups: Vec::new(), members: 0 }
    }

    fn insert(&mut self, group: usize, position: u32, seen: Seen) {
        let Some(group) = self.groups.get_mut(group) else { return };
        let before = group.len();
        let better = |held: &mut Seen| {
            held.validity = held.validity.min(seen.validity);
            held.fields |= seen.fields;
            held.port = held.port.into_iter().chain(seen.port).min();
        };
        group.entry(position).and_modify(better).or_insert(seen);
        self.members += group.len() - before;
    }

    fn row(&self, group: &IntelGroup) -> Option<IntelRow> {
        let found =
            |(position, seen): (&u32, &Seen)| IntelMatch { position: *position, fields: seen.fields, port: seen.port };
        let hit = self.book.hit(group.keys().copied()).and_then(|hit| group.get(&hit));
        let validity = hit.map(|seen| seen.validity.as_str());
        (!group.is_empty()).then(|| IntelRow { matches: group.iter().map(found).collect(), validity })
    }
}

impl GroupTable for IntelSummaries {
    type Group = IntelGroup;

    fn groups(&mut self) -> &mut Vec<IntelGroup> {
        &mut self.groups
    }

    fn add(&mut self, values: &[ArrayRef], group_of: GroupOf<'_>) -> Result<()> {
        let questions = Questions::of(values)?;
        for row in 0..questions.rows() {
            let (Some(group), Some(time)) = (group_of(row), questions.time(row)) else { continue };
            let names = questions.names(row);
            for found in self.book.match_at(questions.address(row), Some(time), questions.port(row), &names) {
                let validity = self.book.validity(found.position, time);
                self.insert(group, found.position, Seen { validity, fields: found.fields, port: found.port });
            }
        }
        Ok(())
    }

    fn merge(&mut self, states: &[ArrayRef], group_of: GroupOf<'_>) -> Result<()> {
        let Some(lists) = states.first().and_then(|state| state.as_list_opt::<i32>()) else {
            return internal_err!("intel_summary has a list for its state");
        };
        for row in (0..lists.len()).filter(|row| lists.is_valid(*row)) {
            let Some(group) = group_of(row) else { continue };
            for numbers in lists.value(row).as_primitive::<Int64Type>().values().chunks_exact(STATE_NUMBERS) {
                let Some((position, seen)) = member(numbers) else {
                    return internal_err!("a state of intel_summary is groups of four numbers");
                };
                self.insert(group, position, seen);
            }
        }
        Ok(())
    }

    fn finish(&self, groups: Vec<IntelGroup>) -> Result<ArrayRef> {
        let found: Vec<Option<IntelRow>> = groups.iter().map(|group| self.row(group)).collect();
        Ok(Arc::new(rows::intel_structs(&self.book, &found)?))
    }

    fn save(&self, groups: Vec<IntelGroup>) -> Result<Vec<ArrayRef>> {
        let lengths = groups.iter().map(|group| STATE_NUMBERS * group.len()).collect();
        let numbers = groups.iter().flatten().flat_map(|(position, seen)| {
            let port = seen.port.map_or(-1, |port| port as i64);
            [i64::from(*position), seen.validity as i64, i64::from(seen.fields), port]
        });
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(numbers));
        Ok(vec![grouped::lists(DataType::Int64, lengths, numbers)?])
    }

    fn fresh(&self) -> Self {
        Self::new(Arc::clone(&self.book))
    }

    fn bytes(&self) -> usize {
        self.groups.capacity() * size_of::<IntelGroup>() + self.members * 2 * size_of::<(u32, Seen)>()
    }
}

fn member(numbers: &[i64]) -> Option<(u32, Seen)> {
    let [position, validity, fields, port] = numbers else { return None };
    let seen = Seen {
        validity: Validity::ALL.get(usize::try_from(*validity).ok()?).copied()?,
        fields: u8::try_from(*fields).ok()?,
        port: usize::try_from(*port).ok().and_then(|rank| PortAgreement::ALL.get(rank).copied()),
    };
    Some((u32::try_from(*position).ok()?, seen))
}
