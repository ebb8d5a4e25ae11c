//! A script as it was meant. Times are microseconds, as in the original.

use crate::syntax::error::Place;
use std::net::IpAddr;
use std::ops::Range;
use wire::tcp::Flags;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Script {
    pub options: Vec<ScriptOption>,
    /// Run before the first event.
    pub before: Option<String>,
    pub events: Vec<Event>,
    /// Run after the last event, whatever happened.
    pub after: Option<String>,
    /// Ids behind `requires:` in comments: the requirements that the script is about.
    pub requires: Vec<String>,
    /// Symbols that stand for numbers, and that nobody defines: without them the script cannot run.
    pub undefined: Vec<String>,
}

/// `--name`, `--name=value`
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptOption {
    pub name: String,
    pub value: Option<String>,
}

impl ScriptOption {
    /// Its value is NAME=VALUE.
    pub fn is_definition(&self) -> bool {
        matches!(self.name.as_str(), "define" | "D")
    }
}

#[derive(Debug, Clone)]
pub struct Event {
    pub time: Time,
    pub action: Action,
    pub place: Place,
    /// Octets of the script's text.
    pub at: Range<usize>,
}

/// Places do not count: a script that was printed and read again is the same.
impl PartialEq for Event {
    fn eq(&self, other: &Event) -> bool {
        (self.time, &self.action) == (other.time, &other.action)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// Since the script began.
    Absolute(i64),
    /// Since the event before.
    Relative(i64),
    /// `*`
    Any,
    AbsoluteRange(i64, i64),
    RelativeRange(i64, i64),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    Packet(Box<Packet>),
    Call(Box<Call>),
    /// A shell command.
    Command(String),
    /// Assertions about the connection.
    Code(String),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Packet {
    /// `<`: towards the stack.
    pub inbound: bool,
    pub outer: Vec<Outer>,
    pub ip: IpInfo,
    /// PSP's security parameter index.
    pub psp: Option<i64>,
    pub ports: Option<(u16, u16)>,
    pub body: Body,
    /// Ports of UDP around TCP.
    pub in_udp: Option<(u16, u16)>,
}

/// A header around the packet.
#[derive(Debug, Clone, PartialEq)]
pub enum Outer {
    Ip { info: IpInfo, from: IpAddr, to: IpAddr },
    Gre(Option<Gre>),
    Mpls(Vec<Label>),
}

/// As far as it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IpInfo {
    pub tos: Option<Tos>,
    pub flow_label: Option<u32>,
    pub ttl: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tos {
    NoEcn,
    Ect0,
    Ect1,
    Ce,
    /// ECT(0) or ECT(1).
    Ect01,
    /// The whole octet.
    Octet(u8),
    Dscp(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gre {
    /// C, K and S bits (RFC 2784, RFC 2890) where RFC 2784 has them in the header's first 16 bits.
    pub flags: u16,
    pub sum: u16,
    pub offset: u16,
    pub key: u32,
    pub sequence: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    pub label: u32,
    pub class: u8,
    pub bottom: bool,
    pub ttl: u8,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    Tcp(Tcp),
    Udp { len: u16 },
    Icmp(Icmp),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Tcp {
    pub flags: TcpFlags,
    pub seq: Seq,
    pub ack: Option<u32>,
    pub window: Option<u16>,
    pub urgent: Option<u16>,
    pub options: Options,
    /// Diagnostic payload of a reset: cause and enterprise number.
    pub cause: Option<(u16, u32)>,
}

/// Control bits, and the AccECN counter where the script gives it as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TcpFlags {
    pub bits: Flags,
    /// The ACE field (RFC 9768 section 3.2.2), 0..=7.
    pub ace: Option<u8>,
}

/// `1:1001(1000)`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seq {
    pub start: u32,
    pub len: u16,
    pub kind: SeqKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeqKind {
    /// To the sender's initial sequence number.
    Relative,
    /// `!`: as on the wire.
    Absolute,
    /// `...(1000)`: any.
    Any,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Options {
    /// `<...>`
    Any,
    List(Vec<TcpOption>),
    /// Octets, in hexadecimal.
    Raw(String),
}

#[derive(Debug, Clone, PartialEq)]
pub enum TcpOption {
    Nop,
    End,
    Mss(u16),
    WindowScale(u8),
    SackPermitted,
    Sack(Vec<(u32, u32)>),
    Timestamps {
        /// None: any.
        value: Option<u32>,
        echo: u32,
        /// The echo as on the wire.
        absolute: bool,
    },
    /// A digest in hexadecimal; none: a valid one.
    Md5(Option<String>),
    /// A cookie in hexadecimal.
    FastOpen {
        cookie: String,
        experimental: bool,
    },
    /// Fields of RFC 9768 section 3.2.3, in their order.
    AccEcn {
        kind: AccEcnKind,
        fields: Vec<(AccEcnField, u32)>,
    },
    /// `gen-KIND DATA`
    Generic {
        kind: u8,
        data: String,
    },
    /// `exp-ID DATA`
    Experiment {
        id: String,
        data: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccEcnKind {
    /// Whichever its first field asks for.
    ByFields,
    Zero,
    One,
    ExperimentZero,
    ExperimentOne,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccEcnField {
    E0b,
    E1b,
    Ceb,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Icmp {
    pub kind: String,
    pub code: Option<String>,
    pub mtu: Option<u32>,
    pub id: Option<u16>,
    pub echoed: Option<Echoed>,
}

/// The packet that an ICMP error quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echoed {
    Tcp(Seq),
    Udp(u16),
    Raw(u16),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The call waits, until this time after its beginning (or of the script, if the event's time is absolute).
    pub until: Option<i64>,
    pub name: String,
    pub arguments: Vec<Expr>,
    pub result: Expr,
    pub errno: Option<String>,
    /// Text in parentheses behind the result.
    pub note: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    Ellipsis,
    Int(i64),
    Hex(i64),
    Word(String),
    /// Strings side by side are one.
    Str(Vec<String>),
    /// `"abc"...`
    StrAndMore(String),
    Or(Box<Expr>, Box<Expr>),
    /// `[...]`
    Array(Vec<Expr>),
    /// `{...}`
    Struct(Vec<Expr>),
    /// `name=value`, `name(n)=value`
    Assign(Box<Expr>, Box<Expr>),
    /// `htons(80)`
    Function(String, Vec<Expr>),
    Gre(Gre),
    Mpls(Vec<Label>),
    Address(IpAddr),
}
