//! The headers between link and IP, read and written back. See `harness/doors`.
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| doors::headers::encapsulation(octets));
