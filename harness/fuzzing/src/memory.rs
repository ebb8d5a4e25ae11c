//! Memory: whatever it is sent, a stack does not grow without bound.
//!
//! What is watched is the resident set of this process, so that stacks in C count as well. A stack in a process of its own does not.

use std::cell::Cell;
use std::fs::File;
use std::io::{Read, Seek};

/// Octets by which one conversation may grow this process. Its stack's buffers are some ten kibioctets each, and the packets of
/// the longest conversation, kept by the tester, less than this. Threads beside this one may grow it too, as little.
pub(crate) const MOST: u64 = 512 << 20;

/// Pages are at least this large: larger ones are underestimated.
const PAGE: u64 = 4096;

thread_local! {
    /// The resident set when this thread last looked.
    static BEFORE: Cell<Option<u64>> = const { Cell::new(None) };
    /// Opening it takes longer than reading it, and conversations are short.
    static STATM: Option<File> = File::open("/proc/self/statm").ok();
}

/// By how much this process has grown since this thread last asked; zero where nobody can tell.
pub(crate) fn grown() -> u64 {
    let now = resident();
    let before = BEFORE.replace(now);
    now.zip(before).map_or(0, |(now, before)| now.saturating_sub(before))
}

/// The second number of `/proc/self/statm`, where there is one: pages that are resident.
fn resident() -> Option<u64> {
    let mut octets = [0; 128];
    let count = STATM.with(|file| {
        let mut file = file.as_ref()?;
        // Read anew from its beginning, the file says how things stand now.
        file.rewind().ok()?;
        file.read(&mut octets).ok()
    })?;
    let text = std::str::from_utf8(octets.get(..count)?).ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_to_is_seen() {
        if resident().is_none() {
            return println!("skipped: needs /proc/self/statm");
        }
        grown();
        // An optimiser leaves out what nobody looks at.
        let held = std::hint::black_box(vec![1_u8; 64 << 20]);
        assert!(grown() >= 48 << 20);
        drop(held);
        grown();
        assert!(grown() < MOST);
    }
}
