//! STIX patterns: any text is a pattern or an error, and what is a pattern prints as one.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    coldtrail::sources::fuzz::stix_pattern(&String::from_utf8_lossy(data));
});
