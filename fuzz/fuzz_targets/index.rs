//! Indexes: any bytes as an index file, and as each of the parts that stand behind its checksums.
#![no_main]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // An index in memory never waits.
    let reading = pin!(coldtrail::engine::index::fuzz(data));
    assert!(matches!(reading.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(())));
});
