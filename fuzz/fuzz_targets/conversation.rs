//! What the conversation targets share.

use libfuzzer_sys::{Corpus, fuzzer_mutate};

/// Whole records mostly; libFuzzer's own changes of octets now and then.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    if seed.is_multiple_of(8) {
        fuzzer_mutate(data, size, max_size)
    } else {
        fuzzing::mutate::mutate_octets(data, size, max_size, seed)
    }
}

/// Octets that are no conversation are not worth keeping.
pub fn play(stack: &str, known: &str, octets: &[u8]) -> Corpus {
    if doors::conversation::play(stack, known, octets) { Corpus::Keep } else { Corpus::Reject }
}
