//! Whole conversations at smoltcp, judged by every check: no find but the known ones.
#![no_main]

mod conversation;

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    conversation::mutate(data, size, max_size, seed)
});

libfuzzer_sys::fuzz_crossover!(|one: &[u8], two: &[u8], out: &mut [u8], seed: u32| {
    fuzzing::mutate::cross_octets(one, two, out, seed)
});

// A panic of smoltcp is a find like any other, which may be known; libFuzzer itself would end at it.
libfuzzer_sys::fuzz_target!(init: fuzzing::quiet_panics(), |octets: &[u8]| -> libfuzzer_sys::Corpus {
    conversation::play("smoltcp", include_str!("../known/smoltcp.txt"), octets)
});
