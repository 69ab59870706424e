//! The order of events within a date, as data: which columns lead is chosen by measurement, not by code.

/// A column that can lead the order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lead {
    /// The canonical address of RemoteIP as a 128-bit number; what is no address comes last.
    Address,
    /// DeviceId, null last. Not DeviceName: copies of an event may disagree in the name, and then would not be
    /// neighbours; and a device has one id and as good as one name, so the rows of a name stand together either way.
    Device,
    /// Timestamp cut to milliseconds, as copies of an event agree in no more than that.
    Time,
}

/// Leading columns, first to last. Behind them every order has the rest of what copies of an event agree in, so that
/// copies are neighbours, and then all columns, so that it is total.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SortOrder {
    leads: Vec<Lead>,
}

impl SortOrder {
    /// An order by these columns; a column named again changes nothing.
    #[must_use]
    pub fn new(leads: &[Lead]) -> Self {
        let mut order = Self { leads: Vec::with_capacity(3) };
        // What the caller leaves open is part of what copies agree in, and cheap to compare.
        for lead in leads.iter().copied().chain([Lead::Time, Lead::Address]) {
            if !order.leads.contains(&lead) {
                order.leads.push(lead);
            }
        }
        order
    }

    /// The columns to compare before all others; address and time are always among them.
    pub(super) fn leads(&self) -> &[Lead] {
        &self.leads
    }

    /// Whether the files' rows are in the order of DeviceId's text, which other readers can make use of. No such claim
    /// is true of the others: addresses are in the order of numbers, times only to the millisecond.
    pub(super) fn is_by_device(&self) -> bool {
        self.leads.first() == Some(&Lead::Device)
    }
}

/// By address, then by time: the rows of one peer stand together.
impl Default for SortOrder {
    fn default() -> Self {
        Self::new(&[Lead::Address, Lead::Time])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_ends_with_time_and_address() {
        assert_eq!(SortOrder::default().leads(), [Lead::Address, Lead::Time]);
        assert_eq!(SortOrder::new(&[]).leads(), [Lead::Time, Lead::Address]);
        let device = SortOrder::new(&[Lead::Device, Lead::Address, Lead::Device]);
        assert_eq!(device.leads(), [Lead::Device, Lead::Address, Lead::Time]);
        assert!(device.is_by_device() && !SortOrder::default().is_by_device());
    }
}
