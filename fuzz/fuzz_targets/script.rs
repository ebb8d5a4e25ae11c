//! The packetdrill language. See `harness/doors`.
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| doors::script::script(octets));
