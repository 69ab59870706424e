//! Which filters ask whether an address is on a list, and the answer for whole batches of a file's RemoteIP column.
//!
//! Addresses repeat, and Parquet keeps them in a dictionary: each distinct address is parsed and looked up once per row
//! group, and a row group whose dictionary holds no listed address ends there.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanBufferBuilder, DictionaryArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type};
use datafusion::common::Result;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::expressions::{BinaryExpr, Column, IsNotNullExpr};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};

use crate::engine::functions::{IntelMatchFn, TorMatchFn};
use crate::engine::lists::AddressList;
use crate::model::Address;
use crate::sources::telemetry::columns;

/// A question about an address that needs no other column.
#[derive(Debug, Clone)]
pub(super) enum Probe {
    List(Arc<dyn AddressList>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl Probe {
    /// The question that a filter asks, if it asks one of addresses alone: `tor_match(RemoteIP, …) IS NOT NULL`, or such
    /// questions joined by AND and OR.
    pub(super) fn of_filter(filter: &Arc<dyn PhysicalExpr>) -> Option<Self> {
        if let Some(not_null) = filter.downcast_ref::<IsNotNullExpr>() {
            return Self::of_function(not_null.arg()).map(Self::List);
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

    fn of_function(expr: &Arc<dyn PhysicalExpr>) -> Option<Arc<dyn AddressList>> {
        let function = expr.downcast_ref::<ScalarFunctionExpr>()?;
        let column = function.args().first()?.downcast_ref::<Column>()?;
        if column.name() != columns::REMOTE_IP {
            return None;
        }
        let inner = function.fun().inner();
        if let Some(tor) = inner.downcast_ref::<TorMatchFn>() {
            return Some(tor.book());
        }
        inner.downcast_ref::<IntelMatchFn>().map(IntelMatchFn::book)
    }

    /// Whether the address that all rows of a file have is the one.
    pub(super) fn answers_text(&self, address: &ArrayRef) -> bool {
        let text = address.as_string_opt::<i32>().filter(|texts| texts.is_valid(0)).map(|texts| texts.value(0));
        text.and_then(Address::parse).is_some_and(|address| self.answers(address))
    }

    fn answers(&self, address: Address) -> bool {
        match self {
            Self::List(list) => list.lists(address),
            Self::All(probes) => probes.iter().all(|probe| probe.answers(address)),
            Self::Any(probes) => probes.iter().any(|probe| probe.answers(address)),
        }
    }
}

/// What one text is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Other,
    Listed,
    /// Text that is no address. An empty text is none either, but says nothing.
    Unreadable,
}

/// Answers a probe for batch after batch of one row group.
pub(super) struct Sieve<'a> {
    probe: &'a Probe,
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
    pub(super) const fn new(probe: &'a Probe) -> Self {
        Self { probe, dictionary: None, unreadable: 0, timeless: 0 }
    }

    /// Whether the dictionary seen last holds nothing that a row could match or that must be counted.
    pub(super) fn is_barren(&self) -> bool {
        self.dictionary.as_ref().is_some_and(|dictionary| !dictionary.any)
    }

    /// Appends one bit per row; `inside` says which rows lie in the period, `None` for one without a time.
    pub(super) fn sift(
        &mut self,
        addresses: &ArrayRef,
        inside: Option<&[Option<bool>]>,
        out: &mut BooleanBufferBuilder,
    ) -> Result<()> {
        let place = |row: usize| inside.map_or(Some(true), |inside| inside.get(row).copied().flatten());
        if let Some(dictionary) = addresses.as_any().downcast_ref::<DictionaryArray<Int32Type>>()
            && let Some(values) = dictionary.values().as_string_opt::<i32>()
        {
            self.remember(values);
            let Some(classified) = &self.dictionary else { return Ok(()) };
            if !classified.any {
                out.append_n(addresses.len(), false);
                return Ok(());
            }
            for (row, key) in dictionary.keys().iter().enumerate() {
                let class = key.and_then(|key| classified.classes.get(usize::try_from(key).ok()?)).copied();
                let inside = place(row);
                out.append(inside == Some(true) && class == Some(Class::Listed));
                self.unreadable += usize::from(inside == Some(true) && class == Some(Class::Unreadable));
                self.timeless += usize::from(inside.is_none() && class == Some(Class::Listed));
            }
            return Ok(());
        }
        let texts = cast(addresses, &DataType::Utf8)?;
        for (row, text) in texts.as_string::<i32>().iter().enumerate() {
            let class = text.map(|text| classify(self.probe, text));
            let inside = place(row);
            out.append(inside == Some(true) && class == Some(Class::Listed));
            self.unreadable += usize::from(inside == Some(true) && class == Some(Class::Unreadable));
            self.timeless += usize::from(inside.is_none() && class == Some(Class::Listed));
        }
        Ok(())
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
        let classes: Vec<Class> =
            values.iter().map(|text| text.map_or(Class::Other, |text| classify(self.probe, text))).collect();
        let any = classes.iter().any(|class| *class != Class::Other);
        // Holding the array keeps its buffers alive, so that an equal pointer means an equal dictionary.
        self.dictionary = Some(Classified { values: values.clone(), classes, any });
    }
}

fn classify(probe: &Probe, text: &str) -> Class {
    match Address::parse(text) {
        Some(address) if probe.answers(address) => Class::Listed,
        Some(_) => Class::Other,
        None if text.trim().is_empty() => Class::Other,
        None => Class::Unreadable,
    }
}
