//! DNS over UDP and TCP, port 53: one file per concern; each requirement sits beside its check.
//!
//! To add one, write it in a file here and list it below.

mod check;
mod edns;
mod exchange;
mod framing;
mod header;
mod names;
mod records;
mod size;
mod streams;

pub use check::{Asked, DnsCheck, Over, Talk};
pub(crate) use exchange::Resolver;
pub(crate) use streams::DnsStreams;

use crate::example::Example;
use crate::requirement::Requirement;
use crate::verdict::Judge;
use check::{dns_checks, dns_event};

dns_checks! {
    header::ResponseEchoesQuestion,
    header::ResponseCopiesOpcode,
    header::ResponseCopiesRd,
    header::ZBitZero,
    names::PointersPointBack,
    names::LabelsOrdinary,
    names::NamesShortEnough,
    size::AtMost512,
    size::WithinAdvertisedSize,
    edns::OptAnswered,
    edns::OptOnlyWhenAsked,
    edns::SingleOpt,
    framing::LengthBeforeMessage,
    records::TtlsEqual,
    records::TtlTopBitClear,
}

/// Requirements of this family; those of HTTP follow in the registry.
pub(crate) const TOTAL: u16 = Place::Count as u16;

pub(crate) fn requirements() -> impl Iterator<Item = &'static Requirement> {
    REQUIREMENTS.iter()
}
