//! Ports and report ids: integers, doubles, text.

use super::Column;
use crate::naive::event::Number;

/// How a file keeps a whole number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum NumberForm {
    Int32,
    Int64,
    Double,
    /// `443`.
    Text,
    /// `443.0`.
    DecimalText,
}

impl NumberForm {
    pub(crate) const ALL: [Self; 5] = [Self::Int32, Self::Int64, Self::Double, Self::Text, Self::DecimalText];
    /// Those that hold numbers beyond 2^31.
    pub(crate) const WIDE: [Self; 4] = [Self::Int64, Self::Double, Self::Text, Self::DecimalText];

    /// The value as this form has it; `None` when the form cannot say it.
    pub(crate) fn holds(self, number: &Number) -> Option<Number> {
        match (self, number) {
            (Self::Int32, Number::Whole(whole)) => i32::try_from(*whole).ok().map(|whole| Number::Whole(whole.into())),
            (Self::Int64, Number::Whole(whole)) => Some(Number::Whole(*whole)),
            #[expect(clippy::cast_precision_loss, reason = "the numbers drawn are far below 2^53")]
            (Self::Double, Number::Whole(whole)) => Some(Number::Double(*whole as f64)),
            (Self::Double, Number::Double(double)) => Some(Number::Double(*double)),
            (Self::Text, Number::Whole(whole)) => Some(Number::Text(whole.to_string())),
            (Self::DecimalText, Number::Whole(whole)) => Some(Number::Text(format!("{whole}.0"))),
            (Self::Text | Self::DecimalText, Number::Double(double)) => Some(Number::Text(format!("{double:?}"))),
            (Self::Text | Self::DecimalText, Number::Text(text)) => Some(Number::Text(text.clone())),
            (Self::Int32 | Self::Int64, Number::Double(_) | Number::Text(_)) | (Self::Double, Number::Text(_)) => None,
        }
    }

    /// The column of values that this form holds.
    pub(super) fn column(self, values: &[Option<Number>]) -> Column {
        let whole = |value: &Option<Number>| match value {
            Some(Number::Whole(whole)) => Some(*whole),
            _ => None,
        };
        match self {
            Self::Int32 => {
                Column::Int32(values.iter().map(|value| whole(value).map(|n| i32::try_from(n).unwrap())).collect())
            }
            Self::Int64 => Column::Int64(values.iter().map(whole).collect()),
            Self::Double => {
                let double = |value: &Option<Number>| {
                    if let Some(Number::Double(double)) = value { Some(*double) } else { None }
                };
                Column::Double(values.iter().map(double).collect())
            }
            Self::Text | Self::DecimalText => {
                let text = |value: &Option<Number>| {
                    if let Some(Number::Text(text)) = value { Some(text.clone()) } else { None }
                };
                Column::Text(values.iter().map(text).collect())
            }
        }
    }
}
