//! ARP packets, read and written back. See `harness/doors`.
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| doors::headers::arp(octets));
