//! An input as people read it: a line per record.

use crate::palette::{self, pick};
use crate::record::{Input, Kind, Record};
use std::fmt::Write as _;

/// The whole input.
pub fn listing(input: &Input) -> String {
    let header = &input.header;
    let mut text = String::new();
    let version = if header.family.is_multiple_of(2) {
        "IPv4"
    } else {
        "IPv6"
    };
    let options = ["SACK", "timestamps", "ECN"];
    let offered = (0..3)
        .filter(|bit| header.options >> bit & 1 == 1)
        .map(|bit| options[bit]);
    let habits = [
        "the application reads",
        "the peer acknowledges",
        "the application takes connections",
    ];
    let told = (0..3)
        .filter(|bit| header.habits >> bit & 1 == 1)
        .map(|bit| habits[bit]);
    let _ = writeln!(text, "version          {}", crate::record::VERSION);
    let _ = writeln!(
        text,
        "over             {version}, MTU {}",
        pick(palette::MTU, header.mtu)
    );
    let _ = writeln!(text, "opening          {:?}", pick(palette::OPENINGS, header.opening));
    let _ = writeln!(
        text,
        "receive buffer   {} octets",
        pick(palette::RECEIVE_BUFFERS, header.receive_buffer)
    );
    let _ = writeln!(
        text,
        "the peer offers  MSS {:?}, window scale {:?}, window {}, {}",
        pick(palette::MSS, header.mss),
        pick(palette::SHIFTS, header.shift),
        pick(palette::OFFERED_WINDOWS, header.wnd),
        offered.collect::<Vec<_>>().join(", ")
    );
    let _ = writeln!(
        text,
        "its ISS, TSval   {}, {}",
        pick(palette::ISS, header.iss),
        pick(palette::CLOCKS, header.clock)
    );
    let _ = writeln!(text, "only when told   {}", told.collect::<Vec<_>>().join(", "));
    let _ = writeln!(text, "seed             {}", header.seed);
    for (at, record) in input.records.iter().enumerate() {
        let _ = writeln!(text, "{:4}  {}", at + 1, event(record));
    }
    let _ = writeln!(text, "ending           {:?}", pick(palette::ENDINGS, header.ending));
    text
}

/// One line about one record.
pub(crate) fn event(record: &Record) -> String {
    let [one, two, three, four, five, six, seven] = record.arguments();
    match record.kind() {
        Kind::Segment => {
            let (seq, _) = pick(palette::SEQ, two);
            let (ack, _) = pick(palette::ACK, three);
            let (len, _) = pick(palette::LENGTH, four);
            let (wnd, _) = pick(palette::WINDOW, five);
            let flags = pick(palette::FLAGS, one);
            let mut text = format!("segment  {flags} seq {seq} ack {ack} len {len} window {wnd}");
            if six != 0 {
                let _ = write!(text, " options {:?}", pick(palette::OPTIONS, six));
            }
            if seven & 63 != 0 {
                let _ = write!(text, " odd {:?}", pick(palette::ODD, seven & 63));
            }
            if seven >> 6 != 0 {
                let _ = write!(text, " connection {}", seven >> 6);
            }
            text
        }
        Kind::Call => {
            let (size, _) = pick(palette::SIZE, two);
            format!(
                "call     {:?} size {size} connection {three}",
                pick(palette::CALLS, one)
            )
        }
        Kind::Time => format!("time     {:?}", pick(palette::PAUSES, one)),
        Kind::Turn => format!("turn     {:?} connection {three}", pick(palette::TURNS, one)),
        Kind::Network => format!(
            "network  {:?}, the next {}",
            pick(palette::FATES, one),
            pick(palette::COUNTS, two)
        ),
        Kind::Message => {
            let (about, _) = pick(palette::ABOUT, three);
            format!(
                "message  {:?} MTU {} about {about} connection {four}",
                pick(palette::MESSAGES, one),
                pick(palette::MTUS, two)
            )
        }
    }
}
