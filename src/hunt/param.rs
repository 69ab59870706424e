//! A hunt's parameters: how they are declared, and how `--param NAME=VALUE` becomes typed values.
//!
//! Values stay values: they reach the SQL as bound placeholders (`$name`), never as text pasted into it.

use std::fmt;

use super::error::{HuntError, LineError};
use super::header::Field;
use super::nearest::{did_you_mean, did_you_mean_among};
use super::parse::Hunt;
use super::value::{is_name, split};
use crate::model::Micros;
use crate::model::relay::RoleFilter;

/// The parameter that declares a hunt's default for `--tor-role`.
const TOR_ROLE: &str = "tor_role";

/// The type of a parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParamKind {
    /// Any text.
    String,
    /// A whole number.
    Integer,
    /// A finite number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A date or RFC 3339; UTC when no zone is written.
    Timestamp,
}

impl ParamKind {
    const ALL: [Self; 5] = [Self::String, Self::Integer, Self::Number, Self::Boolean, Self::Timestamp];

    /// The word in a header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Timestamp => "timestamp",
        }
    }

    /// A value of this type, or what it should look like.
    fn value(self, text: &str) -> Result<ParamValue, &'static str> {
        match self {
            Self::String => Ok(ParamValue::String(text.to_owned())),
            Self::Integer => text.parse().map(ParamValue::Integer).map_err(|_| "a whole number such as 30"),
            Self::Number => text
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite())
                .map(ParamValue::Number)
                .ok_or("a number such as 0.5"),
            Self::Boolean => text.parse().map(ParamValue::Boolean).map_err(|_| "true or false"),
            Self::Timestamp => Micros::parse(text)
                .map(ParamValue::Timestamp)
                .ok_or("a date such as 2026-07-18 or a time such as 2026-07-18T13:00:00Z"),
        }
    }
}

/// A declared parameter.
#[derive(Clone, PartialEq, Debug)]
pub struct Param {
    /// Used as `$name` in the SQL.
    pub name: String,
    /// Its type.
    pub kind: ParamKind,
    /// The value when none is given.
    pub default: ParamValue,
}

/// A value of one of the five types.
#[derive(Clone, PartialEq, Debug)]
pub enum ParamValue {
    /// Text.
    String(String),
    /// A whole number.
    Integer(i64),
    /// A finite number.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// An instant.
    Timestamp(Micros),
}

impl fmt::Display for ParamValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String(text) => f.write_str(text),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Boolean(flag) => write!(f, "{flag}"),
            Self::Timestamp(time) => write!(f, "{time}"),
        }
    }
}

/// A parameter with the value of this run.
#[derive(Clone, PartialEq, Debug)]
pub struct BoundParam {
    /// The parameter's name.
    pub name: String,
    /// Given, or the default.
    pub value: ParamValue,
}

/// Reads the `params` value.
pub(super) fn read(field: &Field) -> Result<Vec<Param>, LineError> {
    let fail = |message: String| LineError::new(field.line, message);
    let parts =
        split(&field.value, ';').ok_or_else(|| fail("params: an empty parameter; delete a semicolon".to_owned()))?;
    let mut params: Vec<Param> = Vec::new();
    for part in &parts {
        let param = one(part).map_err(|message| fail(format!("params: {message}")))?;
        if params.iter().any(|known| known.name == param.name) {
            return Err(fail(format!("params: `{}` is declared twice", param.name)));
        }
        params.push(param);
    }
    Ok(params)
}

fn one(part: &str) -> Result<Param, String> {
    let malformed = || format!("`{part}` is no parameter; write `name type = default`");
    let (left, default) = part.split_once('=').ok_or_else(malformed)?;
    let (name, kind) = left.trim().split_once(' ').ok_or_else(malformed)?;
    if !is_name(name) {
        return Err(format!("`{name}` is no name; use small letters, digits and underscores"));
    }
    let kind = kind.trim();
    let Some(kind) = ParamKind::ALL.into_iter().find(|known| known.as_str() == kind) else {
        let words = ParamKind::ALL.map(ParamKind::as_str);
        return Err(format!("`{kind}` is no type ({}){}", words.join(", "), did_you_mean(kind, words)));
    };
    let default = kind
        .value(default.trim())
        .map_err(|want| format!("the default of `{name}` is `{}`, which is not {want}", default.trim()))?;
    check_role(name, &default)?;
    if name == TOR_ROLE && kind != ParamKind::String {
        return Err(format!("`{TOR_ROLE}` declares the default --tor-role and must be a string"));
    }
    Ok(Param { name: name.to_owned(), kind, default })
}

/// `tor_role` is a choice of three, whoever sets it.
fn check_role(name: &str, value: &ParamValue) -> Result<(), String> {
    match value {
        ParamValue::String(text) if name == TOR_ROLE && text.parse::<RoleFilter>().is_err() => {
            Err(format!("`{TOR_ROLE}` is `{text}`; it must be exit, guard or any"))
        }
        _ => Ok(()),
    }
}

/// The hunt's parameters in the order of its header, each with the value given or its default.
pub fn bind(hunt: &Hunt, given: &[(String, String)]) -> Result<Vec<BoundParam>, HuntError> {
    let fail = |message: String| HuntError::Param { hunt: hunt.id.clone(), message };
    for (index, (name, _)) in given.iter().enumerate() {
        if !hunt.params.iter().any(|param| param.name == *name) {
            return Err(fail(unknown(hunt, name)));
        }
        if given.iter().take(index).any(|(earlier, _)| earlier == name) {
            return Err(fail(format!("parameter `{name}` is given twice; keep one")));
        }
    }
    hunt.params
        .iter()
        .map(|param| {
            let Some((_, text)) = given.iter().find(|(name, _)| *name == param.name) else {
                return Ok(BoundParam { name: param.name.clone(), value: param.default.clone() });
            };
            let value = param
                .kind
                .value(text.trim())
                .map_err(|want| fail(format!("parameter `{}` is `{text}`, which is not {want}", param.name)))?;
            check_role(&param.name, &value).map_err(|message| fail(format!("parameter {message}")))?;
            Ok(BoundParam { name: param.name.clone(), value })
        })
        .collect()
}

fn unknown(hunt: &Hunt, name: &str) -> String {
    let known: Vec<&str> = hunt.params.iter().map(|param| param.name.as_str()).collect();
    if known.is_empty() {
        return format!("unknown parameter `{name}`; this hunt has none");
    }
    format!("unknown parameter `{name}`{}", did_you_mean_among(name, &known, "its parameters are"))
}

/// The roles that the bound parameters ask for; `None` when the hunt declares no `tor_role`.
#[must_use]
pub fn tor_role(bound: &[BoundParam]) -> Option<RoleFilter> {
    bound.iter().find(|param| param.name == TOR_ROLE).and_then(|param| match &param.value {
        ParamValue::String(text) => text.parse().ok(),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse::sample;
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn given_values_are_typed_and_the_rest_are_defaults() {
        let hunt = sample();
        let bound =
            bind(&hunt, &given(&[("min_days", "7"), ("share", "0.25"), ("since", "2026-02-01T00:00:00+01:00")]))
                .unwrap();
        let shown: Vec<String> = bound.iter().map(|param| format!("{}={}", param.name, param.value)).collect();
        let want = [
            "tor_role=exit",
            "min_days=7",
            "share=0.25",
            "loud=false",
            "since=2026-01-31T23:00:00.000000Z",
            "note=a; b, c",
        ];
        assert_eq!(shown, want);
        assert_eq!(tor_role(&bound), Some(RoleFilter::Exit));
        assert_eq!(tor_role(&bind(&hunt, &given(&[("tor_role", "any")])).unwrap()), Some(RoleFilter::Any));
        assert_eq!(tor_role(&[]), None);
    }

    #[test]
    fn what_does_not_fit_names_the_remedy() {
        let hunt = sample();
        for (pairs, want) in [
            (
                vec![("min_day", "7")],
                "unknown parameter `min_day`; did you mean `min_days`? its parameters are tor_role, min_days, share, loud, since, note",
            ),
            (vec![("min_days", "7.5")], "parameter `min_days` is `7.5`, which is not a whole number such as 30"),
            (vec![("share", "inf")], "parameter `share` is `inf`, which is not a number such as 0.5"),
            (vec![("loud", "yes")], "parameter `loud` is `yes`, which is not true or false"),
            (
                vec![("since", "90d")],
                "parameter `since` is `90d`, which is not a date such as 2026-07-18 or a time such as 2026-07-18T13:00:00Z",
            ),
            (vec![("tor_role", "entry")], "parameter `tor_role` is `entry`; it must be exit, guard or any"),
            (vec![("loud", "true"), ("loud", "true")], "parameter `loud` is given twice; keep one"),
        ] {
            assert_eq!(bind(&hunt, &given(&pairs)).unwrap_err().to_string(), format!("hunt beacon: {want}"));
        }
        let bare = Hunt { params: vec![], ..hunt };
        let error = bind(&bare, &given(&[("x", "1")])).unwrap_err();
        assert_eq!(error.to_string(), "hunt beacon: unknown parameter `x`; this hunt has none");
    }
}
