//! Any octets as a frame of any link type. See `harness/doors`.
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| doors::headers::frame(octets));
