//! Every capture of the shared collection has as many frames as tshark counted in it.

use std::fs;
use std::path::PathBuf;

use capture::Capture;

#[test]
fn every_shared_capture_has_as_many_frames_as_tshark_counts() {
    let Some(captures) = shared_captures() else {
        println!("skipped: needs shared captures");
        return;
    };
    let facts = fs::read_to_string(captures.join("FACTS.tsv")).unwrap();
    let mut differences = Vec::new();
    for row in facts.lines().skip(1) {
        let mut columns = row.split('\t');
        let (name, packets) = (columns.next().unwrap(), columns.next().unwrap());
        let complete = columns.next_back() == Some("0");
        let (frames, error) = count(captures.join(name));
        let expected = match DIFFERENCES.iter().find(|difference| difference.0 == name) {
            Some((_, frames, complete)) => (*frames, *complete),
            None => (packets.parse().unwrap(), complete),
        };
        if (frames, error.is_none()) != expected {
            differences.push(format!("{name}: expected {expected:?}, found {frames}, {error:?}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// File, frames, whether it is read to its end.
const DIFFERENCES: [(&str, u32, bool); 3] = [
    // tshark ends at the file header where it cannot dissect the link type. We deliver the frames.
    ("tcpdump/frf16_magic_ie-oobr.pcap", 1, true),
    ("tcpdump/kday6.pcap", 1, true),
    // Its second header is garbage. tshark 4.0 takes the whole for the variant with longer headers, and shows a second frame
    // of one byte at a negative time; we end after the first.
    ("suricata-verify/bug-6875-01__fuzz.pcap", 1, false),
];

fn count(path: PathBuf) -> (u32, Option<String>) {
    let mut capture = match Capture::open(&path) {
        Ok(capture) => capture,
        Err(error) => return (0, Some(error.to_string())),
    };
    loop {
        match capture.next_frame() {
            Ok(Some(_)) => {}
            Ok(None) => return (capture.frames(), None),
            Err(error) => return (capture.frames(), Some(error.to_string())),
        }
    }
}

fn shared_captures() -> Option<PathBuf> {
    let named = std::env::var_os("STACKPROOF_SHARED").map(|shared| PathBuf::from(shared).join("captures"));
    let beside = || {
        let start = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        start
            .ancestors()
            .map(|folder| folder.join("shared/captures"))
            .find(|captures| captures.is_dir())
    };
    named.filter(|captures| captures.is_dir()).or_else(beside)
}
