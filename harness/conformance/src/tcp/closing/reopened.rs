//! A connection opened anew out of TIME-WAIT.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};
use wire::{Duration, SeqNumber};

/// RFC 9293 section 3.4.2: MSL is taken to be 2 minutes, TIME-WAIT lasts two. A stack may have chosen less.
const TIME_WAIT: Duration = Duration::secs(5);

/// RFC 9293 section 3.6 (MAY-2): whoever accepts a SYN in TIME-WAIT numbers the new connection above the old one.
#[derive(Default)]
pub struct ReopenedAboveOldNumbers;

impl TcpCheck for ReopenedAboveOldNumbers {
    const REQUIREMENT: Requirement = requirement("tcp/reopened-above-old-numbers", rfc(9293, "3.6"), Level::Must)
        .prose()
        .labels(&["MAY-2"])
        .also(&[rfc(9293, "3.4.3"), rfc(6191, "2")])
        .binds(Role::Server)
        .says("An end that accepts a SYN in TIME-WAIT gives the new connection an ISN above all numbers it used on the old one.")
        .judged(
            "SYN-ACKs of the end that had closed first, on the four-tuple of a connection that closed by FINs less than 5 s before \
             (stacks choose their MSL; later it may be over).",
        );

    fn on_syn_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some(previous) = at.shared.previous.as_deref().filter(|_| at.segment.flags.ack()) else {
            return;
        };
        let me = (at.me.address, at.me.port);
        let lingering = previous.first_to_close == Some(me) && !previous.by_reset;
        let Some(closed) = previous
            .closed
            .filter(|closed| lingering && at.now() - *closed < TIME_WAIT)
        else {
            return;
        };
        let Some(old) = at.me_before().filter(|me| me.iss.is_some()) else {
            return judge.inconclusive(Reason::MidStream);
        };
        // RFC 9293 section 3.10.5: ABORT in TIME-WAIT ends it.
        if old.abandoned {
            return judge.inconclusive(Reason::ApplicationChoice);
        }
        judge.require(
            at.segment.seq > old.snd_nxt - 1,
            &[previous.last.frame, at.frame()],
            format_args!(
                "an ISN above {}, {} after the old connection closed",
                old.snd_nxt - 1,
                at.now() - closed
            ),
            format_args!("{}", at.segment.seq),
        );
    }

    fn examples() -> Vec<Example> {
        let reopened = |t: &mut Trace, isn: SeqNumber| {
            t.isns(1000, 5_000_000);
            t.handshake();
            t.server().fin();
            t.client();
            t.client().fin();
            t.server();
            t.after(Duration::secs(1));
            t.reopen();
            t.isns(9000, isn.0);
            t.handshake();
        };
        vec![
            holds("a higher ISN", move |t| reopened(t, SeqNumber(5_900_000))),
            violates("a lower ISN", move |t| {
                t.also_breaks("tcp/isn-clock-driven");
                reopened(t, SeqNumber(4_000_000));
            }),
            abstains("no earlier connection", |t| t.handshake()),
        ]
    }
}
