//! HTTP/1.x over TCP, whatever the port: one file per concern; each requirement sits beside its check.
//!
//! To add one, write it in a file here and list it below.

mod answers;
mod check;
mod fields;
mod framing;
mod host;
mod streams;

pub use check::{HttpCheck, Requested, Said};
pub(crate) use streams::Streams;

use crate::example::Example;
use crate::requirement::Requirement;
use crate::verdict::Judge;
use check::{http_checks, http_event};

http_checks! {
    host::HostSent,
    fields::NoSpaceBeforeColon,
    fields::NoLineFolding,
    fields::NoBareCr,
    framing::LengthNotWithCoding,
    framing::ChunkedOnceAndLast,
    framing::NoCodingWithoutBody,
    framing::NoLengthWithoutBody,
    framing::LengthsAgree,
    answers::NoCodingForOlder,
    answers::BadHostRefused,
    answers::SpaceBeforeColonRefused,
}

/// Requirements of this family: the last of the registry.
pub(crate) const TOTAL: u16 = Place::Count as u16;

pub(crate) fn requirements() -> impl Iterator<Item = &'static Requirement> {
    REQUIREMENTS.iter()
}
