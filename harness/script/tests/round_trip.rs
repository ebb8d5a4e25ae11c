//! Any script that can be printed reads as it was; any text at all is answered, not a panic.

use proptest::prelude::*;
use script::syntax::ast::*;
use script::syntax::{Defines, Place, format, parse};

fn name() -> impl Strategy<Value = String> {
    "[A-Z]{1,4}_[A-Z0-9]{1,6}"
}

fn hex(most: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<u8>(), 1..most)
        .prop_map(|octets| octets.iter().map(|octet| format!("{octet:02x}")).collect())
}

fn option() -> impl Strategy<Value = TcpOption> {
    let field = prop_oneof![Just(AccEcnField::E0b), Just(AccEcnField::E1b), Just(AccEcnField::Ceb)];
    prop_oneof![
        Just(TcpOption::Nop),
        Just(TcpOption::End),
        any::<u16>().prop_map(TcpOption::Mss),
        any::<u8>().prop_map(TcpOption::WindowScale),
        Just(TcpOption::SackPermitted),
        proptest::collection::vec(any::<(u32, u32)>(), 1..5).prop_map(TcpOption::Sack),
        (any::<Option<u32>>(), any::<u32>(), any::<bool>()).prop_map(|(value, echo, absolute)| TcpOption::Timestamps {
            value,
            echo,
            absolute
        }),
        proptest::option::of(hex(16)).prop_map(TcpOption::Md5),
        (hex(9), any::<bool>()).prop_map(|(cookie, experimental)| TcpOption::FastOpen { cookie, experimental }),
        proptest::collection::vec((field, 0u32..1 << 24), 0..4).prop_map(|fields| TcpOption::AccEcn {
            kind: AccEcnKind::ByFields,
            fields
        }),
        (any::<u8>(), hex(9)).prop_map(|(kind, data)| TcpOption::Generic { kind, data }),
    ]
}

fn seq() -> impl Strategy<Value = Seq> {
    let kind = prop_oneof![Just(SeqKind::Relative), Just(SeqKind::Absolute)];
    prop_oneof![
        4 => (any::<u32>(), any::<u16>(), kind).prop_map(|(start, len, kind)| Seq { start, len, kind }),
        1 => any::<u16>().prop_map(|len| Seq { start: 0, len, kind: SeqKind::Any }),
    ]
}

fn flags() -> impl Strategy<Value = TcpFlags> {
    prop_oneof![
        (0u16..0x200).prop_map(|bits| TcpFlags {
            bits: wire::tcp::Flags(bits),
            ace: None
        }),
        (0u16..0x40, 0u8..8).prop_map(|(bits, ace)| TcpFlags {
            bits: wire::tcp::Flags(bits | 0x10),
            ace: Some(ace)
        }),
    ]
}

fn tcp(inbound: bool) -> impl Strategy<Value = Tcp> {
    let list = proptest::collection::vec(option(), 0..5).prop_map(Options::List);
    let options = if inbound {
        list.boxed()
    } else {
        prop_oneof![list, Just(Options::Any)].boxed()
    };
    (
        flags(),
        seq(),
        any::<Option<u32>>(),
        any::<Option<u16>>(),
        any::<Option<u16>>(),
        options,
    )
        .prop_map(|(flags, seq, ack, window, urgent, options)| Tcp {
            flags,
            seq,
            ack,
            window,
            urgent,
            options,
            cause: None,
        })
}

fn icmp() -> impl Strategy<Value = Icmp> {
    let echoed = prop_oneof![
        seq().prop_map(Echoed::Tcp),
        any::<u16>().prop_map(Echoed::Udp),
        any::<u16>().prop_map(Echoed::Raw)
    ];
    (
        "[a-z]{3,9}_x",
        proptest::option::of("[a-z]{3,9}_y"),
        any::<Option<u32>>(),
        any::<Option<u16>>(),
        proptest::option::of(echoed),
    )
        .prop_map(|(kind, code, mtu, id, echoed)| Icmp {
            kind,
            code,
            mtu,
            id,
            echoed,
        })
}

fn packet() -> impl Strategy<Value = Packet> {
    let tos = prop_oneof![
        Just(Tos::Ect0),
        Just(Tos::Ce),
        any::<u8>().prop_map(Tos::Octet),
        (0u8..64).prop_map(Tos::Dscp)
    ];
    let info = (
        proptest::option::of(tos),
        proptest::option::of(0u32..1 << 20),
        any::<Option<u8>>(),
    )
        .prop_map(|(tos, flow_label, ttl)| IpInfo { tos, flow_label, ttl });
    let outer = prop_oneof![
        any::<([u8; 4], [u8; 4])>().prop_map(|(from, to)| Outer::Ip {
            info: IpInfo::default(),
            from: from.into(),
            to: to.into()
        }),
        any::<([u16; 8], [u16; 8])>().prop_map(|(from, to)| Outer::Ip {
            info: IpInfo::default(),
            from: from.into(),
            to: to.into()
        }),
        Just(Outer::Gre(None)),
        (0u32..1 << 20, 0u8..8, any::<bool>(), any::<u8>()).prop_map(|(label, class, bottom, ttl)| Outer::Mpls(vec![
            Label {
                label,
                class,
                bottom,
                ttl
            }
        ])),
    ];
    (
        any::<bool>(),
        proptest::collection::vec(outer, 0..3),
        info,
        any::<Option<(u16, u16)>>(),
    )
        .prop_flat_map(|(inbound, outer, ip, ports)| {
            let body = prop_oneof![
                3 => tcp(inbound).prop_map(Body::Tcp),
                1 => any::<u16>().prop_map(|len| Body::Udp { len }),
                1 => icmp().prop_map(Body::Icmp),
            ];
            (Just((inbound, outer, ip, ports)), body)
        })
        .prop_map(|((inbound, outer, ip, ports), body)| {
            let ports = if matches!(body, Body::Icmp(_)) { None } else { ports };
            Packet {
                inbound,
                outer,
                ip,
                psp: None,
                ports,
                body,
                in_udp: None,
            }
        })
}

fn expression() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        Just(Expr::Ellipsis),
        any::<i64>().prop_map(Expr::Int),
        (0..i64::MAX).prop_map(Expr::Hex),
        name().prop_map(Expr::Word),
        proptest::collection::vec("[a-z ]{0,8}", 1..3).prop_map(Expr::Str),
        "[a-z]{1,5}".prop_map(Expr::StrAndMore),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Expr::Array),
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Expr::Struct),
            (name(), inner.clone()).prop_map(|(name, value)| Expr::Assign(Box::new(Expr::Word(name)), Box::new(value))),
            (name(), proptest::collection::vec(inner, 0..3))
                .prop_map(|(name, arguments)| Expr::Function(name, arguments)),
            (name(), name()).prop_map(|(a, b)| Expr::Or(Box::new(Expr::Word(a)), Box::new(Expr::Word(b)))),
        ]
    })
}

fn call() -> impl Strategy<Value = Call> {
    let errno = proptest::option::of("E[A-Z]{3,8}");
    let note = proptest::option::of("[a-z]{1,5} [a-z]{1,5}");
    (
        proptest::option::of(0i64..10_000_000),
        "[a-z]{2,9}",
        proptest::collection::vec(expression(), 0..4),
        any::<i32>(),
        errno,
        note,
    )
        .prop_map(|(until, name, arguments, result, errno, note)| Call {
            until,
            name,
            arguments,
            result: Expr::Int(result.into()),
            errno,
            note,
        })
}

fn event() -> impl Strategy<Value = Event> {
    let micros = || 0i64..100_000_000;
    let plain = || prop_oneof![micros().prop_map(Time::Absolute), micros().prop_map(Time::Relative)];
    let wide = prop_oneof![
        plain(),
        Just(Time::Any),
        (micros(), micros()).prop_map(|(a, b)| Time::AbsoluteRange(a.min(b), a.max(b))),
        (micros(), micros()).prop_map(|(a, b)| Time::RelativeRange(a.min(b), a.max(b))),
    ];
    let packets = (packet(), plain(), wide).prop_map(|(packet, plain, wide)| {
        let time = if packet.inbound { plain } else { wide };
        (time, Action::Packet(Box::new(packet)))
    });
    let others = (
        plain(),
        prop_oneof![
            call().prop_map(|call| Action::Call(Box::new(call))),
            "[a-z =.]{1,20}".prop_map(Action::Command),
            "[a-z=]{1,20}".prop_map(Action::Code),
        ],
    );
    prop_oneof![packets, others].prop_map(|(time, action)| Event {
        time,
        action,
        place: Place::default(),
        at: 0..0,
    })
}

fn script() -> impl Strategy<Value = Script> {
    let option = ("[a-z_]{2,9}", proptest::option::of("[a-z0-9]{1,6}"))
        .prop_filter_map("define is another matter", |(name, value)| {
            (name != "define").then_some(ScriptOption { name, value })
        });
    (
        proptest::collection::vec(option, 0..3),
        proptest::option::of("[a-z ]{1,9}"),
        proptest::collection::vec(event(), 1..6),
        proptest::option::of("[a-z ]{1,9}"),
    )
        .prop_map(|(options, before, events, after)| Script {
            options,
            before,
            events,
            after,
            ..Script::default()
        })
}

proptest! {
    #[test]
    fn parse_after_print_is_the_identity(script in script()) {
        let text = script.to_string();
        let read = parse(&text, &Defines::new()).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(&read, &script, "{}", text);
        prop_assert_eq!(read.to_string(), text);
    }

    #[test]
    fn formatting_keeps_the_meaning(script in script()) {
        let formatted = format(&script.to_string()).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(parse(&formatted, &Defines::new()), Ok(script));
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}") {
        let _ = parse(&text, &Defines::new());
    }

    #[test]
    fn nearly_a_script_is_answered(script in script(), at in any::<prop::sample::Index>(), with in "[ -~]{0,3}") {
        let mut text = script.to_string();
        let place = at.index(text.len() + 1);
        if text.is_char_boundary(place) {
            text.insert_str(place, &with);
            let _ = parse(&text, &Defines::new());
        }
    }
}
