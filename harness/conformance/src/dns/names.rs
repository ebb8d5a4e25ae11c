//! Names on the wire: RFC 1035 sections 2.3.4 and 4.1.4.

use super::header::{exchange, query};
use super::{DnsCheck, Talk};
use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::Judge;
use wire::dns::emit::Builder;
use wire::dns::{Error, Problem};

/// What is wrong with a name of the message, if anything is.
fn fault(at: &Talk<'_>) -> Option<Error> {
    at.message.error().or_else(|| at.message.data_error())
}

/// A query whose question is these octets.
fn odd_question(name: &[u8]) -> Vec<u8> {
    let question = [name, &[0, 1, 0, 1]].concat();
    Builder::new(1, 0)
        .header(|header| header.qdcount = 1)
        .raw(&question)
        .build()
}

/// RFC 1035 section 4.1.4: a pointer refers to a prior occurrence of a name.
#[derive(Default)]
pub struct PointersPointBack;

impl DnsCheck for PointersPointBack {
    const REQUIREMENT: Requirement = requirement("dns/pointers-point-back", rfc(1035, "4.1.4"), Level::Must)
        .prose()
        .binds(Role::Sender)
        .says("A compression pointer refers to a name that stands before it in the message.")
        .judged("Every name of every message, until the first that cannot be read. Messages without any pointer do not count.");

    fn on_message(&mut self, at: &Talk<'_>, judge: &mut Judge<'_>) {
        match fault(at) {
            Some(error) if is_pointer(error.problem) => {
                judge.violated(&[at.frame], "pointers to names before them", error)
            }
            _ if at.message.records().any(|record| record.name.is_compressed()) => judge.holds(),
            _ => {}
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("the answer's name points to the question", |t| {
                exchange(t, query(1), super::header::compressed_answer(1));
            }),
            violates("to itself", |t| t.udp(4000, 53, &odd_question(&[0xc0, 12]))),
            abstains("no pointer", |t| t.udp(4000, 53, &query(1).build())),
        ]
    }
}

fn is_pointer(problem: Problem) -> bool {
    use Problem::{CyclicPointer, ForwardPointer, PointerChain, PointerOutside};
    matches!(
        problem,
        ForwardPointer { .. } | CyclicPointer { .. } | PointerOutside { .. } | PointerChain
    )
}

/// RFC 1035 section 4.1.4: the label types 01 and 10 are reserved (RFC 6891 section 5 ended the one use of 01).
#[derive(Default)]
pub struct LabelsOrdinary;

impl DnsCheck for LabelsOrdinary {
    const REQUIREMENT: Requirement = requirement("dns/label-types-ordinary", rfc(1035, "4.1.4"), Level::Must)
        .prose()
        .also(&[rfc(6891, "5"), rfc(1035, "2.3.4")])
        .binds(Role::Sender)
        .says("Labels are at most 63 octets long; the label types 01 and 10 are not used.")
        .judged("Every name of every message, until the first that cannot be read.");

    fn on_message(&mut self, at: &Talk<'_>, judge: &mut Judge<'_>) {
        match fault(at) {
            Some(error) if matches!(error.problem, Problem::ReservedLabel { .. }) => {
                judge.violated(&[at.frame], "ordinary labels and pointers", error);
            }
            Some(_) => {}
            None => judge.holds(),
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("ordinary ones", |t| t.udp(4000, 53, &query(1).build())),
            violates("a label of type 01", |t| t.udp(4000, 53, &odd_question(&[0x41, 1, 0]))),
            abstains("no DNS", |t| t.udp(1000, 2000, b"x")),
        ]
    }
}

/// RFC 1035 section 2.3.4: names have at most 255 octets.
#[derive(Default)]
pub struct NamesShortEnough;

impl DnsCheck for NamesShortEnough {
    const REQUIREMENT: Requirement = requirement("dns/names-at-most-255", rfc(1035, "2.3.4"), Level::Must)
        .prose()
        .binds(Role::Sender)
        .says("A name has at most 255 octets.")
        .judged("Every name of every message, until the first that cannot be read.");

    fn on_message(&mut self, at: &Talk<'_>, judge: &mut Judge<'_>) {
        match fault(at) {
            Some(error) if matches!(error.problem, Problem::NameTooLong) => {
                judge.violated(&[at.frame], "names of at most 255 octets", error);
            }
            Some(_) => {}
            None => judge.holds(),
        }
    }

    fn examples() -> Vec<Example> {
        let long: Vec<u8> = (0..5)
            .flat_map(|_| [&[63u8][..], &[b'a'; 63]].concat())
            .chain([0])
            .collect();
        vec![
            holds("a short one", |t| t.udp(4000, 53, &query(1).build())),
            violates("five labels of 63 octets", move |t| {
                t.udp(4000, 53, &odd_question(&long))
            }),
            abstains("no DNS", |t| t.udp(1000, 2000, b"x")),
        ]
    }
}
