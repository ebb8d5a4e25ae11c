//! Packets written as pcap and pcapng, and read back. See `harness/doors`.
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| doors::capture::written(octets));
