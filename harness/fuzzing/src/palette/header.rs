//! What is settled before the first event, and what happens behind the last.

use wire::Duration;

/// Header palettes.
pub const RECEIVE_BUFFERS: &[usize] = &[16_000, 4_096, 65_535, 1_000, 536, 2_920, 8_192, 100_000];
pub const MTU: &[u16] = &[1_500, 1_500, 1_500, 1_280, 576];
pub const MSS: &[Option<u16>] = &[
    Some(1_000),
    Some(1_460),
    None,
    Some(536),
    Some(100),
    Some(64),
    Some(1),
    Some(0),
    Some(65_535),
    Some(1_000),
];
pub const SHIFTS: &[Option<u8>] = &[None, Some(0), Some(2), Some(7), Some(14), Some(15), Some(255), None];
pub const OFFERED_WINDOWS: &[u16] = &[65_535, 65_535, 8_000, 1_000, 0, 1, 2_920, 100];
pub const ISS: &[u32] = &[
    1_000_000,
    u32::MAX,
    u32::MAX - 1,
    0,
    u32::MAX - 100,
    u32::MAX - 1_000,
    u32::MAX - 4_000,
    u32::MAX - 64_000,
    (1 << 31) - 1,
    (1 << 31) - 1_000,
    1 << 31,
    12_345,
];
pub const CLOCKS: &[u32] = &[500_000, 0, 1, u32::MAX, u32::MAX - 200, (1 << 31) - 100, 1 << 31];

/// How far the handshake has gone when the events begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// The stack listens, the peer has connected.
    Passive,
    /// The stack has connected.
    Active,
    /// The stack listens; nothing was sent.
    Listening,
    /// The stack has sent its SYN.
    Called,
    /// The peer has sent its SYN, and heard the answer.
    Greeted,
}

pub const OPENINGS: &[Opening] = &[
    Opening::Passive,
    Opening::Active,
    Opening::Passive,
    Opening::Called,
    Opening::Passive,
    Opening::Active,
    Opening::Listening,
    Opening::Greeted,
];

/// What happens behind the last event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Nothing,
    /// The peer is silent for so long.
    Silence(Duration),
    /// Both ends finish in order.
    Farewell,
}

pub const ENDINGS: &[Ending] = &[
    Ending::Nothing,
    Ending::Silence(Duration::secs(2)),
    Ending::Farewell,
    Ending::Silence(Duration::secs(30)),
    Ending::Nothing,
    Ending::Silence(Duration::minutes(5)),
    Ending::Farewell,
    Ending::Silence(Duration::secs(2)),
];
