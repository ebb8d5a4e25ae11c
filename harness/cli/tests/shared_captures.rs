//! Over a large collection of real, damaged and crafted captures: every file is read, nothing panics, and only requirements
//! whose violations somebody has looked at are violated.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// MUSTs that some capture of the collection breaks, and what was found when its packets were read. See docs/FINDINGS.md.
const LOOKED_AT: [&str; 33] = [
    "dns/names-at-most-255",
    "dns/opt-only-when-asked",
    "dns/pointers-point-back",
    "dns/response-copies-rd",
    "dns/ttl-below-2-31",
    "dns/ttls-equal-in-set",
    "dns/z-bit-zero",
    "icmp/error-quotes-enough",
    "ip/fragment-multiple-of-eight",
    "ip/header-checksum-correct",
    "ip/loopback-not-on-wire",
    "ipv6/fragment-multiple-of-eight",
    "ipv6/source-not-multicast",
    "ndp/router-source-link-local",
    "ndp/solicitation-destination",
    "tcp/handshake-completed-in-sequence",
    "tcp/option-length-correct",
    "tcp/options-padded-with-zero",
    "tcp/refusal-of-syn",
    "tcp/reserved-bits-zero",
    "tcp/retransmission-same-octets",
    "tcp/syn-backoff",
    "tcp/urgent-pointer-ahead",
    "tcp/window-scale-at-most-14",
    "udp/checksum-correct",
    "udp/checksum-over-ipv6",
    "http/bad-host-refused",
    "http/chunked-once-and-last",
    "http/content-length-valid",
    "http/host-sent",
    "http/no-length-with-coding",
    "http/no-length-without-body",
    "http/no-line-folding",
];

fn captures() -> Option<PathBuf> {
    let named = std::env::var_os("STACKPROOF_SHARED").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("shared"))
        .find(|shared| shared.is_dir());
    named
        .or(beside)
        .map(|shared| shared.join("captures"))
        .filter(|captures| captures.is_dir())
}

#[test]
fn only_what_somebody_has_looked_at_is_accused() {
    let Some(captures) = captures() else {
        println!("skipped: needs shared captures");
        return;
    };
    let output = Command::new(env!("CARGO_BIN_EXE_stackproof"))
        .args(["check", "--format", "json", "--fail-on", "never"])
        .arg(captures)
        .output()
        .expect("the binary runs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!errors.contains("panicked"), "{errors}");
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let files = document["captures"].as_array().expect("a list").len();
    assert!(files >= 1001, "{files} files");
    let accused: BTreeSet<&str> = document["requirements"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|row| row["violated"].as_u64() > Some(0))
        .filter_map(|row| row["id"].as_str())
        .collect();
    let known: BTreeSet<&str> = LOOKED_AT.into();
    let new: Vec<_> = accused.difference(&known).collect();
    assert!(new.is_empty(), "accused, and not looked at yet: {new:?}");
}
