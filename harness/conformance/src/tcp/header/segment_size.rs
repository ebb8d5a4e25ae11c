//! Segments no larger than the peer can take.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::Vantage;
use crate::verdict::{Judge, Reason};
use wire::FrameNumber;

/// A datagram larger than this never left an Ethernet card whole: its segments were merged or not yet split.
const ETHERNET: u32 = 1500;
/// What Linux (`TCP_MIN_SND_MSS`) and smoltcp take any smaller MSS for, so that options leave room for data. RFC 9293 knows no such floor.
const FLOOR: u32 = 48;

/// RFC 9293 section 3.7.1 (MUST-15): without an MSS option the peer is taken to accept 536 octets (IPv4) or 1220 (IPv6).
#[derive(Default)]
pub struct MssDefaultRespected(Oversize);

impl TcpCheck for MssDefaultRespected {
    const REQUIREMENT: Requirement = requirement("tcp/mss-default-respected", rfc(9293, "3.7.1"), Level::Must).by_itself()
        .labels(&["MUST-15"])
        .binds(Role::Sender)
        .says("Towards a peer that announced no MSS, segments carry at most 536 octets over IPv4, 1220 over IPv6.")
        .judged(
            "Data segments towards an end whose SYN was seen without the option. What hardware may have merged or not yet split is \
             inconclusive: broken only when the IP identification of the sender's next packet shows that it was one packet.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        self.0.settle(at, judge);
    }

    fn on_data_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.shared.handshake_seen && at.peer.offer.is_some_and(|offer| offer.mss.is_none()) {
            let default = if at.me.address.is_ipv4() { 536 } else { 1220 };
            self.0.weigh(at, default, judge);
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("536 octets", |t| unannounced(t, 536)),
            violates("1000 octets", |t| unannounced(t, 1000)),
            abstains("an MSS was announced", |t| {
                t.handshake();
                t.client().data(1000);
                t.server();
            }),
        ]
    }
}

fn unannounced(t: &mut Trace, size: usize) {
    t.client().syn().mss(1460);
    t.server().syn();
    t.client();
    t.client().data(size).id(100);
    t.client().data(10).id(101);
    // The server stays silent about it: what it accepts would tell its own MSS.
}

/// RFC 9293 section 3.7.1 (MUST-16): the effective send MSS, options counted.
#[derive(Default)]
pub struct EffectiveSendMss(Oversize);

impl TcpCheck for EffectiveSendMss {
    const REQUIREMENT: Requirement = requirement("tcp/effective-send-mss", rfc(9293, "3.7.1"), Level::Must).by_itself()
        .labels(&["MUST-16", "SHLD-6"])
        .also(&[rfc(2525, "2.18")])
        .binds(Role::Sender)
        .says("A segment's data, with the TCP options it carries, is no larger than the MSS that the peer announced.")
        .judged(
            "Data and options of every data segment against the peer's MSS. Captures at a host with segmentation offload show \
             larger ones that never were on the wire: beside a live stack every larger one counts, elsewhere only when the IP \
             identification of the sender's next packet shows that it was a single packet; otherwise (and over IPv6) it is \
             inconclusive.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        self.0.settle(at, judge);
    }

    fn on_data_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some(mss) = at
            .peer
            .offer
            .and_then(|offer| offer.mss)
            .filter(|_| at.shared.handshake_seen)
        else {
            return;
        };
        // RFC 9293 section 3.7.1: Eff.snd.MSS = min(SendMSS+20, MMS_S) - TCPhdrsize - IPoptionsize.
        let options = at.segment.raw_options.len() as u32;
        // An MSS without room for one octet cannot be kept by anybody who has data.
        let most = u32::from(mss).saturating_sub(options);
        if most > 0 {
            self.0.weigh(at, most, judge);
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("1460 octets", |t| {
                t.handshake();
                t.client().data(1460);
                t.server();
            }),
            violates("1000 octets towards an MSS of 900", |t| {
                t.client().syn().mss(1460);
                t.server().syn().mss(900);
                t.client();
                t.client().data(1000).id(100);
                t.client().data(10).id(101);
                t.server();
            }),
            violates("room for the timestamps forgotten", |t| {
                t.client().syn().mss(1460).timestamps();
                t.server().syn().mss(900).timestamps();
                t.client();
                t.client().data(900).id(100);
                t.client().data(10).id(101);
                t.server();
            }),
            violates("over IPv6, beside a live stack", |t| {
                t.ipv6();
                t.vantage(Vantage::Live(t.addresses().0));
                t.client().syn().mss(1440);
                t.server().syn().mss(900);
                t.client();
                t.client().data(1000);
                t.server();
            }),
            violates("an MSS of 40 taken for 48, beside a live stack", |t| {
                t.vantage(Vantage::Live(t.addresses().0));
                t.client().syn().mss(1440);
                t.server().syn().mss(40);
                t.client();
                t.client().data(48);
                t.server();
            }),
            abstains("an MSS of zero, beside a live stack", |t| {
                t.vantage(Vantage::Live(t.addresses().0));
                t.client().syn().mss(1440);
                t.server().syn().mss(0);
                t.client();
                t.client().data(1);
                t.server();
            }),
            abstains("not yet split: the next identification is two further", |t| {
                t.client().syn().mss(1460);
                t.server().syn().mss(900);
                t.client();
                t.client().data(1000).id(100);
                t.client().id(102);
                t.server().ack(1);
            }),
            abstains("larger than an Ethernet frame: not yet split", |t| {
                t.handshake();
                t.client().data(4000);
                t.server();
            }),
        ]
    }
}

/// A segment that looks too large, until its neighbour shows whether it was one packet on the wire.
#[derive(Default)]
struct Oversize {
    id: u16,
    size: u16,
    most: u16,
    frame: FrameNumber,
}

impl Oversize {
    /// A segment of which `most` octets of data are allowed.
    fn weigh(&mut self, at: &Moment<'_>, most: u32, judge: &mut Judge<'_>) {
        let size = at.segment.payload_len;
        if size <= most {
            return judge.holds();
        }
        // Beside a live stack packets are seen as they leave it: no card merges or splits any.
        if at.shared.vantage.is_live() {
            return too_large(judge, at.frame(), size, most);
        }
        let id = at
            .segment
            .ip
            .id
            .filter(|_| at.segment.ip.total_len <= ETHERNET && size < 2 * most);
        match id {
            Some(id) => {
                *self = Oversize {
                    id,
                    size: size as u16,
                    most: most as u16,
                    frame: at.frame(),
                }
            }
            None => judge.inconclusive(Reason::SegmentOffload),
        }
    }

    /// The sender's next segment. One packet takes one IP identification: a segment that hardware split, or merged from
    /// several, took more, and then the next one is further away.
    fn settle(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if self.size == 0 {
            return;
        }
        let Oversize { id, size, most, frame } = std::mem::take(self);
        if at.segment.ip.id == Some(id.wrapping_add(1)) {
            too_large(judge, frame, u32::from(size), u32::from(most));
        } else {
            judge.inconclusive(Reason::SegmentOffload);
        }
    }
}

fn too_large(judge: &mut Judge<'_>, frame: FrameNumber, size: u32, most: u32) {
    let why = if size <= FLOOR {
        ", as a floor of 48 under the MSS allows"
    } else {
        ""
    };
    judge.violated(
        &[frame],
        format_args!("at most {most} octets of data"),
        format_args!("{size} octets{why}"),
    );
}
