//! How a stream arrives in pieces.

/// The octets cut in three, at places that follow from their last ones: over many inputs everywhere, and for one input always
/// alike. An octet at a time would cost more than all the rest of an execution.
pub(crate) fn pieces(octets: &[u8]) -> [&[u8]; 3] {
    let mut last = [0; 8];
    for (place, octet) in last.iter_mut().zip(octets.iter().rev()) {
        *place = *octet;
    }
    // The multiplier of Fibonacci hashing: 2^64 divided by the golden ratio.
    let mixed = u64::from_le_bytes(last)
        .wrapping_add(octets.len() as u64)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let place = |bits: u64| ((bits as usize & 0xffff) * (octets.len() + 1)) >> 16;
    let (one, two) = (place(mixed >> 48), place(mixed >> 32));
    let (first, rest) = octets.split_at(one.max(two));
    let (start, middle) = first.split_at(one.min(two));
    [start, middle, rest]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_join_to_the_whole_and_cuts_fall_everywhere() {
        let mut seen = std::collections::BTreeSet::new();
        for first in 0..=255 {
            let octets = [first, 1, 2, 3];
            let cut = pieces(&octets);
            assert_eq!(cut.concat(), octets);
            seen.insert(cut.map(<[u8]>::len));
        }
        assert_eq!(seen.len(), 15, "each way to cut four octets in three: {seen:?}");
        assert_eq!(pieces(&[]), [&[] as &[u8]; 3]);
    }
}
