//! Packets: direction, headers around it, IP, and the message.

use super::cursor::Cursor;
use super::tcp;
use crate::syntax::ast::{Body, Echoed, Gre, Icmp, IpInfo, Label, Outer, Packet, Tos};
use crate::syntax::error::SyntaxError;
use crate::syntax::token::Kind;
use std::net::IpAddr;

/// Code points of RFC 2474, 2597, 3246 and 5865 by name.
const CODE_POINTS: [(&str, u8); 22] = [
    ("cs0", 0),
    ("cs1", 8),
    ("cs2", 16),
    ("cs3", 24),
    ("cs4", 32),
    ("cs5", 40),
    ("cs6", 48),
    ("cs7", 56),
    ("af11", 10),
    ("af12", 12),
    ("af13", 14),
    ("af21", 18),
    ("af22", 20),
    ("af23", 22),
    ("af31", 26),
    ("af32", 28),
    ("af33", 30),
    ("af41", 34),
    ("af42", 36),
    ("af43", 38),
    ("ef", 46),
    ("le", 1),
];

pub fn packet(cursor: &mut Cursor<'_>) -> Result<Packet, SyntaxError> {
    let inbound = cursor.is_symbol('<');
    cursor.advance();
    // The old place of what an ICMP error quotes: before it.
    if cursor.is_symbol('[') && matches!(cursor.peek_second(), Kind::Int(_)) {
        cursor.advance();
        let quoted = echoed(cursor)?;
        cursor.keyword("icmp")?;
        let icmp = Icmp {
            echoed: Some(quoted),
            ..icmp(cursor)?
        };
        return Ok(Packet {
            inbound,
            outer: Vec::new(),
            ip: IpInfo::default(),
            psp: None,
            ports: None,
            body: Body::Icmp(icmp),
            in_udp: None,
        });
    }
    let mut outer = Vec::new();
    let ip = loop {
        match next_outer(cursor)? {
            Some(header) => outer.push(header),
            None => break ip_info(cursor)?,
        }
    };
    let psp = psp(cursor)?;
    let (ports, body) = message(cursor, inbound)?;
    let in_udp = udp_around(cursor)?;
    Ok(Packet {
        inbound,
        outer,
        ip,
        psp,
        ports,
        body,
        in_udp,
    })
}

/// `ipv4 1.1.1.1 > 2.2.2.2:`, `gre:`, `mpls (...):`
fn next_outer(cursor: &mut Cursor<'_>) -> Result<Option<Outer>, SyntaxError> {
    let header = if cursor.take_word("ipv4") || cursor.take_word("ipv6") {
        let info = ip_info(cursor)?;
        let from = address(cursor)?;
        cursor.symbol('>')?;
        Outer::Ip {
            info,
            from,
            to: address(cursor)?,
        }
    } else if cursor.take_word("gre") || cursor.take_word("GREv0") {
        cursor.take_symbol(',');
        Outer::Gre(if cursor.is_symbol(':') {
            None
        } else {
            Some(gre(cursor)?)
        })
    } else if cursor.take_word("mpls") {
        Outer::Mpls(labels(cursor)?)
    } else {
        return Ok(None);
    };
    cursor.symbol(':')?;
    Ok(Some(header))
}

pub fn address(cursor: &mut Cursor<'_>) -> Result<IpAddr, SyntaxError> {
    let address = match *cursor.peek() {
        Kind::V4(address) => IpAddr::V4(address),
        Kind::V6(address) => IpAddr::V6(address),
        _ => return Err(cursor.wrong("an IP address")),
    };
    cursor.advance();
    Ok(address)
}

/// `flags [key present], sum 0, off 0, key=1, seq 0`
pub fn gre(cursor: &mut Cursor<'_>) -> Result<Gre, SyntaxError> {
    if !cursor.take_word("Flags") {
        cursor.keyword("flags")?;
    }
    let flags = if cursor.take_symbol('[') {
        let mut flags = gre_flag(cursor)?;
        while cursor.take_symbol(',') {
            flags |= gre_flag(cursor)?;
        }
        cursor.symbol(']')?;
        flags
    } else {
        cursor.u16("the flags")?
    };
    let mut field = |name: &str| {
        cursor.take_symbol(',');
        cursor.keyword(name)?;
        cursor.take_symbol('=');
        cursor.u32(name)
    };
    Ok(Gre {
        flags,
        sum: field("sum")? as u16,
        offset: field("off")? as u16,
        key: field("key")?,
        sequence: field("seq")?,
    })
}

fn gre_flag(cursor: &mut Cursor<'_>) -> Result<u16, SyntaxError> {
    // RFC 2890 section 2: C, K and S are bits 0, 2 and 3.
    for (name, bit) in [("none", 0), ("checksum", 0x8000), ("key", 0x2000), ("sequence", 0x1000)] {
        if cursor.take_word(name) {
            cursor.take_symbol('#');
            if bit != 0 {
                cursor.keyword("present")?;
            }
            return Ok(bit);
        }
    }
    Err(cursor.wrong("none, checksum present, key present or sequence# present"))
}

/// `(label 1, tc 0, [S], ttl 64)`, any number of them.
pub fn labels(cursor: &mut Cursor<'_>) -> Result<Vec<Label>, SyntaxError> {
    let mut labels = Vec::new();
    while cursor.take_symbol('(') {
        cursor.keyword("label")?;
        let label = cursor.number("a label", 0, 0xf_ffff)? as u32;
        cursor.symbol(',')?;
        cursor.keyword("tc")?;
        let class = cursor.number("a traffic class", 0, 7)? as u8;
        cursor.symbol(',')?;
        let bottom = cursor.take_symbol('[');
        if bottom {
            cursor.keyword("S")?;
            cursor.symbol(']')?;
            cursor.symbol(',')?;
        }
        cursor.keyword("ttl")?;
        let ttl = cursor.u8("a time to live")?;
        cursor.symbol(')')?;
        labels.push(Label {
            label,
            class,
            bottom,
            ttl,
        });
    }
    Ok(labels)
}

/// `[ect0, ttl 64]`, in brackets of either kind.
fn ip_info(cursor: &mut Cursor<'_>) -> Result<IpInfo, SyntaxError> {
    let mut info = IpInfo::default();
    let closing = match cursor.peek() {
        Kind::Symbol('[') => ']',
        Kind::Symbol('(') => ')',
        _ => return Ok(info),
    };
    cursor.advance();
    loop {
        ip_field(cursor, &mut info)?;
        if !cursor.take_symbol(',') {
            break;
        }
    }
    cursor.symbol(closing)?;
    Ok(info)
}

fn ip_field(cursor: &mut Cursor<'_>, info: &mut IpInfo) -> Result<(), SyntaxError> {
    const NAMED: [(&str, Tos); 5] = [
        ("noecn", Tos::NoEcn),
        ("ect0", Tos::Ect0),
        ("ect1", Tos::Ect1),
        ("ce", Tos::Ce),
        ("ect01", Tos::Ect01),
    ];
    if let Some((_, tos)) = NAMED.iter().find(|(name, _)| cursor.is_word(name)) {
        cursor.advance();
        info.tos = Some(*tos);
    } else if cursor.take_word("tos") || cursor.take_word("class") {
        info.tos = Some(Tos::Octet(cursor.u8("the type of service")?));
    } else if cursor.take_word("ecn") {
        info.tos = Some(match cursor.number("the ECN bits", 0, 3)? {
            0 => Tos::NoEcn,
            1 => Tos::Ect1,
            2 => Tos::Ect0,
            _ => Tos::Ce,
        });
    } else if cursor.take_word("dscp") {
        let point = CODE_POINTS.iter().find(|(name, _)| cursor.is_word(name));
        info.tos = Some(Tos::Dscp(match point {
            Some(&(_, point)) => {
                cursor.advance();
                point
            }
            None => cursor.number("a code point", 0, 63)? as u8,
        }));
    } else if cursor.take_word("flowlabel") {
        info.flow_label = Some(cursor.number("a flow label", 0, 0xf_ffff)? as u32);
    } else if cursor.take_word("ttl") || cursor.take_word("hlim") {
        info.ttl = Some(cursor.u8("a time to live")?);
    } else {
        return Err(cursor.wrong("noecn, ect0, ect1, ce, ect01, tos, dscp, flowlabel or ttl"));
    }
    Ok(())
}

/// `encap psp spi 1`
fn psp(cursor: &mut Cursor<'_>) -> Result<Option<i64>, SyntaxError> {
    if !cursor.take_word("encap") {
        return Ok(None);
    }
    cursor.keyword("psp")?;
    cursor.keyword("spi")?;
    cursor.u32("a security parameter index").map(|spi| Some(i64::from(spi)))
}

fn message(cursor: &mut Cursor<'_>, inbound: bool) -> Result<(Option<(u16, u16)>, Body), SyntaxError> {
    if cursor.take_word("icmp") {
        return Ok((None, Body::Icmp(icmp(cursor)?)));
    }
    if cursor.take_word("udp") {
        let ports = ports(cursor)?;
        cursor.symbol('(')?;
        let len = cursor.u16("the octets of the datagram")?;
        cursor.symbol(')')?;
        return Ok((ports, Body::Udp { len }));
    }
    for other in ["sctp", "udplite"] {
        if cursor.is_word(other) {
            return Err(cursor.wrong("TCP, UDP or ICMP: other protocols are not spoken here"));
        }
    }
    let ports = ports(cursor)?;
    if cursor.is_word("sctp") {
        return Err(cursor.wrong("TCP, UDP or ICMP: other protocols are not spoken here"));
    }
    Ok((ports, Body::Tcp(tcp::segment(cursor, inbound)?)))
}

/// `1234 > 80`
fn ports(cursor: &mut Cursor<'_>) -> Result<Option<(u16, u16)>, SyntaxError> {
    if !matches!(cursor.peek(), Kind::Int(_)) || *cursor.peek_second() != Kind::Symbol('>') {
        return Ok(None);
    }
    let from = cursor.u16("a port")?;
    cursor.advance();
    Ok(Some((from, cursor.u16("a port")?)))
}

/// `/udp(1 > 2)`
fn udp_around(cursor: &mut Cursor<'_>) -> Result<Option<(u16, u16)>, SyntaxError> {
    if !cursor.take_symbol('/') {
        return Ok(None);
    }
    cursor.keyword("udp")?;
    cursor.symbol('(')?;
    let from = cursor.u16("a port")?;
    cursor.symbol('>')?;
    let to = cursor.u16("a port")?;
    cursor.symbol(')')?;
    Ok(Some((from, to)))
}

fn icmp(cursor: &mut Cursor<'_>) -> Result<Icmp, SyntaxError> {
    let kind = cursor.word("an ICMP type")?;
    let code = match cursor.peek() {
        Kind::Word if !cursor.is_word("mtu") && !cursor.is_word("id") && is_code(cursor) => {
            Some(cursor.word("an ICMP code")?)
        }
        _ => None,
    };
    let mtu = cursor.take_word("mtu").then(|| cursor.u32("an MTU")).transpose()?;
    let id = cursor
        .take_word("id")
        .then(|| cursor.u16("an identifier"))
        .transpose()?;
    let echoed = cursor.take_symbol('[').then(|| echoed(cursor)).transpose()?;
    Ok(Icmp {
        kind,
        code,
        mtu,
        id,
        echoed,
    })
}

/// The next event's call may follow on the next line; it begins with a time, so a word here is a code.
fn is_code(cursor: &Cursor<'_>) -> bool {
    *cursor.peek_second() != Kind::Symbol('(')
}

fn echoed(cursor: &mut Cursor<'_>) -> Result<Echoed, SyntaxError> {
    let sized = |cursor: &mut Cursor<'_>| {
        cursor.symbol('(')?;
        let len = cursor.u16("the octets of the datagram")?;
        cursor.symbol(')')?;
        Ok(len)
    };
    let echoed = if cursor.take_word("udp") {
        Echoed::Udp(sized(cursor)?)
    } else if cursor.take_word("raw") {
        Echoed::Raw(sized(cursor)?)
    } else {
        Echoed::Tcp(tcp::seq(cursor)?)
    };
    if cursor.is_symbol('/') {
        udp_around(cursor)?;
    }
    cursor.symbol(']')?;
    Ok(echoed)
}
