//! TCP options, each written and read again. See `harness/doors`.
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| doors::headers::tcp_options(octets));
