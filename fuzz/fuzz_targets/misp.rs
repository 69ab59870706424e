//! MISP documents and exports: any bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    coldtrail::sources::fuzz::misp(data);
});
