//! The doors that a fuzzer knocks on: one function per libFuzzer target of `fuzz/`. Each takes any octets, and panics upon a find.
//!
//! They live here, and not in `fuzz/`, so that `cargo test` replays every corpus on stable and without libFuzzer. Panics are
//! how a fuzz target speaks: nothing but targets and tests may use this crate.
//!
//! A target calls its function by its path, never through [`DOORS`], which would link every door into every target: libFuzzer
//! reads each counter of the program after each execution, so that a parser's target runs as fast as the program is small.
#![forbid(unsafe_code)]

pub mod capture;
pub mod conversation;
mod dictionaries;
pub mod differ;
pub mod dns;
pub mod headers;
pub mod host;
pub mod http;
mod pieces;
pub mod reassembly;
pub mod script;

pub use dictionaries::dictionaries;

/// A target's name, and what it does with its octets.
pub type Door = (&'static str, fn(&[u8]));

/// Every target and its door, for tests; but those of stacks in C, which need their library to be linked.
pub const DOORS: &[Door] = &[
    ("arp", headers::arp),
    ("capture", capture::read),
    ("capture_written", capture::written),
    ("check", capture::check),
    ("conversation_reference", conversation::reference),
    ("conversation_smoltcp", conversation::smoltcp),
    ("differ_dns", differ::dns::dns),
    ("differ_http", differ::http::http),
    ("differ_ip", differ::ip::ip),
    ("dns", dns::dns),
    ("encapsulation", headers::encapsulation),
    ("frame", headers::frame),
    ("http", http::http),
    ("icmp", headers::icmp),
    ("ip", headers::ip),
    ("reassembly", reassembly::reassembly),
    ("script", script::script),
    ("tcp", headers::tcp),
    ("tcp_options", headers::tcp_options),
    ("tcp_reference", host::host),
    ("udp", headers::udp),
];
