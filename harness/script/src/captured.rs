//! Scripts out of what happened: a captured connection, a scenario, a find of the fuzzer. The application's calls are inferred
//! from what its stack sent.

use crate::syntax::Place;
use crate::syntax::ast::*;
use crate::wire_options;
use std::net::IpAddr;
use suite::Segment;
use suite::log::{Event as Logged, Log};
use suite::replay::{Conversation, Side};
use wire::tcp::Flags;
use wire::{FrameNumber, Instant};

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

/// The script of a captured connection, one of whose ends becomes the stack under test.
pub fn of_conversation(conversation: &Conversation, stack: Side, about: &str) -> String {
    let moments: Vec<Moment> = conversation
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
    let six = conversation.ends[0].0.is_ipv6();
    text(&moments, six, about, &[])
}

/// The script of the first connection in a log of the Tester; none if there is no TCP in it.
pub fn of_log(log: &Log, about: &str, requires: &[&str]) -> Option<String> {
    let mut six = false;
    let mut moments: Vec<Moment> = Vec::new();
    for (time, event) in &log.0 {
        let Logged::Packet { from_stack, octets } = event else {
            continue;
        };
        let Some(segment) = Segment::read(*time, FrameNumber(0), octets) else {
            continue;
        };
        let ports = (segment.source.1, segment.destination.1);
        let first = moments.first().map(|first| first.ports);
        if first.is_some_and(|(a, b)| ports != (a, b) && ports != (b, a)) {
            continue;
        }
        six = segment.source.0.is_ipv6();
        moments.push(moment(*time, *from_stack, &segment, octets));
    }
    (!moments.is_empty()).then(|| text(&moments, six, about, requires))
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

fn text(moments: &[Moment], six: bool, about: &str, requires: &[&str]) -> String {
    let moments = first_connection(moments);
    let mut writer = Writer::new(moments);
    writer.open();
    for (at, moment) in moments.iter().enumerate() {
        writer.one(moment, &moments[at..]);
    }
    let script = Script {
        options: writer.options(six, moments),
        events: writer.events,
        requires: requires.iter().map(|id| (*id).to_owned()).collect(),
        ..Script::default()
    };
    let about: String = about.lines().map(|line| format!("// {line}\n")).collect();
    format!("{about}{script}")
}

/// What is before a SYN with another number: the same ports, used again.
fn first_connection(moments: &[Moment]) -> &[Moment] {
    let isn = |by_stack: bool| {
        let syn = moments
            .iter()
            .find(|moment| moment.by_stack == by_stack && moment.flags.syn());
        syn.map(|moment| moment.seq)
    };
    let numbers = [isn(false), isn(true)];
    let again = |moment: &Moment| moment.flags.syn() && numbers[usize::from(moment.by_stack)] != Some(moment.seq);
    let end = moments.iter().position(again).unwrap_or(moments.len());
    &moments[..end]
}

/// Writes events, and remembers what the application must have done.
struct Writer {
    events: Vec<Event>,
    last: Instant,
    /// Of the stack's stream, and of ours: the number of the SYN.
    its_isn: u32,
    our_isn: u32,
    /// The stack connects.
    active: bool,
    /// The descriptor of the connection.
    fd: i64,
    accepted: bool,
    /// Behind what was written, and read, in the script's numbers.
    written: u32,
    read: u32,
    /// Behind what was sent to the stack.
    given: u32,
    closed: bool,
}

impl Writer {
    fn new(moments: &[Moment]) -> Writer {
        let isn = |by_stack: bool| {
            let own = || moments.iter().filter(|moment| moment.by_stack == by_stack);
            let syn = own().find(|moment| moment.flags.syn()).map(|moment| moment.seq);
            syn.or(own().next().map(|moment| moment.seq.wrapping_sub(1)))
                .unwrap_or(0)
        };
        let active = moments
            .first()
            .is_some_and(|first| first.by_stack && first.flags.syn() && !first.flags.ack());
        Writer {
            events: Vec::new(),
            last: moments.first().map_or(Instant(0), |first| first.time),
            its_isn: isn(true),
            our_isn: isn(false),
            active,
            fd: if active { 3 } else { 4 },
            accepted: active,
            written: 1,
            read: 1,
            given: 1,
            closed: false,
        }
    }

    /// The version, and the port where the server listens.
    fn options(&self, six: bool, moments: &[Moment]) -> Vec<ScriptOption> {
        let version = if six { "ipv6" } else { "ipv4" };
        let (from, to) = moments.first().map_or((0, 0), |first| first.ports);
        let by_stack = moments.first().is_some_and(|first| first.by_stack);
        let (its, ours) = if by_stack { (from, to) } else { (to, from) };
        let port = if self.active {
            ("connect_port", ours)
        } else {
            ("bind_port", its)
        };
        let option = |name: &str, value: String| ScriptOption {
            name: name.to_owned(),
            value: Some(value),
        };
        vec![
            option("ip_version", version.to_owned()),
            option(port.0, port.1.max(1).to_string()),
        ]
    }

    fn push(&mut self, time: Time, action: Action) {
        self.events.push(Event {
            time,
            action,
            place: Place::default(),
            at: 0..0,
        });
    }

    fn call(&mut self, name: &str, arguments: Vec<Expr>, result: i64, errno: Option<&str>) {
        let call = Call {
            until: None,
            name: name.to_owned(),
            arguments,
            result: Expr::Int(result),
            errno: errno.map(str::to_owned),
            note: None,
        };
        let time = if self.events.is_empty() {
            Time::Absolute(0)
        } else {
            Time::Relative(0)
        };
        self.push(time, Action::Call(Box::new(call)));
    }

    fn open(&mut self) {
        let word = |name: &str| Expr::Word(name.to_owned());
        let descriptor = || Expr::Int(3);
        self.call(
            "socket",
            vec![Expr::Ellipsis, word("SOCK_STREAM"), word("IPPROTO_TCP")],
            3,
            None,
        );
        if self.active {
            let flags = Expr::Or(Box::new(word("O_RDWR")), Box::new(word("O_NONBLOCK")));
            self.call("fcntl", vec![descriptor(), word("F_SETFL"), flags], 0, None);
            self.call(
                "connect",
                vec![descriptor(), Expr::Ellipsis, Expr::Ellipsis],
                -1,
                Some("EINPROGRESS"),
            );
            return;
        }
        let one = Expr::Array(vec![Expr::Int(1)]);
        self.call(
            "setsockopt",
            vec![
                descriptor(),
                word("SOL_SOCKET"),
                word("SO_REUSEADDR"),
                one,
                Expr::Int(4),
            ],
            0,
            None,
        );
        self.call("bind", vec![descriptor(), Expr::Ellipsis, Expr::Ellipsis], 0, None);
        self.call("listen", vec![descriptor(), Expr::Int(1)], 0, None);
    }

    fn one(&mut self, moment: &Moment, rest: &[Moment]) {
        if moment.by_stack {
            self.application(moment, rest);
        }
        let gap = (moment.time - self.last).0.max(0) / 1000;
        self.last = moment.time.max(self.last);
        let packet = self.packet(moment);
        self.push(Time::Relative(gap), Action::Packet(Box::new(packet)));
        if moment.by_stack {
            self.reads(moment);
        } else {
            self.arrived(moment);
        }
    }

    /// What the application must have done before its stack sent this.
    fn application(&mut self, moment: &Moment, rest: &[Moment]) {
        if moment.flags.rst() {
            self.abort();
            return;
        }
        let end = |moment: &Moment| moment.seq.wrapping_sub(self.its_isn).wrapping_add(moment.len as u32);
        // Everything that follows without a word from us was there to be sent.
        let run = rest.iter().take_while(|moment| moment.by_stack && !moment.flags.syn());
        let furthest = run
            .map(end)
            .filter(|end| end.wrapping_sub(self.written) as i32 > 0)
            .max_by_key(|end| end.wrapping_sub(self.written));
        let is_new = end(moment).wrapping_sub(self.written) as i32 > 0;
        if let Some(furthest) = furthest.filter(|_| is_new && self.accepted && !self.closed) {
            let count = i64::from(furthest.wrapping_sub(self.written));
            self.written = furthest;
            self.call(
                "write",
                vec![Expr::Int(self.fd), Expr::Ellipsis, Expr::Int(count)],
                count,
                None,
            );
        }
        if moment.flags.fin() && !self.closed && self.accepted {
            self.closed = true;
            // A stack resets what comes for an application that is gone.
            if rest.iter().any(|later| later.by_stack && later.flags.rst()) {
                self.call("close", vec![Expr::Int(self.fd)], 0, None);
                return;
            }
            self.call(
                "shutdown",
                vec![Expr::Int(self.fd), Expr::Word("SHUT_WR".to_owned())],
                0,
                None,
            );
        }
    }

    /// A reset that nothing else explains is the application's.
    fn abort(&mut self) {
        if self.closed || !self.accepted {
            return;
        }
        self.closed = true;
        let word = |name: &str| Expr::Word(name.to_owned());
        let field = |name: &str, value: i64| Expr::Assign(Box::new(word(name)), Box::new(Expr::Int(value)));
        let linger = Expr::Struct(vec![field("onoff", 1), field("linger", 0)]);
        let arguments = vec![
            Expr::Int(self.fd),
            word("SOL_SOCKET"),
            word("SO_LINGER"),
            linger,
            Expr::Int(8),
        ];
        self.call("setsockopt", arguments, 0, None);
        self.call("close", vec![Expr::Int(self.fd)], 0, None);
    }

    /// The application reads what its stack acknowledges.
    fn reads(&mut self, moment: &Moment) {
        if !moment.flags.ack() || moment.flags.rst() || !self.accepted {
            return;
        }
        let acknowledged = moment.ack.wrapping_sub(self.our_isn);
        let there = if acknowledged.wrapping_sub(self.given) as i32 > 0 {
            self.given
        } else {
            acknowledged
        };
        let count = there.wrapping_sub(self.read);
        if (1..1 << 30).contains(&count) {
            self.read = there;
            let count = i64::from(count);
            self.call(
                "read",
                vec![Expr::Int(self.fd), Expr::Ellipsis, Expr::Int(count)],
                count,
                None,
            );
        }
    }

    /// A segment of ours has come.
    fn arrived(&mut self, moment: &Moment) {
        let end = moment.seq.wrapping_sub(self.our_isn).wrapping_add(moment.len as u32);
        if moment.len > 0 && !moment.flags.syn() && end.wrapping_sub(self.given) as i32 > 0 {
            self.given = end;
        }
        let completes = moment.flags.ack() && !moment.flags.syn() && !moment.flags.rst();
        if !self.accepted && completes && moment.ack.wrapping_sub(self.its_isn) == 1 {
            self.accepted = true;
            self.call(
                "accept",
                vec![Expr::Int(3), Expr::Ellipsis, Expr::Ellipsis],
                self.fd,
                None,
            );
        }
    }

    fn packet(&self, moment: &Moment) -> Packet {
        let (own, other) = if moment.by_stack {
            (self.its_isn, self.our_isn)
        } else {
            (self.our_isn, self.its_isn)
        };
        let mut options = wire_options::read(&moment.options);
        for option in &mut options {
            if let TcpOption::Sack(blocks) = option {
                blocks.iter_mut().for_each(|(left, right)| {
                    *left = left.wrapping_sub(other);
                    *right = right.wrapping_sub(other);
                });
            }
        }
        let tos = match moment.ecn {
            1 => Some(Tos::Ect1),
            2 => Some(Tos::Ect0),
            3 => Some(Tos::Ce),
            _ => None,
        };
        Packet {
            inbound: !moment.by_stack,
            outer: Vec::new(),
            ip: IpInfo {
                tos,
                ..IpInfo::default()
            },
            psp: None,
            ports: None,
            body: Body::Tcp(Tcp {
                flags: TcpFlags {
                    bits: Flags(moment.flags.0 & 0x1ff),
                    ace: None,
                },
                seq: Seq {
                    start: moment.seq.wrapping_sub(own),
                    len: moment.len.min(65_535) as u16,
                    kind: SeqKind::Relative,
                },
                ack: moment.flags.ack().then(|| moment.ack.wrapping_sub(other)),
                // A stack's window is its own; that it is closed is worth saying.
                window: (!moment.by_stack || moment.window == 0).then_some(moment.window),
                urgent: moment.flags.urg().then_some(moment.urgent),
                options: Options::List(options),
                cause: None,
            }),
            in_udp: None,
        }
    }
}
