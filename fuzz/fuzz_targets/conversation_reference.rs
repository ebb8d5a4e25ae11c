//! Whole conversations at the reference, judged by every check: no find but the known ones.
#![no_main]

mod conversation;

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    conversation::mutate(data, size, max_size, seed)
});

libfuzzer_sys::fuzz_crossover!(|one: &[u8], two: &[u8], out: &mut [u8], seed: u32| {
    fuzzing::mutate::cross_octets(one, two, out, seed)
});

libfuzzer_sys::fuzz_target!(|octets: &[u8]| -> libfuzzer_sys::Corpus {
    conversation::play("reference", include_str!("../known/reference.txt"), octets)
});
