//! Requests for one address, again and again.

use super::{ArpPacket, ArpSeen};
use crate::example::{ArpDraft, Example, Trace, abstains, holds, violates};
use crate::net::NetCheck;
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::Judge;
use std::net::Ipv4Addr;
use wire::ethernet::MacAddress;
use wire::{Duration, FrameNumber, Instant};

/// RFC 1122 section 2.3.2.1: one request per second and destination is the recommended maximum.
///
/// The MUST there is that some mechanism prevents a high rate; which rate is high it does not say. Three times the recommended
/// one, for longer than any timer's grain can explain, is what is held against a host. Tools ask faster than stacks do: what
/// they send is accused too, hence no more than a SHOULD.
#[derive(Default)]
pub struct RequestRate {
    addresses: Vec<Address>,
}

/// An address that was asked for.
struct Address {
    address: Ipv4Addr,
    hardware: MacAddress,
    /// The last requests, earliest first.
    requests: Vec<(FrameNumber, Instant)>,
}

/// Closer than this, a request is a copy of the one before: a mirror's, or the echo of an access point.
const COPY: Duration = Duration::millis(100);
/// As many requests...
const MANY: usize = 6;
/// ... within less than this. Copies of each that come late (RFC 5227 section 2.1.1 knows of such hubs) and a limiter that
/// counts in whole seconds make five at most.
const SHORT: Duration = Duration::secs(2);
/// After this a request is no repetition.
const FORGOTTEN: Duration = Duration::secs(20);
/// Addresses that a host has in question at a time; of more, the earliest is forgotten.
const ADDRESSES: usize = 16;

impl NetCheck for RequestRate {
    const REQUIREMENT: Requirement = requirement("arp/request-rate", rfc(1122, "2.3.2.1"), Level::Should)
        .prose()
        .binds(Role::Sender)
        .says("Requests for one address are sent at most once per second.")
        .judged(
            "Broadcast requests for the same address from the same sender, without probes and announcements. Broken by six of them, \
             at least 100 ms apart, within less than two seconds: three times the recommended rate. Closer ones count as copies of one.",
        );

    fn on_arp(&mut self, at: &ArpSeen<'_>, judge: &mut Judge<'_>) {
        let request = &at.packet;
        let broadcast = request.ethernet.is_some_and(|(_, to)| to == MacAddress::BROADCAST);
        if !request.is_request() || request.is_announcement() || !broadcast {
            return;
        }
        let requests = self.requests(request);
        match requests.last() {
            Some(&(_, last)) if (request.time - last).abs() < COPY => return,
            // A clock that stepped back, or another occasion.
            Some(&(_, last)) if request.time < last || request.time - last > FORGOTTEN => requests.clear(),
            _ => {}
        }
        let again = !requests.is_empty();
        if requests.len() == MANY {
            requests.remove(0);
        }
        requests.push((request.frame, request.time));
        let span = requests
            .first()
            .map_or(Duration::ZERO, |&(_, first)| request.time - first);
        if requests.len() == MANY && span < SHORT {
            let frames: Vec<FrameNumber> = requests.drain(..).map(|(frame, _)| frame).collect();
            judge.violated(
                &frames,
                "at most one request per second for an address",
                format_args!("{MANY} for {} in {span}", request.addresses.target_protocol),
            );
        } else if again {
            judge.holds();
        }
    }

    fn examples() -> Vec<Example> {
        let ask = |t: &mut Trace, count: usize, gap: Duration| {
            for _ in 0..count {
                t.after(gap);
                t.arp(ArpDraft::request());
            }
        };
        vec![
            holds("once per second", move |t| ask(t, 5, Duration::secs(1))),
            violates("four per second", move |t| ask(t, 8, Duration::millis(250))),
            abstains("a single request", move |t| ask(t, 1, Duration::secs(1))),
            abstains("copies", move |t| ask(t, 8, Duration::millis(5))),
            holds("copies of each that come late", move |t| {
                for _ in 0..5 {
                    ask(t, 1, Duration::millis(800));
                    ask(t, 1, Duration::millis(200));
                }
            }),
            abstains("polls of a neighbour that is known", |t| {
                for _ in 0..8 {
                    t.after(Duration::millis(250));
                    t.arp(ArpDraft {
                        destination: [2, 0, 0, 0, 0, 2],
                        ..ArpDraft::request()
                    });
                }
            }),
        ]
    }
}

impl RequestRate {
    /// The earlier requests for the same address.
    fn requests(&mut self, request: &ArpPacket) -> &mut Vec<(FrameNumber, Instant)> {
        let (address, hardware) = (request.addresses.target_protocol, request.addresses.sender_hardware);
        let known = self
            .addresses
            .iter()
            .position(|one| one.address == address && one.hardware == hardware);
        let mut found = match known {
            Some(place) => self.addresses.remove(place),
            None => Address {
                address,
                hardware,
                requests: Vec::new(),
            },
        };
        if self.addresses.len() == ADDRESSES {
            self.addresses.remove(0);
        }
        // The latest at the end; one that was found goes there too.
        found.requests.reserve_exact(MANY);
        self.addresses.push(found);
        let last = self.addresses.len() - 1;
        &mut self.addresses[last].requests
    }
}
