//! IP, TCP and UDP headers, against etherparse. See `harness/doors`.
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| doors::differ::ip::ip(octets));
