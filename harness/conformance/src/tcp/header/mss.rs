//! The Maximum Segment Size option.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};

/// RFC 9293 section 3.7.1 (MUST-65): MSS only on segments with SYN.
#[derive(Default)]
pub struct MssOnlyOnSyn;

impl TcpCheck for MssOnlyOnSyn {
    const REQUIREMENT: Requirement = requirement("tcp/mss-only-on-syn", rfc(9293, "3.7.1"), Level::Must)
        .by_itself()
        .labels(&["MUST-65"])
        .binds(Role::Sender)
        .says("The MSS option is sent only on segments with SYN.")
        .judged("Every segment with an MSS option.");

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if let Some(mss) = at.segment.options.mss {
            let syn = at.segment.flags.syn();
            judge.require(
                syn,
                &[at.frame()],
                "no MSS option without SYN",
                format_args!("MSS {mss} on {}", at.segment.flags),
            );
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("on SYN and SYN-ACK", |t| t.handshake()),
            violates("on a data segment", |t| {
                t.handshake();
                t.client().data(10).mss(1460);
                t.server();
            }),
            abstains("no MSS option", |t| {
                t.client().syn();
            }),
        ]
    }
}

/// RFC 9293 section 3.7.1 (SHLD-5): MSS is announced on SYNs unless it is the default.
#[derive(Default)]
pub struct MssAnnounced;

impl TcpCheck for MssAnnounced {
    const REQUIREMENT: Requirement = requirement("tcp/mss-announced", rfc(9293, "3.7.1"), Level::Should).by_itself()
        .labels(&["SHLD-5", "MAY-3", "MUST-14"])
        .says("An end announces its MSS on its SYN when it differs from the default of 536 (IPv4) or 1220 (IPv6) octets.")
        .judged(
            "Every first SYN and SYN-ACK. One without the option is only broken once the same end has received, and acknowledged, a \
             segment larger than the default, which shows that its MSS is larger.",
        );

    fn on_syn_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        match at.segment.options.mss {
            Some(_) => judge.holds(),
            None => judge.inconclusive(Reason::ApplicationChoice),
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let crate::tracker::AckKind::New(acked) = at.facts.ack else {
            return;
        };
        let Some(offer) = at.me.offer.filter(|offer| offer.mss.is_none()) else {
            return;
        };
        let default = if at.me.address.is_ipv4() { 536 } else { 1220 };
        let whole = at
            .peer
            .sent
            .front()
            .is_some_and(|first| first.end.since(first.start) as u32 > default);
        if whole && acked > default && !at.shared.merged && at.peer.data_segments == 1 {
            judge.violated(
                &[offer.first.frame, at.frame()],
                format_args!("an MSS option: more than {default} octets fit"),
                format_args!(
                    "none on the SYN, yet a segment of {} octets was accepted",
                    at.peer.largest_payload
                ),
            );
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("on both SYNs", |t| t.handshake()),
            violates("none, though a larger segment is accepted", |t| {
                t.client().syn().mss(1460);
                t.server().syn();
                t.client();
                t.client().data(1000);
                t.server();
            }),
            abstains("none on the only SYN", |t| {
                t.client().syn();
            }),
        ]
    }
}

/// RFC 9293 section 3.7.1 (MUST-67): what is announced fits what IP can receive.
#[derive(Default)]
pub struct MssFitsMtu;

impl TcpCheck for MssFitsMtu {
    const REQUIREMENT: Requirement = requirement("tcp/mss-fits-datagram", rfc(9293, "3.7.1"), Level::Must)
        .by_itself()
        .labels(&["MUST-67"])
        .says("The announced MSS is at most the largest datagram that IP can receive, less 40 octets (60 over IPv6).")
        .judged(
            "A SYN's MSS against 65495 (IPv4) octets, beyond which no datagram reaches. Over IPv6 65535 stands for \
             jumbograms (RFC 2675 section 5.2) and is allowed. A smaller limit of the interface is not visible.",
        );

    fn on_syn_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some(mss) = at.segment.options.mss else { return };
        let most = if at.me.address.is_ipv4() { 65_495 } else { u16::MAX };
        judge.require(
            mss <= most,
            &[at.frame()],
            format_args!("an MSS of at most {most}"),
            format_args!("{mss}"),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("1460", |t| t.handshake()),
            violates("65535 over IPv4", |t| {
                t.client().syn().mss(65_535);
            }),
            abstains("no option", |t| {
                t.client().syn();
            }),
        ]
    }
}
