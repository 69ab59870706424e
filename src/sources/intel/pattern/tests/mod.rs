//! Patterns from text to indicators.

mod corpus;
mod forms;
mod grammar;
mod law;
mod samples;

use super::observables::Observable;
use super::{ObservableKind, Understood, read};

fn understood(pattern: &str) -> Understood {
    read(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"))
}

fn address(value: &str) -> Observable {
    Observable { kind: ObservableKind::Address, value: value.into(), port: None, also_address: None }
}

fn domain(value: &str) -> Observable {
    Observable { kind: ObservableKind::Domain, ..address(value) }
}

fn url(value: &str) -> Observable {
    Observable { kind: ObservableKind::Url, ..address(value) }
}

fn at_port(observable: Observable, port: u16) -> Observable {
    Observable { port: Some(port), ..observable }
}

fn also(observable: Observable, address: &str) -> Observable {
    Observable { also_address: Some(address.into()), ..observable }
}

/// Asserts what a pattern yields.
fn yields(pattern: &str, indicators: &[Observable], unsupported: &[&str]) {
    let got = understood(pattern);
    assert_eq!((got.indicators.as_slice(), got.unsupported.as_slice()), (indicators, unsupported), "{pattern}");
}
