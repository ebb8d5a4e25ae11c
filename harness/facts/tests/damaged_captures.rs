//! Captures with octets changed at random are counted to their end: no panic, no overflow, no endless loop.

use capture::Capture;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

/// Larger ones would add time, and nothing else.
const LARGEST: u64 = 40_000;

#[test]
fn damaged_captures_are_counted_all_the_same() {
    let Some(captures) = shared_captures() else {
        println!("skipped: needs shared captures");
        return;
    };
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut counted = 0;
    for path in files(&captures) {
        let whole = fs::read(&path).unwrap();
        for _ in 0..3 {
            let mut bytes = whole.clone();
            // The file header stays, so that what is behind it is reached.
            for _ in 0..1 + bytes.len() / 100 {
                let at = 24 + random.below(bytes.len().saturating_sub(24).max(1));
                if let Some(octet) = bytes.get_mut(at) {
                    *octet = random.below(256) as u8;
                }
            }
            if let Ok(mut capture) = Capture::from_reader("damaged", Cursor::new(bytes)) {
                let (facts, flows, _) = facts::count_with_flows(&mut capture);
                assert_eq!(facts.row("damaged").len(), facts::COLUMNS.len());
                assert_eq!(facts.tcp_streams, flows.len() as u64);
                counted += 1;
            }
        }
    }
    assert!(counted > 1000, "{counted}");
}

/// xorshift64: the same run every time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

fn files(captures: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(captures).unwrap().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = folders
        .filter(|folder| folder.is_dir())
        .flat_map(|folder| fs::read_dir(folder).unwrap().flatten())
        .filter(|file| {
            file.metadata()
                .is_ok_and(|metadata| metadata.is_file() && metadata.len() < LARGEST)
        })
        .map(|file| file.path())
        .collect();
    files.sort();
    files
}

fn shared_captures() -> Option<PathBuf> {
    let named = std::env::var_os("STACKPROOF_SHARED").map(|shared| PathBuf::from(shared).join("captures"));
    let beside = || {
        let start = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        start
            .ancestors()
            .map(|above| above.join("shared/captures"))
            .find(|captures| captures.is_dir())
    };
    named.or_else(beside).filter(|captures| captures.is_dir())
}
