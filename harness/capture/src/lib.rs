//! Capture files, read as a stream of frames: pcap in all the variants that are about, pcapng, either of them in gzip or
//! zstd, from a file, a folder or any reader. And written, for crafted tests and annotated output.
//!
//! The format itself is pcap-file's. What lives here is what surrounds it: where the bytes come from, the dialects it does
//! not know, numbering as Wireshark does it, and errors that say which byte of which file is wrong. Nothing here looks
//! into a packet.
//!
//! No bytes cause a panic, an endless loop or an allocation that the input has not paid for in bytes.
#![forbid(unsafe_code)]

mod buffer;
mod capture;
mod error;
mod folder;
mod order;
mod pcap;
mod pcapng;
mod source;
mod warning;
pub mod writer;

pub use capture::{Capture, Format, Frame};
pub use error::{CaptureError, Problem};
pub use folder::{OpenAll, Skipped, open_all};
pub use warning::{Warning, Warnings};
