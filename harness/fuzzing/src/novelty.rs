//! Whether a conversation showed something new of a stack: without the compiler's help, by what could be seen from outside.

use std::sync::atomic::{AtomicU64, Ordering};

/// Features told apart.
const FEATURES: usize = 1 << 16;

/// A feature out of a few numbers.
pub(crate) fn feature(of: [u64; 3]) -> u16 {
    let [one, two, three] = of;
    let mixed = [one, two, three]
        .into_iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, part| {
            let hash = (hash ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            hash ^ (hash >> 29)
        });
    (mixed >> 40) as u16
}

/// Every feature that was ever seen; shared by all threads.
pub struct Novelty(Vec<AtomicU64>);

impl Default for Novelty {
    fn default() -> Novelty {
        Novelty((0..FEATURES / 64).map(|_| AtomicU64::new(0)).collect())
    }
}

impl Novelty {
    /// Takes the features in, and tells how many of them were new.
    pub fn take(&self, features: &[u16]) -> usize {
        let new = |&feature: &u16| {
            let bit = 1 << (feature % 64);
            self.0.get(usize::from(feature) / 64).is_some_and(|word| {
                word.load(Ordering::Relaxed) & bit == 0 && word.fetch_or(bit, Ordering::Relaxed) & bit == 0
            })
        };
        features.iter().map(new).filter(|&new| new).count()
    }

    /// How many features were seen.
    pub fn count(&self) -> usize {
        self.0
            .iter()
            .map(|word| word.load(Ordering::Relaxed).count_ones() as usize)
            .sum()
    }
}
