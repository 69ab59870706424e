//! Which filters ask whether an address or a name is on a list, and the answer for whole batches of a file's RemoteIP column.
//!
//! Addresses repeat, and Parquet keeps them in a dictionary: each distinct address is parsed and looked up once per row
//! group, and a row group whose dictionary holds no listed address ends there.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanBufferBuilder, DictionaryArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type};
use datafusion::common::Result;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::expressions::{BinaryExpr, Column, IsNotNullExpr, Literal};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};

use crate::engine::functions::{IntelMatchFn, TorMatchFn};
use crate::engine::index::Names;
use crate::engine::lists::{AddressList, EventNames};
use crate::model::blocks::Blocks;
use crate::model::{Address, Micros};
use crate::sources::telemetry::columns;

/// The columns that hold names.
pub(super) const REMOTE_URL: &str = "RemoteUrl";
pub(super) const ADDITIONAL_FIELDS: &str = "AdditionalFields";

/// A question that a scan can answer before it reads whole events.
#[derive(Debug, Clone)]
pub(super) enum Probe {
    /// Is the address listed?
    Address(Arc<dyn AddressList>),
    /// Is the address or a name of the event listed?
    Event(Arc<dyn AddressList>, Names),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl Probe {
    /// The question that a filter asks, if it asks one of addresses and names alone: `tor_match(RemoteIP, …) IS NOT NULL`, or
    /// such questions joined by AND and OR.
    pub(super) fn of_filter(filter: &Arc<dyn PhysicalExpr>) -> Option<Self> {
        if let Some(not_null) = filter.downcast_ref::<IsNotNullExpr>() {
            return Self::of_function(not_null.arg());
        }
        let binary = filter.downcast_ref::<BinaryExpr>()?;
        let (left, right) = (Self::of_filter(binary.left()), Self::of_filter(binary.right()));
        match (binary.op(), left, right) {
            (Operator::Or, Some(left), Some(right)) => Some(Self::Any(vec![left, right])),
            // Either side alone is a necessary condition.
            (Operator::And, Some(left), Some(right)) => Some(Self::All(vec![left, right])),
            (Operator::And, Some(one), None) | (Operator::And, None, Some(one)) => Some(one),
            _ => None,
        }
    }

    fn of_function(expr: &Arc<dyn PhysicalExpr>) -> Option<Self> {
        let function = expr.downcast_ref::<ScalarFunctionExpr>()?;
        let column = |at: usize| function.args().get(at)?.downcast_ref::<Column>().map(Column::name);
        if column(0) != Some(columns::REMOTE_IP) {
            return None;
        }
        let inner = function.fun().inner();
        if let Some(tor) = inner.downcast_ref::<TorMatchFn>() {
            return Some(Self::Address(tor.book()));
        }
        let list = inner.downcast_ref::<IntelMatchFn>().map(IntelMatchFn::book)?;
        match function.args().len() {
            0..=3 => Some(Self::Address(list)),
            _ => {
                let is = |at: usize, name: &str| match function.args().get(at) {
                    None => Some(false),
                    Some(arg) if arg.downcast_ref::<Literal>().is_some_and(|literal| literal.value().is_null()) => {
                        Some(false)
                    }
                    Some(_) => (column(at) == Some(name)).then_some(true),
                };
                let names = Names { remote_url: is(3, REMOTE_URL)?, additional_fields: is(4, ADDITIONAL_FIELDS)? };
                Some(if names == Names::default() { Self::Address(list) } else { Self::Event(list, names) })
            }
        }
    }

    /// The columns in which names decide beside addresses.
    pub(super) fn names(&self) -> Names {
        match self {
            Self::Address(_) => Names::default(),
            Self::Event(_, names) => *names,
            Self::All(probes) | Self::Any(probes) => {
                probes.iter().map(Self::names).fold(Names::default(), |all, names| Names {
                    remote_url: all.remote_url || names.remote_url,
                    additional_fields: all.additional_fields || names.additional_fields,
                })
            }
        }
    }

    /// Whether names decide beside addresses.
    pub(super) fn wants_names(&self) -> bool {
        match self {
            Self::Address(_) => false,
            Self::Event(..) => true,
            Self::All(probes) | Self::Any(probes) => probes.iter().any(Self::wants_names),
        }
    }

    /// Near which addresses anything may be listed; not said where several lists decide.
    pub(super) fn blocks(&self) -> Option<&Blocks> {
        match self {
            Self::Address(list) | Self::Event(list, _) => Some(list.blocks()),
            Self::All(_) | Self::Any(_) => None,
        }
    }

    /// Whether any list stands for a name of the event.
    pub(super) fn lists_name(&self, names: &EventNames) -> bool {
        match self {
            Self::Address(_) => false,
            Self::Event(list, of) => list.lists_name(&names.in_columns(*of)),
            Self::All(probes) | Self::Any(probes) => probes.iter().any(|probe| probe.lists_name(names)),
        }
    }

    /// Whether an address is listed, and the time alone is why its event does not match.
    pub(super) fn is_left_out(&self, address: Address, time: Micros) -> bool {
        match self {
            Self::Address(list) | Self::Event(list, _) => list.is_left_out(address, time),
            Self::All(probes) | Self::Any(probes) => probes.iter().any(|probe| probe.is_left_out(address, time)),
        }
    }

    /// Whether the address that all rows of a file have is the one.
    pub(super) fn answers_text(&self, address: &ArrayRef) -> bool {
        let text = address.as_string_opt::<i32>().filter(|texts| texts.is_valid(0)).map(|texts| texts.value(0));
        text.and_then(Address::parse).is_some_and(|address| self.answers(Some(address), Named::No))
    }

    /// Whether an address is listed, whatever names an event holds.
    pub(super) fn lists(&self, address: Address) -> bool {
        self.answers(Some(address), Named::No)
    }

    fn answers(&self, address: Option<Address>, named: Named) -> bool {
        let listed = |list: &Arc<dyn AddressList>| address.is_some_and(|address| list.lists(address));
        match self {
            Self::Address(list) => listed(list),
            Self::Event(list, _) => named == Named::Yes || listed(list),
            Self::All(probes) => probes.iter().all(|probe| probe.answers(address, named)),
            Self::Any(probes) => probes.iter().any(|probe| probe.answers(address, named)),
        }
    }
}

/// Whether a name of the event is listed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Yes,
    No,
}

/// What one text is.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Class {
    /// An event on it may match.
    listed: bool,
    /// It may if a name of the event is listed.
    listed_if_named: bool,
    /// Text that is no address. An empty text is none either, but says nothing.
    unreadable: bool,
}

/// Whether the names of a row are listed.
pub(super) type NamedRow<'a> = &'a dyn Fn(usize) -> bool;

/// Answers a probe for batch after batch of one row group.
pub(super) struct Sieve<'a> {
    probe: &'a Probe,
    /// Whether each row is looked up by its text, as if there were no dictionary.
    by_row: bool,
    dictionary: Option<Classified>,
    /// Rows whose text was no address.
    pub(super) unreadable: usize,
    /// Rows on a listed address that have no time.
    pub(super) timeless: usize,
}

/// A dictionary whose texts are classified. Batches of a row group share the buffer of its values.
struct Classified {
    values: StringArray,
    classes: Vec<Class>,
    any: bool,
}

impl<'a> Sieve<'a> {
    pub(super) const fn new(probe: &'a Probe, by_row: bool) -> Self {
        Self { probe, by_row, dictionary: None, unreadable: 0, timeless: 0 }
    }

    /// The question.
    pub(super) const fn probe(&self) -> &'a Probe {
        self.probe
    }

    /// Whether the dictionary seen last holds nothing that a row could match or that must be counted.
    pub(super) fn is_barren(&self) -> bool {
        self.dictionary.as_ref().is_some_and(|dictionary| !dictionary.any) && !self.probe.wants_names()
    }

    /// Appends one bit per row; `inside` says which rows lie in the period, `None` for one without a time.
    pub(super) fn sift(
        &mut self,
        addresses: &ArrayRef,
        named: NamedRow<'_>,
        inside: Option<&[Option<bool>]>,
        out: &mut BooleanBufferBuilder,
    ) -> Result<()> {
        let no_address = classify(self.probe, None);
        if !self.by_row
            && let Some(dictionary) = addresses.as_any().downcast_ref::<DictionaryArray<Int32Type>>()
            && let Some(values) = dictionary.values().as_string_opt::<i32>()
        {
            self.remember(values);
            if self.is_barren() {
                out.append_n(addresses.len(), false);
                return Ok(());
            }
            let Some(classified) = self.dictionary.take() else { return Ok(()) };
            for (row, key) in dictionary.keys().iter().enumerate() {
                let class = key.and_then(|key| classified.classes.get(usize::try_from(key).ok()?));
                self.append(row, *class.unwrap_or(&no_address), named, inside, out);
            }
            self.dictionary = Some(classified);
            return Ok(());
        }
        let texts = cast(addresses, &DataType::Utf8)?;
        for (row, text) in texts.as_string::<i32>().iter().enumerate() {
            let class = text.map_or(no_address, |text| classify(self.probe, Some(text)));
            self.append(row, class, named, inside, out);
        }
        Ok(())
    }

    fn append(
        &mut self,
        row: usize,
        class: Class,
        named: NamedRow<'_>,
        inside: Option<&[Option<bool>]>,
        out: &mut BooleanBufferBuilder,
    ) {
        let inside = inside.map_or(Some(true), |inside| inside.get(row).copied().flatten());
        // Outside the period nothing counts, and looking at names is what costs.
        let listed = inside != Some(false) && (class.listed || (class.listed_if_named && named(row)));
        out.append(inside == Some(true) && listed);
        self.unreadable += usize::from(inside == Some(true) && class.unreadable);
        self.timeless += usize::from(inside.is_none() && listed);
    }

    fn remember(&mut self, values: &StringArray) {
        let same = |held: &Classified| {
            held.values.len() == values.len()
                && held.values.value_data().as_ptr() == values.value_data().as_ptr()
                && held.values.value_offsets().as_ptr() == values.value_offsets().as_ptr()
        };
        if self.dictionary.as_ref().is_some_and(same) {
            return;
        }
        let classes: Vec<Class> = values.iter().map(|text| classify(self.probe, text)).collect();
        let any = classes.iter().any(|class| class.listed || class.unreadable);
        // Holding the array keeps its buffers alive, so that an equal pointer means an equal dictionary.
        self.dictionary = Some(Classified { values: values.clone(), classes, any });
    }
}

fn classify(probe: &Probe, text: Option<&str>) -> Class {
    let address = text.and_then(Address::parse);
    let listed = address.is_some() && probe.answers(address, Named::No);
    Class {
        listed,
        listed_if_named: !listed && probe.wants_names() && probe.answers(address, Named::Yes),
        unreadable: address.is_none() && text.is_some_and(|text| !text.trim().is_empty()),
    }
}
