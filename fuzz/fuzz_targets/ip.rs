//! IPv4 with options and IPv6 with extension headers, read and written back. See `harness/doors`.
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| doors::headers::ip(octets));
