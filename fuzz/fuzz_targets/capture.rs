//! Any octets as a capture file. See `harness/doors`.
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| doors::capture::read(octets));
