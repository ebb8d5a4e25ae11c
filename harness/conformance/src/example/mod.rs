//! Crafted traffic that keeps a requirement, breaks it, or leaves it open: written like a packet trace, built with the
//! emitters of `wire`. Each check brings its own; they prove it, `stackproof explain` shows them, fuzzing starts from them.

mod datagram;
mod neighbours;
mod segment;
mod tunnels;

pub use datagram::IpHeader;
pub use neighbours::{
    ALL_NODES, ArpDraft, CLIENT_LINK, CLIENT_MAC, NdpDraft, SERVER_LINK, SERVER_MAC, link_layer, solicitation_of,
};
pub use segment::Draft;

use crate::tracker::Vantage;
use crate::{FrameInfo, Inspector, Report, Settings};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wire::link::LinkType;
use wire::tcp::Flags;
use wire::{Duration, FrameNumber, Instant};

/// What an example shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    Holds,
    Violates,
    /// Inconclusive, or not exercised.
    Abstains,
}

/// One crafted frame.
#[derive(Debug, Clone)]
pub struct CraftedFrame {
    pub time: Instant,
    pub link: LinkType,
    pub bytes: Vec<u8>,
    /// Octets on the wire; more than `bytes` when the snap length cut it.
    pub original_len: u32,
}

/// Crafted traffic and what it shows of one requirement.
#[derive(Debug, Clone)]
pub struct Example {
    pub shows: Shows,
    pub title: &'static str,
    pub vantage: Vantage,
    pub frames: Vec<CraftedFrame>,
    /// Requirements that the same traffic cannot help breaking too.
    pub also_breaks: Vec<&'static str>,
}

impl Example {
    /// What the checks say of it.
    pub fn inspect(&self) -> Report {
        let mut inspector = Inspector::new(Settings { vantage: self.vantage });
        for (number, frame) in (1..).zip(&self.frames) {
            let info = FrameInfo {
                number: FrameNumber(number),
                time: frame.time,
                link: frame.link,
                original_len: frame.original_len,
            };
            inspector.frame(info, &frame.bytes);
        }
        inspector.finish()
    }
}

pub fn holds(title: &'static str, script: impl FnOnce(&mut Trace)) -> Example {
    Trace::play(Shows::Holds, title, script)
}

pub fn violates(title: &'static str, script: impl FnOnce(&mut Trace)) -> Example {
    Trace::play(Shows::Violates, title, script)
}

pub fn abstains(title: &'static str, script: impl FnOnce(&mut Trace)) -> Example {
    Trace::play(Shows::Abstains, title, script)
}

/// When an example's first frame is seen.
pub const START: Instant = Instant(1_700_000_000_000_000_000);
/// The port that `server()` listens on unless told otherwise.
pub const SERVER_PORT: u16 = 80;
/// The client's port until `connection` chooses another.
pub const CLIENT_PORT: u16 = 40_000;

const CLIENT_V4: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const SERVER_V4: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));
const CLIENT_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1));
const SERVER_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2));

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Client,
    Server,
}

/// A trace in the making. Segments fill in sequence and acknowledgement numbers, timestamps and checksums by themselves, as
/// a conforming end would that has received everything sent so far; setters on the segment change what matters.
/// Numbers given to setters are relative to the ISNs, as in packet traces: the SYN is 0, the first octet of data 1.
#[derive(Debug)]
pub struct Trace {
    vantage: Vantage,
    now: Instant,
    step: Duration,
    next_in: Option<Duration>,
    ipv6: bool,
    port: u16,
    server_port: u16,
    opened: u32,
    conversations: BTreeMap<u16, Conversation>,
    /// Of the client and the server: each counts its own datagrams.
    ip_id: [u16; 2],
    pending: Option<Draft>,
    frames: Vec<CraftedFrame>,
    also_breaks: Vec<&'static str>,
    overheard: bool,
}

/// Both ends' running numbers on one client port.
#[derive(Debug, Clone, Default)]
struct Conversation {
    iss: [u32; 2],
    /// Relative SND.NXT.
    next: [u32; 2],
    /// The SYN carried timestamps.
    timestamps: [bool; 2],
    last_tsval: [u32; 2],
}

impl Trace {
    fn play(shows: Shows, title: &'static str, script: impl FnOnce(&mut Trace)) -> Example {
        let mut trace = Trace {
            vantage: Vantage::Auto,
            now: START,
            step: Duration::millis(10),
            next_in: Some(Duration::ZERO),
            ipv6: false,
            port: CLIENT_PORT,
            server_port: SERVER_PORT,
            opened: 0,
            conversations: BTreeMap::new(),
            ip_id: [0x1000, 0x5000],
            pending: None,
            frames: Vec::new(),
            also_breaks: Vec::new(),
            overheard: false,
        };
        script(&mut trace);
        trace.settle();
        if trace.overheard {
            trace.frames.iter_mut().for_each(tunnels::put_on_the_air);
        }
        Example {
            shows,
            title,
            vantage: trace.vantage,
            frames: trace.frames,
            also_breaks: trace.also_breaks,
        }
    }

    /// Where the capture is taken.
    pub fn vantage(&mut self, vantage: Vantage) {
        self.vantage = vantage;
    }

    /// The capture is that of a wireless card that listens along: every IP datagram is in an IEEE 802.11 frame.
    pub fn overheard(&mut self) {
        self.overheard = true;
    }

    /// Says that this traffic cannot help breaking `id` as well.
    pub fn also_breaks(&mut self, id: &'static str) {
        self.also_breaks.push(id);
    }

    /// Everything from here on goes over IPv6.
    pub fn ipv6(&mut self) {
        self.ipv6 = true;
    }

    /// The next frame comes this long after the one before it, instead of the usual step.
    pub fn after(&mut self, gap: Duration) {
        self.settle();
        self.next_in = Some(gap);
    }

    /// The usual gap between two frames; 10 ms at first.
    pub fn step(&mut self, step: Duration) {
        self.step = step;
    }

    /// From here on the client uses `port`: another connection, or back to one.
    pub fn connection(&mut self, port: u16) {
        self.settle();
        self.port = port;
    }

    /// The server's port from here on.
    pub fn server_port(&mut self, port: u16) {
        self.settle();
        self.server_port = port;
    }

    /// The same four-tuple begins anew, with new ISNs.
    pub fn reopen(&mut self) {
        self.settle();
        self.conversations.remove(&self.port);
    }

    /// Chooses both ISNs of the present connection; call before its first segment.
    pub fn isns(&mut self, client: u32, server: u32) {
        self.settle();
        self.conversation().iss = [client, server];
    }

    /// SYN, SYN-ACK, ACK: MSS 1460, SACK permitted, window scale 0, no timestamps.
    pub fn handshake(&mut self) {
        self.client().syn().mss(1460).sack_permitted().scale(0);
        self.server().syn().mss(1460).sack_permitted().scale(0);
        self.client();
    }

    /// The same with timestamps.
    pub fn handshake_with_timestamps(&mut self) {
        self.client().syn().mss(1460).sack_permitted().timestamps().scale(0);
        self.server().syn().mss(1460).sack_permitted().timestamps().scale(0);
        self.client();
    }

    /// The plain one, with a server that offers no more than this window.
    pub fn handshake_with_server_window(&mut self, wnd: u16) {
        self.client().syn().mss(1460);
        self.server().syn().mss(1460).wnd(wnd);
        self.client();
    }

    /// Without any option but MSS.
    pub fn plain_handshake(&mut self) {
        self.client().syn().mss(1460);
        self.server().syn().mss(1460);
        self.client();
    }

    /// FIN and ACK both ways, the client first.
    pub fn close(&mut self) {
        self.client().fin();
        self.server();
        self.server().fin();
        self.client();
    }

    /// A segment from the client: an acknowledgement until told otherwise.
    pub fn client(&mut self) -> &mut Draft {
        self.draft(From::Client)
    }

    /// A segment from the server: an acknowledgement until told otherwise.
    pub fn server(&mut self) -> &mut Draft {
        self.draft(From::Server)
    }

    /// A connection with a request and its response, each in one segment.
    pub fn http(&mut self, request: &str, response: &str) {
        self.handshake();
        self.client().bytes(request.as_bytes());
        self.server().bytes(response.as_bytes());
        self.client();
    }

    /// An IP datagram as it stands, version 4 or 6.
    pub fn ip(&mut self, datagram: &[u8]) {
        self.frame(LinkType::RAW, datagram);
    }

    /// An Ethernet frame as it stands.
    pub fn ethernet(&mut self, frame: &[u8]) {
        self.frame(LinkType::ETHERNET, frame);
    }

    /// Any frame as it stands.
    pub fn frame(&mut self, link: LinkType, bytes: &[u8]) {
        self.settle();
        let time = self.tick();
        self.frames.push(CraftedFrame {
            time,
            link,
            bytes: bytes.to_vec(),
            original_len: bytes.len() as u32,
        });
    }

    /// The client's and the server's address.
    pub fn addresses(&self) -> (IpAddr, IpAddr) {
        if self.ipv6 {
            (CLIENT_V6, SERVER_V6)
        } else {
            (CLIENT_V4, SERVER_V4)
        }
    }

    /// Time passes with nothing seen until another, unrelated host sends a frame: absence shows only when a capture goes on.
    pub fn quiet(&mut self, gap: Duration) {
        self.after(gap);
        let bystander = |last| IpAddr::V4(Ipv4Addr::new(198, 51, 100, last));
        self.emit_udp(bystander(1), bystander(2), 9, 9, b"later");
    }

    fn next_id(&mut self, from: From) -> u16 {
        let id = &mut self.ip_id[from as usize];
        *id = id.wrapping_add(1);
        *id
    }

    fn tick(&mut self) -> Instant {
        self.now += self.next_in.take().unwrap_or(self.step);
        self.now
    }

    fn conversation(&mut self) -> &mut Conversation {
        let opened = &mut self.opened;
        self.conversations.entry(self.port).or_insert_with(|| {
            *opened += 1;
            // Spread so that no two connections look related (RFC 6528).
            let spread = opened.wrapping_mul(0x9e37_79b9);
            let iss = [spread ^ 0x1357_9bdf, spread.rotate_left(13) ^ 0x8ace_0246];
            Conversation {
                iss,
                ..Conversation::default()
            }
        })
    }

    fn draft(&mut self, from: From) -> &mut Draft {
        self.settle();
        let time = self.tick();
        let port = self.port;
        let id = self.next_id(from);
        let talk = self.conversation();
        let (me, peer) = (from as usize, 1 - from as usize);
        // Each end's timestamp clock ticks in milliseconds from a start of its own.
        let clock = ((time - START).0 / 1_000_000) as u32;
        let tsval = clock.wrapping_add([7_000, 90_000][me]);
        let timestamps = (talk.timestamps[0] && talk.timestamps[1]).then_some((tsval, talk.last_tsval[peer]));
        let draft = Draft {
            from,
            port,
            time,
            seq: talk.next[me],
            ack: talk.next[peer],
            flags: Flags::ACK,
            wnd: 65_535,
            urgent: 0,
            payload: Vec::new(),
            options: Vec::new(),
            timestamps,
            data_offset: None,
            wrong_checksum: None,
            ttl: 64,
            tos: 0,
            id,
            dont_fragment: true,
            cut: None,
            unseen: false,
            times: 1,
        };
        self.pending.insert(draft)
    }

    /// Sends the segment that was being described.
    fn settle(&mut self) {
        let Some(draft) = self.pending.take() else { return };
        let (client, server) = self.addresses();
        let (server_port, port) = (self.server_port, self.port);
        self.port = draft.port;
        let talk = self.conversation();
        let (me, peer) = (draft.from as usize, 1 - draft.from as usize);
        let occupied = draft.payload.len() as u32 + u32::from(draft.flags.syn()) + u32::from(draft.flags.fin());
        if !draft.flags.rst() {
            talk.next[me] = talk.next[me].max(draft.seq.wrapping_add(occupied));
        }
        if let Some((tsval, _)) = draft.timestamps {
            talk.last_tsval[me] = tsval;
            talk.timestamps[me] |= draft.flags.syn();
        }
        let iss = [talk.iss[me], talk.iss[peer]];
        self.port = port;
        if draft.unseen {
            return;
        }
        let (source, destination, ports) = match draft.from {
            From::Client => (client, server, (draft.port, server_port)),
            From::Server => (server, client, (server_port, draft.port)),
        };
        let bytes = draft.render(source, destination, ports, iss);
        let original_len = bytes.len() as u32;
        let kept = draft.cut.unwrap_or(bytes.len()).min(bytes.len());
        for _ in 0..draft.times {
            let bytes = bytes[..kept].to_vec();
            self.frames.push(CraftedFrame {
                time: draft.time,
                link: LinkType::RAW,
                bytes,
                original_len,
            });
        }
    }
}
