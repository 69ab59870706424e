//! stub
pub(super) mod lines;
mod one_column;
mod shape;
use super::listing::{Entry, Listing};
use crate::model::{Micros, Prefix, relay::Role};

pub(super) struct Format {
    pub(super) name: &'static str,
    pub(super) recognises: fn(&str) -> bool,
    pub(super) read: fn(&str) -> Listing,
}

fn scans(text: &str) -> Listing {
    let mut list = Listing::default();
    for line in text.lines() {
        if let Some(time) = line.strip_prefix("Downloaded ") {
            list.dated = Micros::parse(time);
        }
        if let Some(rest) = line.strip_prefix("ExitAddress ") {
            list.records += 1;
            let (a, t) = rest.split_once(' ').unwrap_or_default();
            if let (Ok(prefix), Some(time)) = (Prefix::parse(a), Micros::parse(t)) {
                list.entries.push(Entry {
                    prefix,
                    role: Role::Exit,
                    port: None,
                    observed_by: "scan",
                    time: Some(time),
                });
            }
        }
    }
    list
}

const FORMATS: [Format; 2] =
    [Format { name: "exit list", recognises: |t| t.contains("ExitAddress "), read: scans }, one_column::FORMAT];
pub(super) fn read(text: &str, _display: &str) -> Result<(&'static str, Listing), String> {
    let f = FORMATS
        .iter()
        .find(|f| (f.recognises)(text))
        .ok_or_else(|| format!("not a one-column list of addresses ({})", shape::Shape::of(text)))?;
    Ok((f.name, (f.read)(text)))
}
