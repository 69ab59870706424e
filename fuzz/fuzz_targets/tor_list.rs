//! Tor lists: any text through every recogniser and reader.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    coldtrail::sources::fuzz::tor_list(&String::from_utf8_lossy(data));
});
