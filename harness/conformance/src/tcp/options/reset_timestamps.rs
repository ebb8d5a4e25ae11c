//! Timestamps on resets: RFC 7323 sections 3.2 and 5.2.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};

/// RFC 7323 section 3.2: once agreed, a reset carries timestamps too.
#[derive(Default)]
pub struct ResetCarriesTimestamps {
    /// TTL of its last segment; 0 before the first.
    ttl: u8,
    /// The segment that it received last had no timestamps: a reset that answers it needs none (section 5.2).
    bare: bool,
}

impl TcpCheck for ResetCarriesTimestamps {
    const REQUIREMENT: Requirement = requirement("tcp/rst-carries-timestamps", rfc(7323, "3.2"), Level::Should).by_itself()
        .also(&[rfc(7323, "5.2")])
        .binds(Role::Sender)
        .says("Once both SYNs carried timestamps, a reset carries them as well.")
        .judged(
            "Resets on connections where both SYNs had the option, unless the segment that came before lacked it. A reset whose TTL \
             differs from that of its sender's other segments may come from something on the way: inconclusive.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let ttl = at.segment.ip.ttl;
        if !at.segment.flags.rst() {
            self.ttl = ttl;
            return;
        }
        let options = &at.segment.options;
        if !at.shared.timestamps || self.bare {
            return;
        }
        if options.timestamps.is_some() {
            judge.holds();
        } else if ttl != self.ttl || options.signed || options.malformed.is_some() {
            judge.inconclusive(Reason::Ambiguous);
        } else {
            judge.violated(
                &[at.frame()],
                "the timestamps option, as agreed in the handshake",
                "a reset without it",
            );
        }
    }

    fn on_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        self.bare = at.segment.options.timestamps.is_none();
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("a reset with timestamps", |t| {
                t.handshake_with_timestamps();
                t.client().rst();
            }),
            violates("a reset without", |t| {
                t.handshake_with_timestamps();
                t.client().rst().no_timestamps();
            }),
            abstains("it comes from elsewhere: its TTL is another", |t| {
                t.handshake_with_timestamps();
                t.client().rst().no_timestamps().ttl(37);
            }),
            abstains("timestamps were not agreed", |t| {
                t.handshake();
                t.client().rst();
            }),
        ]
    }
}
