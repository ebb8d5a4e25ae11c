//! One conversation for each of several things that are judged only where nothing else was out of the ordinary.

use super::{FULL, HOURS, LATE_SCALE, LONG, PLAIN, SHORT};
use crate::builder::{Builder, index};
use crate::palette::{Call, ODD, OPTIONS, Odd, Opening, Pause, Soup, Turn};
use crate::record::Header;
use wire::Duration;
use wire::tcp::Flags;

/// Of lengths: 100 octets.
const HUNDRED: u8 = 4;
/// Of sequence numbers: zero, far from where any connection here begins.
const ZERO: u8 = 24;
const MINUTE: Pause = Pause::For(Duration::secs(70));

pub fn seeds() -> Vec<(&'static str, Builder)> {
    let ack = Flags::ACK;
    let with = |header| Builder::new(Opening::Passive, header);
    let plain = || with(PLAIN);
    let quiet = || with(Header { habits: 2, ..PLAIN });
    let odd = |odd| index(ODD, &odd);
    let raw = |options: &'static [u8]| index(OPTIONS, &Soup::Raw(options));
    let gap = |talk: Builder| {
        talk.turn(Turn::BehindGap(1))
            .wait(SHORT)
            .turn(Turn::Again)
            .wait(Pause::For(Duration::millis(500)))
            .turn(Turn::Again)
            .wait(Pause::For(Duration::millis(500)))
    };
    vec![
        (
            "second-syn",
            plain().segment(Flags::SYN, [0, 0, 0, 0, 0, odd(Odd::OtherPort)]),
        ),
        (
            "syn-to-closed-port",
            Builder::new(Opening::Active, PLAIN).segment(Flags::SYN, [0, 0, 0, 0, 0, odd(Odd::OtherPort)]),
        ),
        (
            "refused",
            Builder::new(Opening::Called, PLAIN)
                .segment(Flags::RST.with(ack), [0; 6])
                .turn(Turn::Acknowledge),
        ),
        (
            "exact-reset",
            plain().turn(Turn::Octets(100)).wait(LONG).turn(Turn::Reset),
        ),
        (
            "aborts",
            plain().turn(Turn::Octets(100)).wait(LONG).call(Call::Abort, 0),
        ),
        (
            "urgent-data",
            plain()
                .segment(ack, [0, 0, HUNDRED, 0, 0, odd(Odd::Urgent(100))])
                .wait(LONG),
        ),
        (
            "unknown-options",
            plain()
                .segment(ack, [0, 0, HUNDRED, 0, raw(&[254, 4, 1, 2]), 0])
                .wait(LONG),
        ),
        (
            "broken-options",
            plain()
                .segment(ack, [0, 0, 0, 0, raw(&[254, 40, 0, 0]), 0])
                .wait(SHORT)
                .turn(Turn::Octets(100)),
        ),
        (
            "damaged-data",
            plain()
                .segment(ack, [0, 0, HUNDRED, 0, 0, odd(Odd::BadChecksum)])
                .wait(LONG),
        ),
        ("far-data", plain().wait(LONG).segment(ack, [ZERO, 0, HUNDRED, 0, 0, 0])),
        (
            "timestamps-wrap",
            with(Header { clock: 4, ..FULL })
                .wait(Pause::For(Duration::millis(500)))
                .turn(Turn::Octets(100))
                .wait(LONG),
        ),
        (
            "numbers-have-wrapped",
            with(Header { iss: 5, ..PLAIN })
                .turn(Turn::Data(1))
                .wait(LONG)
                .turn(Turn::Octets(100))
                .wait(LONG),
        ),
        (
            "shift-of-14",
            with(Header {
                shift: 4,
                wnd: 5,
                ..PLAIN
            })
            .call(Call::Send, 2)
            .wait(SHORT),
        ),
        (
            "late-scale-before-data",
            with(Header { wnd: 5, ..PLAIN })
                .segment(ack, [0, 0, 0, 0, LATE_SCALE, 0])
                .call(Call::Send, 2),
        ),
        (
            "reset-far-away",
            plain().wait(LONG).segment(Flags::RST, [ZERO, 0, 0, 0, 0, 0]),
        ),
        (
            "data-without-ack",
            plain().segment(Flags::PSH, [0, 0, HUNDRED, 0, 0, 0]).wait(LONG),
        ),
        (
            "four-tuple-again",
            plain()
                .turn(Turn::Close)
                .call(Call::Shutdown, 0)
                .wait(LONG)
                .turn(Turn::Reopen)
                .turn(Turn::Acknowledge),
        ),
        ("three-gaps", gap(gap(gap(plain())))),
        (
            "window-never-open",
            with(Header { wnd: 4, ..PLAIN }).call(Call::Send, 2).wait(LONG),
        ),
        (
            "lost-after-a-round-trip",
            quiet()
                .call(Call::Send, 0)
                .wait(SHORT)
                .turn(Turn::Acknowledge)
                .call(Call::Send, 0)
                .wait(MINUTE),
        ),
        (
            "peer-prolongs",
            quiet()
                .call(Call::UserTimeout(Some(Duration::secs(150))), 0)
                .turn(Turn::SuggestTimeout(7_200))
                .call(Call::Send, 0)
                .wait(HOURS)
                .wait(Pause::For(Duration::secs(241))),
        ),
    ]
}
