//! Any capture through the whole of `check`. See `harness/doors`.
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| doors::capture::check(octets));
