//! One column chunk of Parquet pages, and what its footer says of it: any bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    coldtrail::engine::pages::fuzz(data);
});
