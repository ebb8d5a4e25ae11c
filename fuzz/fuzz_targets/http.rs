//! HTTP/1 streams in pieces; heads read and written back. See `harness/doors`.
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| doors::http::http(octets));
