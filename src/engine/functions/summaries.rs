//! `tor_summary` and `intel_summary`: what the lists say of all events of a finding together.
//!
//! An indicator is collapsed here, per group and before anything is counted against it, so that ten indicators on one
//! address are ten entries of TI_Matches and never ten times the events.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray, Int64Array, RecordBatch, TimestampMicrosecondArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type, TimestampMicrosecondType};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, GroupsAccumulator, Signature};

use super::grouped::{self, GroupOf, GroupTable, Many, One};
use super::spec::{Arity, FunctionDoc, FunctionKind, check_question, signature};
use crate::engine::lists::{IntelBook, TorBook, TorMatch};
use crate::engine::rows::{self, IntelRow};
use crate::model::indicator::Validity;
use crate::model::relay::{Evidence, Role};
use crate::model::{Address, Micros};
use crate::sources::telemetry::time_type;

pub(super) const TOR_DOC: FunctionDoc = FunctionDoc {
    name: "tor_summary",
    kind: FunctionKind::Aggregate,
    syntax: "tor_summary(remote_ip, timestamp)",
    summary: "tor_match over the events of a group: every role that matched, the best evidence, the earliest start and the latest end.",
    arguments: &[("remote_ip", "an address"), ("timestamp", "when")],
    returns: "null, or a struct (Role, Evidence, SeenFrom, SeenTo)",
    example: "SELECT tor_summary(ip, to_timestamp_micros(0))['Role'] FROM (VALUES ('192.0.2.7'), ('192.0.2.9')) AS t(ip)",
    result: "exit",
};

pub(super) const INTEL_DOC: FunctionDoc = FunctionDoc {
    name: "intel_summary",
    kind: FunctionKind::Aggregate,
    syntax: "intel_summary(remote_ip, timestamp)",
    summary: "intel_match over the events of a group: every indicator that matched any of them, and of the one that speaks loudest the best validity over the events that it matched.",
    arguments: &[("remote_ip", "an address"), ("timestamp", "when")],
    returns: "null, or a struct (Hit, Confidence, Type, Validity, Matches)",
    example: "SELECT intel_summary(ip, to_timestamp_micros(0))['Hit'] FROM (VALUES ('192.0.2.7'), ('192.0.2.9')) AS t(ip)",
    result: "192.0.2.7",
};

/// The run's list that a summary asks.
#[derive(Debug, Clone)]
enum Book {
    Tor(Arc<TorBook>),
    Intel(Arc<IntelBook>, RecordBatch),
}

/// A summary, bound to its list.
#[derive(Debug)]
pub(super) struct Summary {
    book: Book,
    signature: Signature,
}

impl Summary {
    pub(super) fn tor(book: Arc<TorBook>) -> Self {
        Self { book: Book::Tor(book), signature: signature(Arity::Exactly(2)) }
    }

    pub(super) fn intel(book: Arc<IntelBook>, table: RecordBatch) -> Self {
        Self { book: Book::Intel(book, table), signature: signature(Arity::Exactly(2)) }
    }
}

impl PartialEq for Summary {
    fn eq(&self, other: &Self) -> bool {
        match (&self.book, &other.book) {
            (Book::Tor(a), Book::Tor(b)) => Arc::ptr_eq(a, b),
            (Book::Intel(a, _), Book::Intel(b, _)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl Eq for Summary {}

impl Hash for Summary {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl AggregateUDFImpl for Summary {
    fn name(&self) -> &str {
        match self.book {
            Book::Tor(_) => TOR_DOC.name,
            Book::Intel(..) => INTEL_DOC.name,
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, args: &[DataType]) -> Result<DataType> {
        check_question(self.name(), args)?;
        Ok(DataType::Struct(match self.book {
            Book::Tor(_) => rows::tor_fields(),
            Book::Intel(..) => rows::intel_fields(),
        }))
    }

    fn state_fields(&self, _args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let field = |name, data_type| Arc::new(Field::new(name, data_type, true));
        Ok(match self.book {
            Book::Tor(_) => vec![
                field("roles", DataType::Int64),
                field("evidence", DataType::Int64),
                field("seen_from", time_type()),
                field("seen_to", time_type()),
            ],
            Book::Intel(..) => vec![field("matches", number_list())],
        })
    }

    fn accumulator(&self, _args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(match &self.book {
            Book::Tor(book) => Box::new(One::new(TorSummaries::new(Arc::clone(book)))),
            Book::Intel(book, table) => Box::new(One::new(IntelSummaries::new(Arc::clone(book), table.clone()))),
        })
    }

    fn groups_accumulator_supported(&self, _args: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(match &self.book {
            Book::Tor(book) => Box::new(Many(TorSummaries::new(Arc::clone(book)))),
            Book::Intel(book, table) => Box::new(Many(IntelSummaries::new(Arc::clone(book), table.clone()))),
        })
    }
}

const ROLES: [Role; 4] = [Role::Exit, Role::Guard, Role::Middle, Role::Unspecified];

/// What is kept of one finding: roles as bits, the best evidence, and the hull of the intervals.
#[derive(Debug, Default)]
struct TorGroup {
    roles: i64,
    best: Option<Evidence>,
    seen_from: Option<i64>,
    seen_to: Option<i64>,
}

impl TorGroup {
    fn add(&mut self, roles: i64, evidence: Option<Evidence>, from: Option<i64>, to: Option<i64>) {
        self.roles |= roles;
        self.best = self.best.into_iter().chain(evidence).min();
        self.seen_from = self.seen_from.into_iter().chain(from).min();
        self.seen_to = self.seen_to.into_iter().chain(to).max();
    }

    fn found(&self) -> Option<TorMatch> {
        let roles =
            ROLES.iter().enumerate().filter(|(bit, _)| self.roles >> bit & 1 == 1).map(|(_, role)| *role).collect();
        let (seen_from, seen_to) = (self.seen_from.map(Micros), self.seen_to.map(Micros));
        self.best.map(|evidence| TorMatch { roles, evidence, seen_from, seen_to })
    }
}

#[derive(Debug)]
struct TorSummaries {
    book: Arc<TorBook>,
    groups: Vec<TorGroup>,
}

impl TorSummaries {
    fn new(book: Arc<TorBook>) -> Self {
        Self { book, groups: Vec::new() }
    }
}

impl GroupTable for TorSummaries {
    type Group = TorGroup;

    fn groups(&mut self) -> &mut Vec<TorGroup> {
        &mut self.groups
    }

    fn add(&mut self, values: &[ArrayRef], group_of: GroupOf<'_>) -> Result<()> {
        for (row, address, time) in questions(values)? {
            let Some(group) = group_of(row).and_then(|group| self.groups.get_mut(group)) else { continue };
            let Some(found) = self.book.match_at(address, time) else { continue };
            let bits = |(bit, role): (usize, &Role)| i64::from(found.roles.contains(role)) << bit;
            let roles = ROLES.iter().enumerate().map(bits).fold(0, |all, bit| all | bit);
            group.add(roles, Some(found.evidence), found.seen_from.map(|t| t.0), found.seen_to.map(|t| t.0));
        }
        Ok(())
    }

    fn merge(&mut self, states: &[ArrayRef], group_of: GroupOf<'_>) -> Result<()> {
        let [roles, evidence, from, to] = states else { return internal_err!("tor_summary has four states") };
        let (roles, evidence) = (roles.as_primitive::<Int64Type>(), evidence.as_primitive::<Int64Type>());
        let (from, to) =
            (from.as_primitive::<TimestampMicrosecondType>(), to.as_primitive::<TimestampMicrosecondType>());
        for (row, (((roles, rank), from), to)) in roles.iter().zip(evidence).zip(from).zip(to).enumerate() {
            if let Some(group) = group_of(row).and_then(|group| self.groups.get_mut(group)) {
                let evidence = rank.and_then(|rank| Evidence::ALL.get(usize::try_from(rank).ok()?).copied());
                group.add(roles.unwrap_or(0), evidence, from, to);
            }
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
        ])
    }

    fn fresh(&self) -> Self {
        Self::new(Arc::clone(&self.book))
    }

    fn bytes(&self) -> usize {
        self.groups.capacity() * size_of::<TorGroup>()
    }
}

/// The matching indicators by position, each with the best validity over the events that it matched.
type IntelGroup = BTreeMap<u32, Validity>;

#[derive(Debug)]
struct IntelSummaries {
    book: Arc<IntelBook>,
    table: RecordBatch,
    groups: Vec<IntelGroup>,
    members: usize,
}

impl IntelSummaries {
    fn new(book: Arc<IntelBook>, table: RecordBatch) -> Self {
        Self { book, table, groups: Vec::new(), members: 0 }
    }

    fn insert(&mut self, group: usize, position: u32, validity: Validity) {
        let Some(group) = self.groups.get_mut(group) else { return };
        let before = group.len();
        group.entry(position).and_modify(|best| *best = validity.min(*best)).or_insert(validity);
        self.members += group.len() - before;
    }

    fn row(&self, group: &IntelGroup) -> Option<IntelRow> {
        let matches: Vec<u32> = group.keys().copied().collect();
        let validity = self.book.hit(&matches).and_then(|hit| group.get(&hit)).map(|validity| validity.as_str());
        (!matches.is_empty()).then_some(IntelRow { matches, validity })
    }
}

impl GroupTable for IntelSummaries {
    type Group = IntelGroup;

    fn groups(&mut self) -> &mut Vec<IntelGroup> {
        &mut self.groups
    }

    fn add(&mut self, values: &[ArrayRef], group_of: GroupOf<'_>) -> Result<()> {
        for (row, address, time) in questions(values)? {
            let (Some(group), Some(time), Some(found)) = (group_of(row), time, self.book.match_at(address, time))
            else {
                continue;
            };
            for position in found.matches {
                let validity = self.book.get(position).map_or(Validity::Undated, |indicator| indicator.validity(time));
                self.insert(group, position, validity);
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
            for pair in lists.value(row).as_primitive::<Int64Type>().values().chunks_exact(2) {
                let position = pair.first().and_then(|position| u32::try_from(*position).ok());
                let validity = pair.get(1).and_then(|rank| Validity::ALL.get(usize::try_from(*rank).ok()?).copied());
                let (Some(position), Some(validity)) = (position, validity) else {
                    return internal_err!("a state of intel_summary is pairs of position and validity");
                };
                self.insert(group, position, validity);
            }
        }
        Ok(())
    }

    fn finish(&self, groups: Vec<IntelGroup>) -> Result<ArrayRef> {
        let found: Vec<Option<IntelRow>> = groups.iter().map(|group| self.row(group)).collect();
        Ok(Arc::new(rows::intel_structs(&self.book, &self.table, &found)?))
    }

    fn save(&self, groups: Vec<IntelGroup>) -> Result<Vec<ArrayRef>> {
        let lengths = groups.iter().map(|group| 2 * group.len()).collect();
        let pairs = groups.iter().flatten().flat_map(|(position, validity)| [i64::from(*position), *validity as i64]);
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(pairs));
        Ok(vec![grouped::lists(DataType::Int64, lengths, numbers)?])
    }

    fn fresh(&self) -> Self {
        Self::new(Arc::clone(&self.book), self.table.clone())
    }

    fn bytes(&self) -> usize {
        self.groups.capacity() * size_of::<IntelGroup>() + self.members * 2 * size_of::<(u32, Validity)>()
    }
}

fn number_list() -> DataType {
    DataType::List(Arc::new(Field::new("item", DataType::Int64, true)))
}

/// The rows that have an address, with their times.
fn questions(values: &[ArrayRef]) -> Result<Vec<(usize, Address, Option<Micros>)>> {
    let [addresses, times] = values else { return internal_err!("a summary takes an address and a time") };
    let addresses = cast(addresses, &DataType::Utf8)?;
    let times = cast(times, &time_type())?;
    let times: &TimestampMicrosecondArray = times.as_primitive();
    let rows = addresses.as_string::<i32>().iter().zip(times).enumerate();
    Ok(rows.filter_map(|(row, (address, time))| Some((row, Address::parse(address?)?, time.map(Micros)))).collect())
}
