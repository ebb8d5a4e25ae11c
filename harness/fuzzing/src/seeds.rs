//! A few conversations to begin with, by name.

mod single;

use crate::builder::{Builder, index};
use crate::palette::{Call, Message, ODD, Odd, Opening, Pause, Toward, Turn, Wrapping};
use crate::record::{Header, Input};
use wire::Duration;
use wire::tcp::Flags;

/// The index of a window scale of 14 alone.
const LATE_SCALE: u8 = 27;
const SHORT: Pause = Pause::For(Duration::millis(20));
const LONG: Pause = Pause::For(Duration::secs(3));
const HOURS: Pause = Pause::For(Duration::minutes(121));
const FINS: Flags = Flags(Flags::ACK.0 | Flags::FIN.0);
const RTO: Pause = Pause::Wake(Duration::ZERO);
/// Everything that modern ends offer.
const FULL: Header = Header {
    options: 3,
    shift: 3,
    ..PLAIN
};
const PLAIN: Header = Header {
    family: 0,
    opening: 0,
    receive_buffer: 0,
    mtu: 0,
    mss: 0,
    shift: 0,
    options: 0,
    wnd: 0,
    iss: 0,
    clock: 0,
    habits: 0,
    seed: 0,
    ending: 0,
    spare: [0; 2],
};

/// All of them.
pub fn seeds() -> Vec<(&'static str, Input)> {
    let ack = Flags::ACK;
    let full = || Builder::new(Opening::Passive, FULL);
    let plain = || Builder::new(Opening::Passive, PLAIN);
    let quiet = |ending| Header {
        habits: 2,
        ending,
        ..FULL
    };
    let built = [
        ("handshake", plain().turn(Turn::Acknowledge)),
        (
            "data-both-ways",
            full()
                .turn(Turn::Data(4))
                .call(Call::Send, 2)
                .wait(SHORT)
                .turn(Turn::Octets(100))
                .call(Call::Send, 0)
                .wait(LONG),
        ),
        (
            "stack-closes-first",
            plain()
                .call(Call::Send, 0)
                .wait(SHORT)
                .call(Call::Shutdown, 0)
                .wait(SHORT)
                .turn(Turn::Octets(100))
                .turn(Turn::Close)
                .wait(LONG),
        ),
        (
            "peer-closes-first",
            plain()
                .turn(Turn::Octets(100))
                .turn(Turn::Close)
                .call(Call::Send, 0)
                .call(Call::Shutdown, 0)
                .wait(LONG),
        ),
        (
            "active-open",
            Builder::new(Opening::Active, FULL)
                .call(Call::Send, 3)
                .wait(SHORT)
                .turn(Turn::Data(1))
                .wait(LONG),
        ),
        (
            "simultaneous-open",
            Builder::new(Opening::Called, PLAIN)
                .segment(Flags::SYN, [0; 6])
                .wait(SHORT)
                .turn(Turn::SynAgain)
                .turn(Turn::Octets(100)),
        ),
        (
            "loss-and-fast-retransmit",
            Builder::new(Opening::Passive, quiet(0))
                .call(Call::Send, 2)
                .wait(SHORT)
                .segment(ack, [0, 3, 0, 0, 15, 0])
                .turn(Turn::Duplicates(3))
                .wait(SHORT)
                .turn(Turn::Acknowledge)
                .wait(RTO)
                .turn(Turn::Acknowledge),
        ),
        (
            "timeouts",
            Builder::new(Opening::Passive, quiet(3))
                .call(Call::Send, 2)
                .wait(RTO)
                .wait(RTO)
                .wait(RTO)
                .turn(Turn::Acknowledge),
        ),
        (
            "out-of-order",
            full()
                .turn(Turn::BehindGap(3))
                .wait(SHORT)
                .turn(Turn::Again)
                .turn(Turn::Again)
                .wait(LONG),
        ),
        (
            "window-closes",
            plain()
                .turn(Turn::CloseWindow)
                .call(Call::Send, 2)
                .wait(RTO)
                .wait(RTO)
                .turn(Turn::OpenWindow)
                .wait(LONG),
        ),
        (
            "window-fills",
            Builder::new(Opening::Passive, Header { habits: 1, ..PLAIN })
                .turn(Turn::Data(20))
                .wait(SHORT)
                .turn(Turn::Data(20))
                .call(Call::Receive, 9)
                .wait(SHORT)
                .turn(Turn::Data(1)),
        ),
        (
            "reset",
            full()
                .turn(Turn::Octets(100))
                .turn(Turn::Reset)
                .turn(Turn::Reopen)
                .wait(LONG),
        ),
        (
            "blind-attacks",
            plain()
                .segment(Flags::RST, [7, 0, 0, 0, 0, 0])
                .segment(Flags::SYN, [7, 0, 0, 0, 0, 0])
                .segment(ack, [0, 15, 3, 0, 0, 0])
                .segment(ack, [20, 0, 3, 0, 0, 0])
                .wait(LONG)
                .turn(Turn::Octets(100)),
        ),
        (
            "numbers-wrap",
            Builder::new(Opening::Passive, Header { iss: 5, ..FULL })
                .turn(Turn::Data(4))
                .turn(Turn::Data(4))
                .wait(SHORT)
                .turn(Turn::Close),
        ),
        (
            "congestion",
            Builder::new(Opening::Passive, Header { options: 7, ..FULL })
                .congested()
                .turn(Turn::Octets(100))
                .call(Call::Send, 2)
                .segment(Flags::ACK.with(Flags::ECE), [0; 6])
                .call(Call::Send, 2)
                .wait(SHORT)
                .call(Call::Send, 2),
        ),
        (
            "idle-then-data",
            full()
                .call(Call::Send, 8)
                .wait(SHORT)
                .call(Call::Send, 8)
                .wait(Pause::For(Duration::secs(12)))
                .call(Call::Send, 9)
                .wait(SHORT),
        ),
        (
            "one-segment-lost",
            Builder::new(Opening::Passive, Header { habits: 2, ..PLAIN })
                .call(Call::Send, 2)
                .wait(SHORT)
                .turn(Turn::Duplicates(3))
                .wait(SHORT)
                .turn(Turn::Duplicates(3))
                .turn(Turn::Acknowledge)
                .call(Call::Send, 2)
                .wait(SHORT)
                .turn(Turn::Acknowledge),
        ),
        (
            "fin-again",
            plain()
                .turn(Turn::Close)
                .segment(FINS, [9, 0, 0, 0, 0, 0])
                .wait(SHORT)
                .segment(FINS, [9, 0, 0, 0, 0, 0])
                .wait(SHORT)
                .segment(FINS, [9, 0, 0, 0, 0, 0])
                .wait(LONG),
        ),
        (
            "reset-at-closed-window",
            Builder::new(Opening::Passive, Header { habits: 1, ..PLAIN })
                .turn(Turn::Data(20))
                .wait(LONG)
                .turn(Turn::Acknowledge)
                .turn(Turn::Reset),
        ),
        (
            "reset-without-timestamps",
            full()
                .turn(Turn::Octets(100))
                .wait(LONG)
                .segment(Flags::RST, [0, 0, 0, 0, 5, 0])
                .wait(SHORT),
        ),
        (
            "small-writes",
            plain()
                .call(Call::Send, 0)
                .wait(LONG)
                .call(Call::Send, 0)
                .wait(LONG)
                .call(Call::Send, 0)
                .wait(LONG)
                .call(Call::Send, 0)
                .wait(LONG)
                .call(Call::Send, 0)
                .wait(LONG),
        ),
        (
            "keepalives-of-the-peer",
            plain()
                .turn(Turn::Octets(100))
                .wait(LONG)
                .turn(Turn::Keepalive)
                .wait(LONG)
                .turn(Turn::Keepalive)
                .wait(LONG)
                .turn(Turn::Keepalive)
                .wait(LONG)
                .call(Call::Send, 0),
        ),
        (
            "keepalives",
            plain()
                .call(Call::Keepalive(true), 0)
                .turn(Turn::Octets(100))
                .wait(HOURS)
                .wait(RTO),
        ),
        (
            "odd-packets",
            plain()
                .message(Message::Echoed(Wrapping::Damaged))
                .message(Message::Echoed(Wrapping::Elsewhere))
                .message(Message::Echoed(Wrapping::Optioned))
                .message(Message::Echoed(Wrapping::InFragments))
                .message(Message::GroupSyn(Toward::FromGroup))
                .message(Message::GroupSyn(Toward::ToGroup)),
        ),
        (
            "odd-packets-v6",
            Builder::new(Opening::Active, Header { family: 1, ..PLAIN })
                .call(Call::ConnectGroup, 0)
                .message(Message::Echoed(Wrapping::Elsewhere))
                .message(Message::Echoed(Wrapping::InFragments))
                .message(Message::GroupSyn(Toward::FromGroup)),
        ),
        (
            "errors-while-opening",
            Builder::new(Opening::Called, Header { habits: 2, ..PLAIN })
                .message(Message::Error([3, 3], [1, 4]))
                .wait(LONG)
                .turn(Turn::Acknowledge),
        ),
        (
            "source-quench",
            plain()
                .call(Call::Send, 2)
                .message(Message::Error([4, 0], [1, 1]))
                .wait(LONG),
        ),
        (
            "time-wait",
            plain()
                .call(Call::Shutdown, 0)
                .wait(SHORT)
                .turn(Turn::Close)
                .wait(Pause::For(Duration::secs(12)))
                .wait(Pause::For(Duration::secs(70))),
        ),
        (
            "closes-without-reading",
            Builder::new(Opening::Passive, Header { habits: 1, ..PLAIN })
                .turn(Turn::Octets(100))
                .wait(LONG)
                .call(Call::Close, 0)
                .wait(LONG),
        ),
        ("datagram", plain().message(Message::Udp)),
        (
            "many-at-once",
            full().turn(Turn::Open).turn(Turn::Open).turn(Turn::Octets(100)),
        ),
        (
            "reset-then-connection",
            Builder::new(Opening::Greeted, PLAIN)
                .turn(Turn::Reset)
                .turn(Turn::Beside)
                .turn(Turn::Octets(100)),
        ),
        (
            "odd-opens",
            plain()
                .turn(Turn::OpenOddly(Flags::ECE))
                .turn(Turn::OpenOddly(Flags::CWR))
                .turn(Turn::OpenWithText),
        ),
        ("large-write", plain().call(Call::Send, 2).wait(SHORT)),
        (
            "shift-of-15",
            Builder::new(
                Opening::Passive,
                Header {
                    shift: 5,
                    wnd: 5,
                    ..PLAIN
                },
            )
            .call(Call::Send, 2)
            .wait(SHORT),
        ),
        (
            "without-nagle",
            Builder::new(Opening::Passive, Header { habits: 2, ..PLAIN })
                .call(Call::Nagle(false), 0)
                .call(Call::Send, 0)
                .call(Call::Send, 0),
        ),
        (
            "with-nagle",
            Builder::new(Opening::Passive, Header { habits: 2, ..PLAIN })
                .call(Call::Nagle(true), 0)
                .call(Call::Send, 0)
                .call(Call::Send, 0)
                .turn(Turn::Acknowledge),
        ),
        (
            "late-window-scale",
            Builder::new(Opening::Passive, Header { wnd: 5, ..PLAIN })
                .segment(ack, [0, 0, 0, 0, LATE_SCALE, 0])
                .call(Call::Send, 2)
                .turn(Turn::Acknowledge)
                .wait(SHORT),
        ),
        (
            "without-timestamps",
            full()
                .turn(Turn::Octets(100))
                .wait(LONG)
                .segment(ack, [0, 0, 4, 0, 5, 0])
                .wait(LONG),
        ),
        (
            "acknowledges-too-much",
            plain()
                .turn(Turn::Octets(100))
                .wait(LONG)
                .segment(ack, [0, 10, 0, 0, 0, 0]),
        ),
        (
            "unagreed-timestamps",
            plain().segment(ack, [0, 0, 4, 0, 14, 0]).wait(LONG),
        ),
        (
            "old-timestamps",
            full()
                .turn(Turn::Octets(100))
                .wait(LONG)
                .segment(ack, [0, 0, 4, 0, 7, 0])
                .wait(LONG),
        ),
        (
            "window-stays-closed",
            Builder::new(Opening::Passive, Header { habits: 2, ..PLAIN })
                .call(Call::Send, 9)
                .segment(ack, [0, 0, 0, 3, 0, 0])
                .wait(Pause::For(Duration::secs(241)))
                .turn(Turn::OpenWindow)
                .wait(SHORT),
        ),
        (
            "probes-of-the-peer",
            Builder::new(Opening::Passive, Header { habits: 1, ..PLAIN })
                .turn(Turn::Data(20))
                .wait(LONG)
                .segment(ack, [0, 0, 3, 0, 0, 0])
                .wait(LONG)
                .call(Call::Receive, 9),
        ),
        (
            "source-quench-in-flight",
            Builder::new(Opening::Passive, Header { habits: 2, ..PLAIN })
                .call(Call::Send, 0)
                .message(Message::Error([4, 0], [1, 1])),
        ),
        (
            "reset-in-time-wait",
            plain()
                .call(Call::Shutdown, 0)
                .wait(SHORT)
                .turn(Turn::Close)
                .wait(LONG)
                .turn(Turn::Reset),
        ),
        (
            "old-syn-in-time-wait",
            plain()
                .call(Call::Shutdown, 0)
                .wait(SHORT)
                .turn(Turn::Close)
                .wait(LONG)
                .segment(Flags::SYN, [18, 0, 0, 0, 0, 0]),
        ),
        (
            "late-data",
            plain()
                .turn(Turn::Octets(100))
                .wait(LONG)
                .call(Call::Close, 0)
                .wait(SHORT)
                .turn(Turn::Octets(100)),
        ),
        (
            "reset-with-data",
            plain()
                .turn(Turn::Octets(100))
                .wait(LONG)
                .segment(Flags::RST, [0, 0, 4, 0, 0, 0]),
        ),
        (
            "reset-at-listener",
            plain().segment(Flags::RST, [0, 0, 0, 0, 0, index(ODD, &Odd::OtherPort)]),
        ),
        (
            "nobody-answers",
            Builder::new(Opening::Called, PLAIN)
                .wait(Pause::For(Duration::secs(70)))
                .wait(LONG),
        ),
        (
            "sacked-then-forgotten",
            Builder::new(Opening::Passive, quiet(0))
                .call(Call::Send, 6)
                .turn(Turn::Report)
                .wait(RTO)
                .segment(ack, [0, 8, 0, 0, 0, 0])
                .wait(Pause::For(Duration::minutes(20))),
        ),
        (
            "closed-for-an-hour",
            plain()
                .call(Call::Send, 0)
                .turn(Turn::CloseWindow)
                .call(Call::Send, 2)
                .turn(Turn::Living)
                .turn(Turn::OpenWindow)
                .wait(SHORT),
        ),
        (
            "idle-for-a-day",
            plain().call(Call::Keepalive(true), 0).wait(Pause::Day),
        ),
        (
            "reopened-in-time-wait",
            plain()
                .call(Call::Shutdown, 0)
                .wait(SHORT)
                .turn(Turn::Close)
                .wait(LONG)
                .turn(Turn::Reopen)
                .turn(Turn::Acknowledge)
                .turn(Turn::Octets(100)),
        ),
        (
            "own-user-timeout",
            Builder::new(Opening::Passive, Header { habits: 2, ..PLAIN })
                .call(Call::UserTimeout(Some(Duration::secs(150))), 0)
                .turn(Turn::SuggestTimeout(7_200))
                .call(Call::Send, 0)
                .wait(Pause::For(Duration::minutes(20))),
        ),
        (
            "longer-user-timeout",
            Builder::new(Opening::Passive, Header { habits: 2, ..PLAIN })
                .call(Call::UserTimeout(Some(Duration::secs(400))), 0)
                .call(Call::Send, 0)
                .wait(Pause::For(Duration::secs(241))),
        ),
        (
            "suggested-user-timeout",
            Builder::new(Opening::Passive, Header { habits: 2, ..PLAIN })
                .call(Call::UserTimeout(None), 0)
                .turn(Turn::SuggestTimeout(600))
                .call(Call::Send, 0)
                .wait(Pause::For(Duration::secs(241)))
                .wait(Pause::For(Duration::secs(241)))
                .wait(Pause::For(Duration::minutes(20))),
        ),
        (
            "gives-up",
            Builder::new(Opening::Passive, Header { habits: 2, ..PLAIN })
                .call(Call::Send, 0)
                .wait(Pause::For(Duration::secs(241))),
        ),
        ("flood", plain().turn(Turn::Flood).turn(Turn::Octets(100))),
        (
            "farewell",
            Builder::new(
                Opening::Active,
                Header {
                    ending: 2,
                    family: 1,
                    ..FULL
                },
            )
            .turn(Turn::Data(4))
            .call(Call::Send, 2)
            .wait(SHORT),
        ),
    ];
    let all = built.into_iter().chain(single::seeds());
    all.map(|(name, Builder(input))| (name, input)).collect()
}
