//! Scripts out of what happened: a captured connection, a scenario, a find of the fuzzer. A capture does not show the
//! application's calls: they are inferred from what its stack sent. A log of the Tester tells them.

mod errors;
mod writer;

use crate::run::config::usual_mtu;
use crate::syntax::ast::Script;
use stacks::Setup;
use std::net::IpAddr;
use suite::Segment;
use suite::log::{Deed, Event as Logged, Log};
use suite::replay::{Conversation, Side};
use wire::tcp::Flags;
use wire::{FrameNumber, Instant};
use writer::Writer;

/// A segment of the connection, and which way it went.
struct Moment {
    time: Instant,
    by_stack: bool,
    /// Of the sender, and of the receiver.
    ports: (u16, u16),
    seq: u32,
    ack: u32,
    flags: Flags,
    window: u16,
    urgent: u16,
    options: Vec<u8>,
    len: usize,
    ecn: u8,
}

/// What happened beside segments, and how many of them were seen before.
struct Act {
    time: Instant,
    behind: usize,
    what: What,
}

enum What {
    /// The application's.
    Deed(Deed),
    /// An ICMP error came.
    Error(errors::Error),
}

/// All that is known of a connection.
#[derive(Default)]
struct Story {
    six: bool,
    moments: Vec<Moment>,
    acts: Vec<Act>,
    /// The application's deeds are among them; otherwise they are to be inferred.
    told: bool,
    /// Until when nothing more happened.
    over: Option<Instant>,
    room: Room,
}

/// What the stack was given, where it was not the usual.
#[derive(Default, Clone, Copy)]
struct Room {
    receive_buffer: Option<usize>,
    mtu: Option<u16>,
}

impl Room {
    fn of(setup: &Setup) -> Room {
        let usual = Setup::new(setup.address, setup.peer);
        Room {
            receive_buffer: (setup.receive_buffer != usual.receive_buffer).then_some(setup.receive_buffer),
            mtu: (setup.mtu != usual_mtu(setup.address.is_ipv6())).then_some(setup.mtu),
        }
    }
}

/// The script of a captured connection, one of whose ends becomes the stack under test.
pub fn of_conversation(conversation: &Conversation, stack: Side, about: &str) -> String {
    let moments = conversation
        .segments
        .iter()
        // What the capture lacks was not seen to come from the stack.
        .filter(|(side, one)| *side != stack || one.frame.is_some())
        .map(|(side, one)| Moment {
            time: one.time,
            by_stack: *side == stack,
            ports: (one.ends.0.1, one.ends.1.1),
            seq: one.seq.0,
            ack: one.ack.0,
            flags: one.flags,
            window: one.wnd,
            urgent: one.urgent_pointer,
            options: one.options.clone(),
            len: one.payload.len(),
            ecn: one.ecn & 3,
        })
        .collect();
    Story {
        six: conversation.ends[0].0.is_ipv6(),
        moments,
        ..Story::default()
    }
    .script(about, &[])
}

/// The script of the first connection in a log of the Tester, at a stack that was opened by `setup`, if not the usual one; none if
/// there is no TCP in it.
pub fn of_log(log: &Log, about: &str, requires: &[&str], setup: Option<&Setup>) -> Option<String> {
    let mut story = Story {
        room: setup.map_or(Room::default(), Room::of),
        ..Story::default()
    };
    let mut sockets: Vec<stacks::Socket> = Vec::new();
    for (time, event) in &log.0 {
        match event {
            Logged::Remark(_) => {}
            Logged::Over { told } => (story.over, story.told) = (Some(*time), *told),
            &Logged::Deed(socket, deed) => {
                sockets.push(socket);
                story.act(*time, What::Deed(deed));
            }
            Logged::Packet { from_stack, octets } => story.packet(*time, *from_stack, octets),
        }
    }
    // With which of several connections it dealt is not told.
    story.told &= sockets.windows(2).all(|two| two[0] == two[1]);
    if !story.told {
        story.acts.retain(|act| matches!(act.what, What::Error(_)));
    }
    (!story.moments.is_empty()).then(|| story.script(about, requires))
}

fn moment(time: Instant, by_stack: bool, segment: &Segment, octets: &[u8]) -> Moment {
    let header = if segment.source.0.is_ipv4() { 20 } else { 40 };
    let tcp = octets
        .get(header..)
        .and_then(|octets| wire::tcp::Tcp::parse(octets).ok());
    let tos = match segment.source.0 {
        IpAddr::V4(_) => octets.get(1).copied().unwrap_or(0),
        IpAddr::V6(_) => octets.get(1).map_or(0, |octet| octet >> 4),
    };
    Moment {
        time,
        by_stack,
        ports: (segment.source.1, segment.destination.1),
        seq: segment.seq.0,
        ack: segment.ack.0,
        flags: segment.flags,
        window: segment.wnd,
        urgent: segment.urgent_pointer,
        options: tcp.map_or(Vec::new(), |tcp| tcp.raw_options.to_vec()),
        len: segment.payload.len(),
        ecn: tos & 3,
    }
}

impl Story {
    fn act(&mut self, time: Instant, what: What) {
        let behind = self.moments.len();
        self.acts.push(Act { time, behind, what });
    }

    /// Only the first connection is told.
    fn packet(&mut self, time: Instant, from_stack: bool, octets: &[u8]) {
        let first = self.moments.first().map(|first| first.ports);
        let Some(segment) = Segment::read(time, FrameNumber(0), octets) else {
            let error = errors::read(octets).filter(|_| !from_stack);
            if let Some(error) = error.filter(|error| first.is_some_and(|ports| error.is_about(ports))) {
                self.act(time, What::Error(error));
            }
            return;
        };
        let ports = (segment.source.1, segment.destination.1);
        if first.is_none_or(|(a, b)| ports == (a, b) || ports == (b, a)) {
            self.six = segment.source.0.is_ipv6();
            self.moments.push(moment(time, from_stack, &segment, octets));
        }
    }

    fn script(&self, about: &str, requires: &[&str]) -> String {
        let moments = first_connection(&self.moments);
        let mut writer = Writer::new(moments, self.told);
        writer.begin(self.room.receive_buffer);
        let mut acts = &self.acts[..];
        for at in 0..=moments.len() {
            acts = writer.acts(acts, &moments[..at]);
            if let Some(moment) = moments.get(at) {
                writer.one(moment, &moments[at..]);
            }
        }
        if let Some(over) = self.over.filter(|_| moments.len() == self.moments.len()) {
            writer.wait(over);
        }
        let script = Script {
            options: writer.options(self.six, self.room.mtu, moments),
            events: writer.events,
            requires: requires.iter().map(|id| (*id).to_owned()).collect(),
            ..Script::default()
        };
        let about: String = about.lines().map(|line| format!("// {line}\n")).collect();
        format!("{about}{script}")
    }
}

/// What is before a SYN with another number that begins a connection: the same ports, used again.
fn first_connection(moments: &[Moment]) -> &[Moment] {
    let isn = |by_stack: bool| {
        let syn = moments
            .iter()
            .find(|moment| moment.by_stack == by_stack && moment.flags.syn());
        syn.map(|moment| moment.seq)
    };
    let numbers = [isn(false), isn(true)];
    // One that the stack does not answer by a SYN is part of what went before (RFC 5961 section 4.2).
    let begins = |moment: &Moment| {
        let answers =
            |answer: &Moment| answer.by_stack && answer.flags.syn() && answer.ack == moment.seq.wrapping_add(1);
        moment.by_stack || moments.iter().any(answers)
    };
    let again = |moment: &Moment| moment.flags.syn() && numbers[usize::from(moment.by_stack)] != Some(moment.seq);
    let end = moments.iter().position(|moment| again(moment) && begins(moment));
    &moments[..end.unwrap_or(moments.len())]
}
