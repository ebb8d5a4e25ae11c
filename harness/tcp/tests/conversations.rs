//! The reference against itself across a bad network, every conversation from one seed: data arrives exactly, both sides close,
//! and no check finds anything to say.
//!
//! `TCP_CONVERSATIONS` says how many; `TCP_SEED` picks one, and `TCP_TRACE` prints its packets.

mod world;

use tcp::Faults;

/// What went wrong, if anything.
fn complaint(seed: u64) -> Option<String> {
    let outcome = world::converse(seed, [Faults::default(); 2]);
    if let Err(trouble) = outcome.delivered {
        return Some(format!("seed {seed}: {trouble}"));
    }
    let (id, proof) = outcome.findings.first()?;
    Some(format!("seed {seed}: {id} {proof}"))
}

/// Seeds that a check accused falsely once, that a mistake of the reference or of this test's world failed.
const FOUND: [u64; 38] = [
    840, 967, 2038, 4807, 6511, 6542, 6672, 8276, 11306, 12486, 15740, 16567, 17500, 17756, 18182, 18521, 19830, 21475,
    24155, 26621, 30471, 30978, 36238, 38221, 38768, 43237, 43533, 57662, 60152, 61044, 77329, 78857, 81108, 81414,
    88509, 91411, 92515, 98712,
];

#[test]
fn what_went_wrong_once_does_not_again() {
    let complaints: Vec<String> = FOUND.into_iter().filter_map(complaint).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn conversations_across_a_bad_network_arrive_close_and_conform() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("TCP_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("TCP_CONVERSATIONS").unwrap_or(500),
    };
    let complaints: Vec<String> = seeds.filter_map(complaint).collect();
    let shown = complaints.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(
        complaints.is_empty(),
        "{} conversations failed:\n{shown}",
        complaints.len()
    );
}
