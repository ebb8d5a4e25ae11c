//! HTTP/1 heads, against httparse. See `harness/doors`.
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| doors::differ::http::http(octets));
