//! Fragments, sensible or not. See `harness/doors`.
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| doors::reassembly::reassembly(octets));
