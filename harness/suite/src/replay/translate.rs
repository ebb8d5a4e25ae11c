//! Captured numbers, windows and options as the live connection needs them.
//!
//! Our own side keeps its sequence numbers, and what acknowledges it does too. What is the peer's is moved to where the stack
//! has it.

use super::captured::End;
use wire::SeqNumber;
use wire::tcp::{Flags, Options, TcpOption, kind, options};

/// RFC 7323 section 2.3: a larger shift counts as 14.
const LARGEST_SHIFT: u8 = 14;

/// What both ends of a connection agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Agreed {
    pub timestamps: bool,
    pub sack: bool,
    pub ecn: bool,
    pub mptcp: bool,
    /// Of the windows that our side announces.
    pub shift: u8,
}

impl Agreed {
    /// By what either SYN offers; `ecn` is the ends' own.
    pub fn of(ours: &Options, theirs: &Options, ecn: bool) -> Agreed {
        Agreed {
            timestamps: ours.timestamps.is_some() && theirs.timestamps.is_some(),
            sack: ours.sack_permitted && theirs.sack_permitted,
            ecn,
            mptcp: ours.mptcp && theirs.mptcp,
            // RFC 7323 section 2.2: scaling is on when both SYNs have the option.
            shift: ours
                .window_scale
                .filter(|_| theirs.window_scale.is_some())
                .unwrap_or(0)
                .min(LARGEST_SHIFT),
        }
    }
}

/// From the captured connection to the live one.
#[derive(Debug, Clone)]
pub struct Translation {
    /// The peer's ISN in the capture, and the stack's.
    pub isn: (SeqNumber, SeqNumber),
    pub captured: Agreed,
    pub live: Agreed,
}

impl Translation {
    /// What both sides of the capture agreed to; where it lacks a SYN, what the other offered was taken.
    pub fn new(ours: &End, theirs: &End, stack: (SeqNumber, &Options, bool)) -> Translation {
        let (isn, offered, ecn) = stack;
        let ours_offered = ours.options.clone().unwrap_or_default();
        let theirs_offered = theirs.options.as_ref().unwrap_or(&ours_offered);
        let captured = Agreed::of(&ours_offered, theirs_offered, ours.ecn && theirs.ecn);
        let mut live = Agreed::of(&ours_offered, offered, ours.ecn && ecn);
        // Timestamps that the captured peer declined were not offered to the stack.
        live.timestamps &= captured.timestamps;
        Translation {
            isn: (theirs.isn.unwrap_or(isn), isn),
            captured,
            live,
        }
    }

    /// A number of the peer's sequence space.
    pub fn theirs(&self, captured: SeqNumber) -> SeqNumber {
        let (from, to) = self.isn;
        captured - from.0 + to.0
    }

    /// The window field that announces the same octets.
    pub fn window(&self, field: u16) -> u16 {
        let octets = u32::from(field) << self.captured.shift;
        (octets >> self.live.shift).min(65_535) as u16
    }

    /// ECN and the rest of the control bits: without an agreement there is none (RFC 3168 section 6.1.1).
    pub fn flags(&self, flags: Flags) -> Flags {
        if self.live.ecn {
            flags
        } else {
            Flags(flags.0 & !(Flags::ECE.0 | Flags::CWR.0))
        }
    }

    /// Options of a segment behind the handshake: what the stack did not agree to is left out, TSecr is `echo`, and no SACK
    /// block reaches beyond `sent`.
    pub fn options(&self, raw: &[u8], echo: u32, sent: SeqNumber) -> Vec<u8> {
        rewrite(raw, |option| match option {
            TcpOption::Timestamps { value, .. } if self.live.timestamps => {
                Some(Rewritten::Option(TcpOption::Timestamps { value, echo }))
            }
            TcpOption::Timestamps { .. } | TcpOption::Md5(_) | TcpOption::Authentication { .. } => None,
            TcpOption::Mptcp(_) if !self.live.mptcp => None,
            TcpOption::Sack(blocks) if self.live.sack => self.blocks(blocks, sent).map(Rewritten::Octets),
            TcpOption::Sack(_) => None,
            other => Some(Rewritten::Option(other)),
        })
    }

    fn blocks(&self, blocks: &[u8], sent: SeqNumber) -> Option<Vec<u8>> {
        let mut octets = vec![kind::SACK, 0];
        for block in blocks.chunks_exact(8) {
            let &[a, b, c, d, e, f, g, h] = block else { continue };
            let left = self.theirs(SeqNumber(u32::from_be_bytes([a, b, c, d])));
            let right = self.theirs(SeqNumber(u32::from_be_bytes([e, f, g, h]))).min(sent);
            if left < right {
                octets.extend(left.0.to_be_bytes());
                octets.extend(right.0.to_be_bytes());
            }
        }
        let length = octets.len() as u8;
        *octets.get_mut(1)? = length;
        (length > 2).then_some(octets)
    }
}

/// Options of our SYN, or SYN-ACK: of what the other end has offered, or will agree to, as the capture shows.
pub fn syn_options(raw: &[u8], echo: u32, other: Option<&Options>, answers: bool) -> Vec<u8> {
    let offered = |has: fn(&Options) -> bool| other.is_none_or(has);
    rewrite(raw, |option| match option {
        TcpOption::Timestamps { value, .. } if offered(|other| other.timestamps.is_some()) => {
            Some(Rewritten::Option(TcpOption::Timestamps { value, echo }))
        }
        TcpOption::Timestamps { .. } | TcpOption::Md5(_) | TcpOption::Authentication { .. } => None,
        // A SYN may offer what is declined; a SYN-ACK answers offers (RFC 7323 section 2.2, RFC 2018 section 2).
        TcpOption::SackPermitted if answers && !offered(|other| other.sack_permitted) => None,
        TcpOption::WindowScale(_) if answers && !offered(|other| other.window_scale.is_some()) => None,
        TcpOption::Mptcp(_) if answers && !offered(|other| other.mptcp) => None,
        other => Some(Rewritten::Option(other)),
    })
}

enum Rewritten<'a> {
    Option(TcpOption<'a>),
    Octets(Vec<u8>),
}

/// Walks options, each kept, changed or left out; what cannot be delimited stays as it is.
fn rewrite<'a>(raw: &'a [u8], change: impl Fn(TcpOption<'a>) -> Option<Rewritten<'a>>) -> Vec<u8> {
    let mut octets = Vec::with_capacity(raw.len());
    let (mut walk, mut real) = (options(raw), false);
    loop {
        let at = walk.offset();
        match walk.next() {
            None => break,
            Some(Err(_)) => {
                octets.extend(raw.get(at..).unwrap_or_default());
                real = true;
                break;
            }
            Some(Ok(TcpOption::EndOfList)) => {
                // Behind the end of the list stands padding, or whatever its sender left there.
                octets.extend(raw.get(at..).unwrap_or_default());
                real |= raw.get(at..).is_some_and(|rest| rest.iter().any(|octet| *octet != 0));
                break;
            }
            Some(Ok(option)) => match change(option) {
                None => {}
                Some(Rewritten::Option(option)) => {
                    real |= option != TcpOption::NoOperation;
                    option.emit(&mut octets);
                }
                Some(Rewritten::Octets(more)) => {
                    real = true;
                    octets.extend(more);
                }
            },
        }
    }
    if real { octets } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn all_agreed() -> Agreed {
        Agreed {
            timestamps: true,
            sack: true,
            ecn: true,
            mptcp: false,
            shift: 7,
        }
    }

    fn translation(captured_isn: u32, live_isn: u32) -> Translation {
        Translation {
            isn: (SeqNumber(captured_isn), SeqNumber(live_isn)),
            captured: all_agreed(),
            live: all_agreed(),
        }
    }

    #[rstest]
    #[case::plain(1000, 5000, 1001, 5001)]
    #[case::the_capture_wraps(0xffff_ff00, 5000, 0x0000_0010, 5272)]
    #[case::the_stack_wraps(1000, 0xffff_fff0, 1100, 0x0000_0054)]
    #[case::both_wrap(0xffff_fff0, 0xffff_ffff, 0x0000_0001, 0x0000_0010)]
    #[case::before_the_isn(1000, 5000, 999, 4999)]
    fn numbers_keep_their_distance_from_the_isn(
        #[case] captured_isn: u32,
        #[case] live_isn: u32,
        #[case] captured: u32,
        #[case] live: u32,
    ) {
        assert_eq!(
            translation(captured_isn, live_isn).theirs(SeqNumber(captured)),
            SeqNumber(live)
        );
    }

    #[test]
    fn sack_blocks_move_across_the_wrap_and_end_at_what_was_sent() {
        let translation = translation(0xffff_ff00, 0xffff_fff0);
        let mut raw = vec![1, 1, 5, 18];
        for edge in [0xffff_ff80_u32, 0x0000_0080, 0x0000_0100, 0x0000_0200] {
            raw.extend(edge.to_be_bytes());
        }
        // The first block becomes 0x70..0x170 and is cut; the second one lies beyond.
        let mut expected = vec![1, 1, 5, 10];
        expected.extend([0, 0, 0, 0x70, 0, 0, 0x01, 0x00]);
        assert_eq!(translation.options(&raw, 0, SeqNumber(0x100)), expected);
    }

    #[test]
    fn timestamps_echo_the_stack() {
        let raw = [1, 1, 8, 10, 0, 0, 0, 7, 0, 0, 0, 9];
        let echoed = translation(0, 0).options(&raw, 0x0102_0304, SeqNumber(0));
        assert_eq!(echoed, [1, 1, 8, 10, 0, 0, 0, 7, 1, 2, 3, 4]);
    }

    #[test]
    fn what_the_stack_did_not_agree_to_is_left_out() {
        let mut translation = translation(0, 0);
        translation.live = Agreed::default();
        let raw = [1, 1, 8, 10, 0, 0, 0, 7, 0, 0, 0, 9, 1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2];
        assert!(translation.options(&raw, 1, SeqNumber(9)).is_empty());
        assert_eq!(translation.flags(Flags::ACK.with(Flags::ECE)), Flags::ACK);
    }

    #[rstest]
    #[case::both_scale(7, 7, 100, 100)]
    #[case::the_stack_does_not(7, 0, 100, 12_800)]
    #[case::nor_can_it_say_so_much(7, 0, 1000, 65_535)]
    #[case::the_captured_peer_did_not(0, 7, 12_800, 100)]
    fn windows_announce_the_same_octets(#[case] captured: u8, #[case] live: u8, #[case] field: u16, #[case] sent: u16) {
        let mut translation = translation(0, 0);
        (translation.captured.shift, translation.live.shift) = (captured, live);
        assert_eq!(translation.window(field), sent);
    }

    #[test]
    fn options_that_cannot_be_read_stay_as_they_are() {
        let raw = [2, 4, 5, 180, 8, 1, 0, 0];
        assert_eq!(translation(0, 0).options(&raw, 1, SeqNumber(0)), raw);
    }
}
