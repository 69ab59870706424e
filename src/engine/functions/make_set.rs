//! `make_set`: the distinct values of a group, sorted, without null and empty, capped at the run's limit.

use std::collections::{BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, StringArray, StructArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, GroupsAccumulator, Signature};

use super::grouped::{self, GroupOf, GroupTable, Many, One};
use super::spec::{Arity, FunctionDoc, FunctionKind, signature};

pub(super) const DOC: FunctionDoc = FunctionDoc {
    name: "make_set",
    kind: FunctionKind::Aggregate,
    syntax: "make_set(value)",
    summary: "The distinct values of a group without null and empty text: text by its UTF-8 bytes, whole numbers ascending. At most --set-limit of them (the first in that order); Cut says how many more there were.",
    arguments: &[("value", "text, or a whole number")],
    returns: "struct (Items list, Cut Int64)",
    example: "SELECT array_to_string(make_set(p)['Items'], ' ') FROM (VALUES (443), (80), (443), (NULL)) AS t(p)",
    result: "80 443",
};

/// The function with its limit.
#[derive(Debug)]
pub(super) struct MakeSet {
    limit: usize,
    signature: Signature,
}

impl MakeSet {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, signature: signature(Arity::Exactly(1)) }
    }
}

impl PartialEq for MakeSet {
    fn eq(&self, other: &Self) -> bool {
        self.limit == other.limit
    }
}

impl Eq for MakeSet {}

impl Hash for MakeSet {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.limit.hash(state);
    }
}

fn item_type(argument: Option<&FieldRef>) -> DataType {
    if argument.is_some_and(|field| field.data_type().is_integer()) { DataType::Int64 } else { DataType::Utf8 }
}

fn list_of(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("item", item, true)))
}

fn set_fields(item: DataType) -> Fields {
    vec![Field::new("Items", list_of(item), true), Field::new("Cut", DataType::Int64, true)].into()
}

impl AggregateUDFImpl for MakeSet {
    fn name(&self) -> &str {
        DOC.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, args: &[DataType]) -> Result<DataType> {
        let item = if args.first().is_some_and(DataType::is_integer) { DataType::Int64 } else { DataType::Utf8 };
        Ok(DataType::Struct(set_fields(item)))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new("items", list_of(item_type(args.input_fields.first())), true))])
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(match item_type(args.expr_fields.first()) {
            DataType::Int64 => Box::new(One::new(NumberSets::new(self.limit))),
            _ => Box::new(One::new(TextSets::new(self.limit))),
        })
    }

    fn groups_accumulator_supported(&self, _args: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(match item_type(args.expr_fields.first()) {
            DataType::Int64 => Box::new(Many(NumberSets::new(self.limit))),
            _ => Box::new(Many(TextSets::new(self.limit))),
        })
    }
}

#[derive(Debug)]
struct NumberSets {
    limit: usize,
    sets: Vec<BTreeSet<i64>>,
    members: usize,
}

impl NumberSets {
    fn new(limit: usize) -> Self {
        Self { limit, sets: Vec::new(), members: 0 }
    }

    fn insert(&mut self, group: usize, number: i64) {
        if let Some(set) = self.sets.get_mut(group) {
            self.members += usize::from(set.insert(number));
        }
    }
}

impl GroupTable for NumberSets {
    type Group = BTreeSet<i64>;

    fn groups(&mut self) -> &mut Vec<BTreeSet<i64>> {
        &mut self.sets
    }

    fn add(&mut self, values: &[ArrayRef], group_of: GroupOf<'_>) -> Result<()> {
        let Some(values) = values.first() else { return Ok(()) };
        let values = cast(values, &DataType::Int64)?;
        for (row, number) in values.as_primitive::<Int64Type>().iter().enumerate() {
            if let (Some(number), Some(group)) = (number, group_of(row)) {
                self.insert(group, number);
            }
        }
        Ok(())
    }

    fn merge(&mut self, states: &[ArrayRef], group_of: GroupOf<'_>) -> Result<()> {
        each_list(states, group_of, |group, items| {
            items.as_primitive::<Int64Type>().iter().flatten().for_each(|number| self.insert(group, number));
        })
    }

    fn finish(&self, groups: Vec<BTreeSet<i64>>) -> Result<ArrayRef> {
        let cut = groups.iter().map(|set| set.len().saturating_sub(self.limit)).collect();
        let lengths = groups.iter().map(|set| set.len().min(self.limit)).collect();
        let items = groups.iter().flat_map(|set| set.iter().take(self.limit).copied());
        sets(lengths, Arc::new(Int64Array::from_iter_values(items)), cut)
    }

    fn save(&self, groups: Vec<BTreeSet<i64>>) -> Result<Vec<ArrayRef>> {
        let items = Int64Array::from_iter_values(groups.iter().flatten().copied());
        let lengths = groups.iter().map(BTreeSet::len).collect();
        Ok(vec![grouped::lists(DataType::Int64, lengths, Arc::new(items))?])
    }

    fn fresh(&self) -> Self {
        Self::new(self.limit)
    }

    fn bytes(&self) -> usize {
        self.sets.capacity() * size_of::<BTreeSet<i64>>() + self.members * 2 * size_of::<i64>()
    }
}

/// Texts repeat across groups (processes, accounts), so each is kept once and a set holds its number.
#[derive(Debug)]
struct TextSets {
    limit: usize,
    texts: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
    sets: Vec<BTreeSet<u32>>,
    members: usize,
    text_bytes: usize,
}

impl TextSets {
    fn new(limit: usize) -> Self {
        Self { limit, texts: Vec::new(), numbers: HashMap::new(), sets: Vec::new(), members: 0, text_bytes: 0 }
    }

    fn insert(&mut self, group: usize, text: &str) {
        if text.is_empty() {
            return;
        }
        let number = match self.numbers.get(text) {
            Some(number) => *number,
            None => {
                let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
                let text: Arc<str> = text.into();
                self.text_bytes += text.len();
                self.texts.push(Arc::clone(&text));
                self.numbers.insert(text, number);
                number
            }
        };
        if let Some(set) = self.sets.get_mut(group) {
            self.members += usize::from(set.insert(number));
        }
    }

    /// The texts of a set in the order of their bytes.
    fn sorted(&self, set: &BTreeSet<u32>) -> Vec<&str> {
        let text = |number: &u32| self.texts.get(usize::try_from(*number).ok()?).map(AsRef::as_ref);
        let mut texts: Vec<&str> = set.iter().filter_map(text).collect();
        texts.sort_unstable();
        texts
    }
}

impl GroupTable for TextSets {
    type Group = BTreeSet<u32>;

    fn groups(&mut self) -> &mut Vec<BTreeSet<u32>> {
        &mut self.sets
    }

    fn add(&mut self, values: &[ArrayRef], group_of: GroupOf<'_>) -> Result<()> {
        let Some(values) = values.first() else { return Ok(()) };
        let values = cast(values, &DataType::Utf8)?;
        for (row, text) in values.as_string::<i32>().iter().enumerate() {
            if let (Some(text), Some(group)) = (text, group_of(row)) {
                self.insert(group, text);
            }
        }
        Ok(())
    }

    fn merge(&mut self, states: &[ArrayRef], group_of: GroupOf<'_>) -> Result<()> {
        each_list(states, group_of, |group, items| {
            items.as_string::<i32>().iter().flatten().for_each(|text| self.insert(group, text));
        })
    }

    fn finish(&self, groups: Vec<BTreeSet<u32>>) -> Result<ArrayRef> {
        let cut = groups.iter().map(|set| set.len().saturating_sub(self.limit)).collect();
        let lengths = groups.iter().map(|set| set.len().min(self.limit)).collect();
        let items: StringArray =
            groups.iter().flat_map(|set| self.sorted(set).into_iter().take(self.limit)).map(Some).collect();
        sets(lengths, Arc::new(items), cut)
    }

    fn save(&self, groups: Vec<BTreeSet<u32>>) -> Result<Vec<ArrayRef>> {
        let items: StringArray = groups.iter().flat_map(|set| self.sorted(set)).map(Some).collect();
        let lengths = groups.iter().map(BTreeSet::len).collect();
        Ok(vec![grouped::lists(DataType::Utf8, lengths, Arc::new(items))?])
    }

    fn fresh(&self) -> Self {
        Self::new(self.limit)
    }

    fn bytes(&self) -> usize {
        let texts = self.text_bytes + self.texts.len() * 6 * size_of::<usize>();
        texts + self.sets.capacity() * size_of::<BTreeSet<u32>>() + self.members * 2 * size_of::<u32>()
    }
}

fn each_list(states: &[ArrayRef], group_of: GroupOf<'_>, mut add: impl FnMut(usize, &ArrayRef)) -> Result<()> {
    let Some(lists) = states.first().and_then(|state| state.as_list_opt::<i32>()) else { return Ok(()) };
    for row in (0..lists.len()).filter(|row| lists.is_valid(*row)) {
        if let Some(group) = group_of(row) {
            add(group, &lists.value(row));
        }
    }
    Ok(())
}

fn sets(lengths: Vec<usize>, items: ArrayRef, cut: Vec<usize>) -> Result<ArrayRef> {
    let item = items.data_type().clone();
    let cut = cut.into_iter().map(|cut| i64::try_from(cut).unwrap_or(i64::MAX));
    let columns = vec![grouped::lists(item.clone(), lengths, items)?, Arc::new(Int64Array::from_iter_values(cut))];
    Ok(Arc::new(StructArray::try_new(set_fields(item), columns, None)?))
}
