//! The events of a script, one segment or call after the other.

use super::{Act, Moment, What};
use crate::syntax::Place;
use crate::syntax::ast::*;
use crate::wire_options;
use suite::log::Deed;
use wire::Instant;
use wire::tcp::Flags;

/// Writes events, and remembers what the application must have done.
pub(super) struct Writer {
    pub events: Vec<Event>,
    last: Instant,
    /// Of the stack's stream, and of ours: the number of the SYN.
    its_isn: u32,
    our_isn: u32,
    /// The stack connects; it has a SYN; it listens, for all that it answers.
    active: bool,
    greets: bool,
    listens: bool,
    /// The application's deeds are told, not inferred.
    told: bool,
    /// A socket that still connects takes nothing: until then deeds wait.
    open: bool,
    waiting: Vec<(Instant, Deed)>,
    /// The descriptor of the connection.
    fd: i64,
    accepted: bool,
    /// The peer has acknowledged the stack's SYN.
    complete: bool,
    /// Behind what was written, and read, in the script's numbers.
    written: u32,
    read: u32,
    /// Behind what was sent to the stack.
    given: u32,
    closed: bool,
}

impl Writer {
    pub fn new(moments: &[Moment], told: bool) -> Writer {
        let isn = |by_stack: bool| {
            let own = || moments.iter().filter(|moment| moment.by_stack == by_stack);
            let syn = own().find(|moment| moment.flags.syn()).map(|moment| moment.seq);
            // Who only refuses has no numbers of its own (RFC 9293 section 3.10.7.1).
            let first = own().next().filter(|first| !(by_stack && first.flags.rst()));
            syn.or(first.map(|moment| moment.seq.wrapping_sub(1))).unwrap_or(0)
        };
        let active = moments
            .first()
            .is_some_and(|first| first.by_stack && first.flags.syn() && !first.flags.ack());
        let answers = |flag: Flags| {
            let mut own = moments.iter().filter(|moment| moment.by_stack);
            own.any(|moment| moment.flags.0 & flag.0 != 0)
        };
        Writer {
            events: Vec::new(),
            last: moments.first().map_or(Instant(0), |first| first.time),
            its_isn: isn(true),
            our_isn: isn(false),
            active,
            greets: answers(Flags::SYN),
            listens: answers(Flags::SYN) || !answers(Flags::RST),
            told,
            open: false,
            waiting: Vec::new(),
            fd: if active { 3 } else { 4 },
            accepted: active,
            complete: false,
            written: 1,
            read: 1,
            given: 1,
            closed: false,
        }
    }

    /// The version, the port where the server listens, and the size of packets.
    pub fn options(&self, six: bool, mtu: Option<u16>, moments: &[Moment]) -> Vec<ScriptOption> {
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
        let mtu = mtu.map(|mtu| option("mtu", mtu.to_string()));
        let port = option(port.0, port.1.max(1).to_string());
        [option("ip_version", version.to_owned()), port]
            .into_iter()
            .chain(mtu)
            .collect()
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

    pub fn begin(&mut self, receive_buffer: Option<usize>) {
        let word = |name: &str| Expr::Word(name.to_owned());
        let descriptor = || Expr::Int(3);
        self.call(
            "socket",
            vec![Expr::Ellipsis, word("SOCK_STREAM"), word("IPPROTO_TCP")],
            3,
            None,
        );
        if let Some(octets) = receive_buffer {
            let size = Expr::Array(vec![Expr::Int(octets as i64)]);
            let arguments = vec![descriptor(), word("SOL_SOCKET"), word("SO_RCVBUF"), size, Expr::Int(4)];
            self.call("setsockopt", arguments, 0, None);
        }
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
        if !self.listens {
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

    pub fn one(&mut self, moment: &Moment, rest: &[Moment]) {
        if moment.by_stack && !self.told {
            self.application(moment, rest);
        }
        let gap = self.pass(moment.time);
        let packet = self.packet(moment);
        self.push(gap, Action::Packet(Box::new(packet)));
        if moment.by_stack && !self.told {
            self.reads(moment);
        } else if !moment.by_stack {
            self.arrived(moment);
        }
    }

    /// It is `time` now: how long after the latest event.
    fn pass(&mut self, time: Instant) -> Time {
        let gap = (time - self.last).0.max(0) / 1000;
        self.last = time.max(self.last);
        Time::Relative(gap)
    }

    /// Nothing happens until `time`: that a stack lives through it is worth seeing too.
    pub fn wait(&mut self, time: Instant) {
        let seconds = (time - self.last).0.max(0) / 1_000_000_000;
        if seconds > 0 {
            self.push(Time::Relative(0), Action::Command(format!("sleep {seconds}")));
        }
    }

    /// Of `acts`, those that came when `seen` had been. Returns the others.
    pub fn acts<'a>(&mut self, acts: &'a [Act], seen: &[Moment]) -> &'a [Act] {
        self.open |= seen.last().is_some_and(|last| !last.by_stack && last.flags.syn());
        self.open |= !self.active;
        self.catch_up();
        let (now, later) = acts.split_at(acts.partition_point(|act| act.behind <= seen.len()));
        for act in now {
            match &act.what {
                What::Deed(deed) => {
                    self.waiting.push((act.time, *deed));
                    self.catch_up();
                }
                What::Error(error) => {
                    let gap = self.pass(act.time);
                    let packet = inbound(Body::Icmp(error.in_script(self.its_isn)), None);
                    self.push(gap, Action::Packet(Box::new(packet)));
                }
            }
        }
        later
    }

    fn catch_up(&mut self) {
        if !self.open {
            return;
        }
        for (time, deed) in std::mem::take(&mut self.waiting) {
            let before = self.events.len();
            if !self.closed {
                self.act(deed);
            }
            if self.events.len() > before {
                let gap = self.pass(time);
                self.events[before].time = gap;
            }
        }
    }

    fn act(&mut self, deed: Deed) {
        match deed {
            Deed::Accepted if self.complete => self.accept(),
            // It was given another connection, with which all that follows deals.
            Deed::Accepted => self.closed = true,
            Deed::Wrote { octets: 0, .. } | Deed::Read(0) => {}
            Deed::Wrote { octets, urgent: false } => self.write(octets as i64),
            Deed::Wrote { octets, urgent: true } => {
                let count = octets as i64;
                let oob = Expr::Word("MSG_OOB".to_owned());
                let arguments = vec![Expr::Int(self.fd), Expr::Ellipsis, Expr::Int(count), oob];
                self.call("send", arguments, count, None);
            }
            Deed::Read(octets) => self.read(octets as i64),
            Deed::ShutDown => self.shutdown(),
            Deed::Closed => self.close(),
            Deed::Aborted => self.abort(),
        }
    }

    fn write(&mut self, count: i64) {
        let arguments = vec![Expr::Int(self.fd), Expr::Ellipsis, Expr::Int(count)];
        self.call("write", arguments, count, None);
    }

    fn read(&mut self, count: i64) {
        let arguments = vec![Expr::Int(self.fd), Expr::Ellipsis, Expr::Int(count)];
        self.call("read", arguments, count, None);
    }

    fn shutdown(&mut self) {
        let arguments = vec![Expr::Int(self.fd), Expr::Word("SHUT_WR".to_owned())];
        self.call("shutdown", arguments, 0, None);
    }

    fn close(&mut self) {
        self.closed = true;
        self.call("close", vec![Expr::Int(self.fd)], 0, None);
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
            self.write(count);
        }
        if moment.flags.fin() && !self.closed && self.accepted {
            // A stack resets what comes for an application that is gone.
            if rest.iter().any(|later| later.by_stack && later.flags.rst()) {
                return self.close();
            }
            self.closed = true;
            self.shutdown();
        }
    }

    /// A reset that nothing else explains is the application's.
    fn abort(&mut self) {
        if self.closed || !self.accepted {
            return;
        }
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
        self.close();
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
            self.read(i64::from(count));
        }
    }

    /// A segment of ours has come.
    fn arrived(&mut self, moment: &Moment) {
        let end = moment.seq.wrapping_sub(self.our_isn).wrapping_add(moment.len as u32);
        if moment.len > 0 && !moment.flags.syn() && end.wrapping_sub(self.given) as i32 > 0 {
            self.given = end;
        }
        let completes = moment.flags.ack() && !moment.flags.syn() && !moment.flags.rst();
        let answered = self.greets && completes && moment.ack.wrapping_sub(self.its_isn) == 1;
        self.complete |= answered;
        if answered && !self.told && !self.accepted {
            self.accept();
        }
    }

    fn accept(&mut self) {
        self.accepted = true;
        let arguments = vec![Expr::Int(3), Expr::Ellipsis, Expr::Ellipsis];
        self.call("accept", arguments, self.fd, None);
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
        let body = Body::Tcp(Tcp {
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
        });
        Packet {
            inbound: !moment.by_stack,
            ..inbound(body, tos)
        }
    }
}

fn inbound(body: Body, tos: Option<Tos>) -> Packet {
    Packet {
        inbound: true,
        outer: Vec::new(),
        ip: IpInfo {
            tos,
            ..IpInfo::default()
        },
        psp: None,
        ports: None,
        body,
        in_udp: None,
    }
}
