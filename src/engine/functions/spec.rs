//! A function without a binding to the run: its name, types, documentation and code as one constant per file.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

use super::args::Args;

/// How many arguments a function takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Arity {
    /// Exactly so many.
    Exactly(usize),
    /// One of these numbers.
    OneOf(&'static [usize]),
    /// Any number.
    Any,
}

/// What the documentation says of a function. The example is run by a test, and must give the result.
#[derive(Clone, Copy, Debug)]
pub struct FunctionDoc {
    /// Its name.
    pub name: &'static str,
    /// What kind of function it is.
    pub kind: FunctionKind,
    /// How it is called.
    pub syntax: &'static str,
    /// What it does, for an analyst.
    pub summary: &'static str,
    /// The arguments, in order.
    pub arguments: &'static [(&'static str, &'static str)],
    /// What comes back.
    pub returns: &'static str,
    /// A query of one row and one column.
    pub example: &'static str,
    /// What the query prints.
    pub result: &'static str,
}

/// Scalar or aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionKind {
    /// One value per row.
    Scalar,
    /// One value per group.
    Aggregate,
}

/// A scalar function that depends on its arguments alone.
#[derive(Debug)]
pub(super) struct ScalarSpec {
    pub(super) doc: FunctionDoc,
    pub(super) arity: Arity,
    pub(super) returns: fn() -> DataType,
    pub(super) evaluate: fn(&Args) -> Result<ArrayRef>,
}

/// The specification as DataFusion calls it.
#[derive(Debug)]
struct SpecFunction {
    spec: &'static ScalarSpec,
    signature: Signature,
}

impl PartialEq for SpecFunction {
    fn eq(&self, other: &Self) -> bool {
        self.spec.doc.name == other.spec.doc.name
    }
}

impl Eq for SpecFunction {}

impl Hash for SpecFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.spec.doc.name.hash(state);
    }
}

impl ScalarSpec {
    pub(super) fn function(&'static self) -> ScalarUDF {
        ScalarUDF::new_from_impl(SpecFunction { spec: self, signature: signature(self.arity) })
    }
}

/// Any types: a function reads what it can of its arguments itself.
pub(super) fn signature(arity: Arity) -> Signature {
    match arity {
        Arity::Exactly(number) => Signature::any(number, Volatility::Immutable),
        Arity::OneOf(numbers) => {
            let forms = numbers.iter().map(|number| TypeSignature::Any(*number)).collect();
            Signature::one_of(forms, Volatility::Immutable)
        }
        Arity::Any => Signature::variadic_any(Volatility::Immutable),
    }
}

impl ScalarUDFImpl for SpecFunction {
    fn name(&self) -> &str {
        self.spec.doc.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _args: &[DataType]) -> Result<DataType> {
        Ok((self.spec.returns)())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let args = Args::new(args)?;
        Ok(ColumnarValue::Array((self.spec.evaluate)(&args)?))
    }
}

/// A membership question takes an address and a time, then a port and names; swapped, it would quietly answer null.
pub(super) fn check_question(name: &str, types: &[DataType]) -> Result<()> {
    use DataType::{Date32, Date64, Dictionary, LargeUtf8, Null, Timestamp, Utf8, Utf8View};
    let is_text = |data_type: &DataType| match data_type {
        Dictionary(_, value) => matches!(value.as_ref(), Utf8 | LargeUtf8 | Utf8View),
        other => matches!(other, Utf8 | LargeUtf8 | Utf8View | Null),
    };
    let is_time = |data_type: &DataType| matches!(data_type, Timestamp(_, _) | Date32 | Date64 | Null);
    let is_port = |data_type: &DataType| data_type.is_integer() || *data_type == Null;
    match types {
        [address, time, rest @ ..] if is_text(address) && is_time(time) => match rest {
            [] => Ok(()),
            [port, names @ ..] if is_port(port) && names.iter().all(is_text) => Ok(()),
            _ => plan_err!("{name} takes a port as a whole number after the timestamp, and then names as text"),
        },
        _ => plan_err!("{name} takes an address as text and a timestamp, in this order"),
    }
}

/// A list of structs of these fields, the form of `RiskFactors` and `SetsTruncated`.
pub(super) fn list_of(fields: arrow::datatypes::Fields) -> DataType {
    DataType::List(Arc::new(arrow::datatypes::Field::new("item", DataType::Struct(fields), true)))
}
