//! The arguments of the membership functions, row by row: address, time, port and names of an event.

use arrow::array::{Array as _, ArrayRef, AsArray as _, Int64Array, StringArray, TimestampMicrosecondArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use datafusion::common::{Result, internal_err};

use super::args::at;
use crate::engine::lists::EventNames;
use crate::model::{Address, Micros};
use crate::sources::telemetry::time_type;

/// One batch of questions.
pub(super) struct Questions {
    addresses: StringArray,
    times: TimestampMicrosecondArray,
    ports: Option<Int64Array>,
    names: Option<(StringArray, StringArray)>,
}

impl Questions {
    /// Reads (address, time), then perhaps a port, then perhaps RemoteUrl and AdditionalFields.
    pub(super) fn of(arguments: &[ArrayRef]) -> Result<Self> {
        let [addresses, times, rest @ ..] = arguments else {
            return internal_err!("a membership function takes an address and a time");
        };
        let names = match rest {
            [_, url, additional] => Some((text(url)?, text(additional)?)),
            _ => None,
        };
        let ports = rest.first().map(|ports| cast(ports, &DataType::Int64)).transpose()?;
        Ok(Self {
            addresses: text(addresses)?,
            times: cast(times, &time_type())?.as_primitive::<TimestampMicrosecondType>().clone(),
            ports: ports.map(|ports| ports.as_primitive::<Int64Type>().clone()),
            names,
        })
    }

    pub(super) fn rows(&self) -> usize {
        self.addresses.len()
    }

    pub(super) fn address(&self, row: usize) -> Option<Address> {
        at(&self.addresses, row).and_then(Address::parse)
    }

    pub(super) fn time(&self, row: usize) -> Option<Micros> {
        self.times.is_valid(row).then(|| Micros(self.times.value(row)))
    }

    pub(super) fn port(&self, row: usize) -> Option<i64> {
        self.ports.as_ref().filter(|ports| ports.is_valid(row)).map(|ports| ports.value(row))
    }

    pub(super) fn names(&self, row: usize) -> EventNames {
        self.names
            .as_ref()
            .map_or_else(EventNames::default, |(url, additional)| EventNames::of(at(url, row), at(additional, row)))
    }
}

fn text(array: &ArrayRef) -> Result<StringArray> {
    Ok(cast(array, &DataType::Utf8)?.as_string::<i32>().clone())
}
