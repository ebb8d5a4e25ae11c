//! Inputs written event by event.

use crate::palette::{CALLS, Call, FLAGS, MESSAGES, Message, ODD, OPENINGS, Odd, Opening, PAUSES, Pause, TURNS, Turn};
use crate::record::{Header, Input, KINDS, Kind, Record};
use wire::tcp::Flags;

/// Writes an input, event by event.
#[derive(Debug, Clone, Default)]
pub struct Builder(pub(crate) Input);

/// The index of an entry; 0 where there is none.
pub(crate) fn index<T: PartialEq>(palette: &[T], entry: &T) -> u8 {
    palette.iter().position(|one| one == entry).unwrap_or(0) as u8
}

impl Builder {
    pub(crate) fn new(opening: Opening, header: Header) -> Builder {
        let opening = index(OPENINGS, &opening);
        Builder(Input {
            header: Header { opening, ..header },
            records: Vec::new(),
        })
    }

    fn record(mut self, kind: Kind, arguments: [u8; 7]) -> Builder {
        let [one, two, three, four, five, six, seven] = arguments;
        let kind = index(&KINDS, &kind);
        self.0
            .records
            .push(Record([kind, one, two, three, four, five, six, seven]));
        self
    }

    pub(crate) fn turn(self, turn: Turn) -> Builder {
        self.record(Kind::Turn, [index(TURNS, &turn), 0, 0, 0, 0, 0, 0])
    }

    /// `size` is an index.
    pub(crate) fn call(self, call: Call, size: u8) -> Builder {
        self.record(Kind::Call, [index(CALLS, &call), size, 0, 0, 0, 0, 0])
    }

    pub(crate) fn wait(self, pause: Pause) -> Builder {
        self.record(Kind::Time, [index(PAUSES, &pause), 0, 0, 0, 0, 0, 0])
    }

    pub(crate) fn message(self, message: Message) -> Builder {
        self.record(Kind::Message, [index(MESSAGES, &message), 0, 0, 0, 0, 0, 0])
    }

    /// A segment with data and with congestion experienced.
    pub(crate) fn congested(self) -> Builder {
        let odd = index(ODD, &Odd::Congested);
        self.segment(Flags::ACK, [0, 0, 2, 0, 0, odd])
    }

    /// The rest are indices.
    pub(crate) fn segment(self, flags: Flags, rest: [u8; 6]) -> Builder {
        let [seq, ack, len, wnd, options, odd] = rest;
        self.record(Kind::Segment, [index(FLAGS, &flags), seq, ack, len, wnd, options, odd])
    }
}
