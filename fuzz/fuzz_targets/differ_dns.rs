//! DNS messages, against hickory-proto. See `harness/doors`.
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| doors::differ::dns::dns(octets));
