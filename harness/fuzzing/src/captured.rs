//! Inputs out of captured connections: roughly what happened, in the palettes' words. Numbers are the live conversation's own.

use crate::builder::Builder;
use crate::palette::{Call, Opening, PAUSES, Pause, SIZE, Turn};
use crate::record::{Header, Input, MAX_RECORDS};
use suite::replay::{Conversation, Side};
use wire::{Duration, SeqNumber};

/// Shorter pauses say nothing.
const PAUSE: Duration = Duration::millis(10);
/// Octets of a full segment that palettes take for granted.
const FULL: usize = 1000;

/// What `stack` met, and what its application did.
pub fn input(conversation: &Conversation, stack: Side) -> Input {
    let peer = conversation.end(stack.other());
    let offer = peer.options.clone().unwrap_or_default();
    let bit = |on: bool, value: u8| if on { value } else { 0 };
    let header = Header {
        family: bit(conversation.ends[0].0.is_ipv6(), 1),
        options: bit(offer.sack_permitted, 1) | bit(offer.timestamps.is_some(), 2) | bit(peer.ecn, 4),
        shift: bit(offer.window_scale.is_some(), 3),
        // The capture says when the peer acknowledged.
        habits: 2,
        ..Header::default()
    };
    let opening = match stack {
        Side::Server => Opening::Passive,
        Side::Client => Opening::Active,
    };
    let mut builder = Builder::new(opening, header);
    let mut last = conversation.segments.first().map(|(_, first)| first.time);
    let mut sent: [Option<SeqNumber>; 2] = [None, None];
    for (side, one) in conversation.segments.iter().filter(|(_, one)| !one.flags.syn()) {
        if builder.0.records.len() >= MAX_RECORDS {
            break;
        }
        if let Some(gap) = last.map(|last| one.time - last).filter(|gap| *gap >= PAUSE) {
            builder = builder.wait(nearest_pause(gap));
        }
        last = Some(one.time);
        let highest = &mut sent[usize::from(*side == stack)];
        let expected = highest.unwrap_or(one.seq);
        let end = one.seq + one.payload.len() as u32;
        *highest = Some(expected.max(end));
        builder = if *side == stack {
            application(builder, one.flags, one.payload.len(), end > expected)
        } else {
            let turn = peer_turn(one.flags, one.payload.len(), one.seq.since(expected));
            builder.turn(turn)
        };
    }
    builder.0
}

/// What the application must have done for this segment of its stack.
fn application(builder: Builder, flags: wire::tcp::Flags, octets: usize, is_new: bool) -> Builder {
    let mut builder = builder;
    if flags.rst() {
        return builder.call(Call::Abort, 0);
    }
    if octets > 0 && is_new {
        builder = builder.call(Call::Send, size(octets));
    }
    if flags.fin() {
        builder.call(Call::Shutdown, 0)
    } else {
        builder
    }
}

/// `ahead`: how far it lies beyond what the peer sent last.
fn peer_turn(flags: wire::tcp::Flags, octets: usize, ahead: i32) -> Turn {
    match (octets, ahead) {
        _ if flags.rst() => Turn::Reset,
        (0, _) if flags.fin() => Turn::Close,
        (0, -1) => Turn::Keepalive,
        (0, _) => Turn::Acknowledge,
        (_, behind) if behind < 0 => Turn::Again,
        (_, gap) if gap > 0 => Turn::BehindGap(1),
        (octets, _) if octets >= FULL => Turn::Data(1),
        (octets, _) if octets > 10 => Turn::Octets(100),
        _ => Turn::Octets(1),
    }
}

fn nearest_pause(gap: Duration) -> Pause {
    let waits = PAUSES.iter().filter_map(|pause| match pause {
        Pause::For(time) => Some(*time),
        Pause::Wake(_) | Pause::Day => None,
    });
    let nearest = waits.min_by_key(|time| (*time - gap).abs());
    nearest.map_or(Pause::Wake(Duration::ZERO), Pause::For)
}

/// The index of 1, 100 or a full segment's octets.
fn size(octets: usize) -> u8 {
    let name = match octets {
        0..=10 => "1",
        11..FULL => "100",
        _ => "MSS",
    };
    SIZE.iter().position(|(known, _)| *known == name).unwrap_or(0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::palette::{CALLS, TURNS};

    #[test]
    fn what_is_said_exists_in_the_palettes() {
        for turn in [
            Turn::Reset,
            Turn::Close,
            Turn::Keepalive,
            Turn::Again,
            Turn::BehindGap(1),
            Turn::Data(1),
            Turn::Octets(100),
            Turn::Octets(1),
        ] {
            assert!(TURNS.contains(&turn), "{turn:?}");
        }
        for call in [Call::Send, Call::Shutdown, Call::Abort] {
            assert!(CALLS.contains(&call), "{call:?}");
        }
        assert!(PAUSES.contains(&nearest_pause(Duration::secs(2))));
        assert_eq!(SIZE[usize::from(size(1460))].0, "MSS");
    }
}
