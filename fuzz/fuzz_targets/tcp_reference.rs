//! Packets of any octets, and calls, at the reference alone. See `harness/doors`.
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| doors::host::host(octets));
