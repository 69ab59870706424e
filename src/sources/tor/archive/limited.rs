//! A reader that stops where an archive would unpack to more than it may.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Headers and long names before one member; a name needs no more.
pub(super) const HEADER_BYTES_MAX: u64 = 1 << 20;

/// How much may still be read, shared with whoever reads.
#[derive(Clone)]
pub(super) struct Allowance {
    whole: Rc<Cell<u64>>,
    step: Rc<Cell<u64>>,
}

impl Allowance {
    pub(super) fn new(whole: u64) -> Self {
        Self { whole: Rc::new(Cell::new(whole)), step: Rc::new(Cell::new(u64::MAX)) }
    }

    /// What the next step may read; the whole stays limited.
    pub(super) fn renew(&self, step: u64) {
        self.step.set(step);
    }

    fn left(&self) -> u64 {
        self.whole.get().min(self.step.get())
    }

    fn spend(&self, bytes: u64) {
        self.whole.set(self.whole.get().saturating_sub(bytes));
        self.step.set(self.step.get().saturating_sub(bytes));
    }
}

/// The reader.
pub(super) struct Limited<R> {
    inner: R,
    allowance: Allowance,
}

impl<R> Limited<R> {
    pub(super) fn new(inner: R, allowance: &Allowance) -> Self {
        Self { inner, allowance: allowance.clone() }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.allowance.left()).unwrap_or(usize::MAX);
        if left == 0 && !out.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it unpacks to more than a list can need"));
        }
        let wanted = out.len().min(left);
        let read = self.inner.read(out.get_mut(..wanted).unwrap_or_default())?;
        self.allowance.spend(read as u64);
        Ok(read)
    }
}
