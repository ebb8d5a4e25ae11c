//! Requirements that packets alone cannot show: they are about what a stack's application is told, or about what a stack does
//! with something that only a Tester sends. The scenarios of the `suite` crate judge them, under the ids given here.

use crate::requirement::{Level, Requirement, Source, requirement, rfc};
use Level::{May, Must, Should};

/// What is said of how they are judged.
const JUDGED: &str =
    "By the scenarios of `stackproof test` that name it: packets and calls of the stack's application.";

const fn live(id: &'static str, source: Source, level: Level, says: &'static str) -> Requirement {
    requirement(id, source, level).says(says).judged(JUDGED)
}

/// Declares the list, and how long it is.
macro_rules! live {
    ($($row:expr,)*) => {
        const LIST: &[Requirement] = &[$($row),*];
        pub(crate) static REQUIREMENTS: &[Requirement] = LIST;
        pub(crate) const TOTAL: u16 = LIST.len() as u16;
    };
}

live! {
    // The application's view.
    live("tcp/data-delivered", rfc(9293, "2.2"), Must, "What one application sends the other receives: every octet, once, in order.").prose(),
    live("tcp/end-told", rfc(9293, "3.10.7.4"), Must, "The peer's FIN is told to the application, after all data before it.").prose(),
    live("tcp/reset-told", rfc(9293, "3.6"), Must, "A reset by the peer is told to the application otherwise than an orderly close.").labels(&["MUST-12"]),
    live("tcp/refusal-told", rfc(9293, "3.10.7.3"), Must, "A reset in answer to a SYN is told to the application: the connection was refused.").prose(),
    live("tcp/half-close-usable", rfc(9293, "3.10.4"), Must, "After CLOSE the application can go on receiving until the peer closes too.").prose(),
    live("tcp/several-from-listener", rfc(9293, "3.9.1.1"), Must, "A listener goes on listening while connections to its port are open.").labels(&["MUST-42"]),
    live("tcp/listening-leaves-connections", rfc(9293, "3.9.1.1"), Must, "A passive OPEN does not touch connections that are open already.").labels(&["MUST-41"]),
    live("tcp/open-to-group-fails", rfc(9293, "3.9.1.1"), Must, "Opening a connection to a broadcast or multicast address fails.").labels(&["MUST-46"]),
    // Opening.
    live("tcp/simultaneous-open-completes", rfc(9293, "3.5"), Must, "A simultaneous open becomes one connection.").labels(&["MUST-10"]),
    live("tcp/wrong-ack-of-syn-reset", rfc(9293, "3.10.7.3"), Must, "In SYN-SENT an acknowledgement of anything but the SYN is answered by a reset, and the attempt goes on.").prose(),
    live("tcp/reset-in-syn-sent-needs-ack", rfc(9293, "3.10.7.3"), Must, "In SYN-SENT a reset counts only if it acknowledges the SYN.").prose(),
    live("tcp/wrong-ack-in-handshake-reset", rfc(9293, "3.10.7.4"), Must, "In SYN-RECEIVED an acknowledgement of anything but the SYN-ACK is answered by a reset.").prose(),
    live("tcp/listener-ignores-reset", rfc(9293, "3.10.7.2"), Must, "A reset at a listener is ignored.").prose(),
    live("tcp/listener-refuses-ack", rfc(9293, "3.10.7.2"), Must, "An acknowledgement at a listener is answered by a reset.").prose(),
    live("tcp/closed-refuses", rfc(9293, "3.10.7.1"), Must, "A segment for a connection that does not exist is answered by a reset, unless it is one.").prose(),
    live("tcp/passive-open-returns-to-listen", rfc(9293, "3.5"), Must, "A reset in SYN-RECEIVED ends the attempt in silence; the listener goes on.").labels(&["MUST-11"]).prose(),
    live("tcp/syn-retried", rfc(9293, "3.8.1"), Must, "A SYN or SYN-ACK that nobody answers is sent again.").prose(),
    live("tcp/syn-from-group-ignored", rfc(9293, "3.9.2.3"), Must, "A SYN from a broadcast or multicast address is ignored.").labels(&["MUST-63"]),
    live("tcp/syn-to-group-ignored", rfc(9293, "3.9.2.3"), Must, "A SYN to a broadcast or multicast address is ignored.").labels(&["MUST-57"]),
    live("tcp/r2-of-syn", rfc(9293, "3.8.3"), Must, "An application that waits for its connection waits for three minutes at least.").labels(&["MUST-23"]),
    live("tcp/text-of-syn-kept", rfc(9293, "3.10.7.2"), May, "Data on a SYN is kept until the connection is established, and need not come again."),
    live("tcp/flood-spares-half-open", rfc(4987, "3.6"), May, "A handshake that was under way when a flood of SYNs began is completed."),
    live("tcp/flood-survived", rfc(4987, "3"), May, "With its backlog full of SYNs that nobody completes, a listener still takes connections that are."),
    // Segments out of place.
    live("tcp/unacceptable-answered", rfc(9293, "3.10.7.4"), Must, "A segment outside the window, unless it is a reset, is answered by an acknowledgement and changes nothing.").prose(),
    live("tcp/ack-of-unsent-answered", rfc(9293, "3.10.7.4"), Must, "An acknowledgement of what was never sent is answered by an acknowledgement and dropped.").prose(),
    live("tcp/old-ack-harmless", rfc(9293, "3.10.7.4"), Must, "An acknowledgement of what was acknowledged before changes nothing.").prose(),
    live("tcp/segment-without-ack-dropped", rfc(9293, "3.10.7.4"), Must, "On a synchronized connection a segment without ACK, RST or SYN is dropped.").prose(),
    live("tcp/damage-ignored", rfc(9293, "3.1"), Must, "A segment with a wrong checksum changes nothing and is not answered.").labels(&["MUST-3"]),
    live("tcp/outside-reset-ignored", rfc(5961, "3.2"), Must, "A reset outside the window is dropped in silence."),
    live("tcp/survives-challenge", rfc(5961, "4.2"), Should, "A SYN or a reset that is not exact leaves the connection as it was."),
    live("tcp/stale-ack-data-discarded", rfc(5961, "5.2"), May, "Data whose acknowledgement number is older than any window ever offered is discarded.").labels(&["MAY-12"]),
    live("tcp/challenges-throttled", rfc(5961, "7"), Should, "Challenge ACKs are limited in their rate."),
    live("tcp/reset-with-data-obeyed", rfc(9293, "3.5.3"), Should, "A reset that carries data is a reset.").labels(&["SHLD-2"]),
    live("tcp/reset-at-closed-window-obeyed", rfc(9293, "3.4"), Must, "While the receive window is zero an exact reset is obeyed all the same.").labels(&["MUST-66"]),
    live("tcp/time-wait-survives-reset", rfc(1337, "4"), May, "A reset does not end TIME-WAIT."),
    // Options.
    live("tcp/options-anywhere", rfc(9293, "3.2"), Must, "Options may begin at any octet.").labels(&["MUST-64"]),
    live("tcp/basic-options-understood", rfc(9293, "3.1"), Must, "End of list, no-operation and MSS are understood wherever they stand.").labels(&["MUST-4"]),
    live("tcp/unknown-options-skipped", rfc(9293, "3.1"), Must, "Options that are not known are skipped by their length; the segment counts.").labels(&["MUST-6"]),
    live("tcp/broken-options-survived", rfc(9293, "3.1"), Must, "Options of impossible length do no more harm than that their connection is reset.").labels(&["MUST-7"]),
    live("tcp/late-window-scale-ignored", rfc(7323, "2.2"), Must, "A window scale on a segment without SYN is ignored."),
    live("tcp/shift-above-14-counts-as-14", rfc(7323, "2.3"), Should, "A window scale above 14 counts as 14."),
    live("tcp/scaled-window-used", rfc(7323, "2.3"), Must, "The window of a peer that scales is filled as scaled.").labels(&["REC-1"]),
    live("tcp/unscaled-window-unsigned", rfc(9293, "3.1"), Must, "Windows above 32767 are taken as they are.").labels(&["MUST-1"]),
    live("tcp/segment-without-timestamps-dropped", rfc(7323, "3.2"), Should, "Once timestamps are agreed on, a segment without them, unless a reset, is dropped."),
    live("tcp/segment-without-timestamps-harmless", rfc(7323, "3.2"), Must, "A segment without the timestamps that were agreed on never ends the connection."),
    live("tcp/unagreed-timestamps-ignored", rfc(7323, "3.2"), Must, "Timestamps on a connection that did not agree on them are ignored."),
    live("tcp/old-timestamp-dropped", rfc(7323, "5.3"), Must, "A segment with a timestamp older than the newest received is dropped."),
    live("tcp/paws-spares-resets", rfc(7323, "5.2"), Must, "A reset counts whatever its timestamp."),
    live("tcp/timestamps-wrap", rfc(7323, "5.3"), Must, "Timestamps are compared modulo 2^32.").prose(),
    live("tcp/numbers-wrap", rfc(9293, "3.4"), Must, "Sequence numbers are compared modulo 2^32.").prose(),
    live("tcp/timestamp-offset-random", rfc(7323, "7.1"), Should, "Timestamps of different connections have different offsets."),
    live("tcp/odd-ecn-syns-understood", rfc(3168, "6.1.1"), Must, "A SYN with ECE alone or CWR alone opens an ordinary connection."),
    // Sending.
    live("tcp/full-sized-segments", rfc(9293, "3.9.1.2"), Should, "A large write goes out in segments as large as they may be.").labels(&["SHLD-28"]),
    live("tcp/small-write-goes-out", rfc(9293, "3.9.1.2"), Must, "A write without PUSH does not wait for ever.").labels(&["MUST-60"]),
    live("tcp/nagle", rfc(9293, "3.7.4"), Should, "Small writes wait while data is outstanding.").labels(&["SHLD-7"]),
    live("tcp/nagle-can-be-off", rfc(9293, "3.7.4"), Must, "An application can have its small writes go out at once.").labels(&["MUST-17"]),
    live("tcp/first-measurement", rfc(6298, "2.2"), Must, "The first measured round trip R makes the timeout R + 4 x R/2, and one second at least."),
    live("tcp/backoff-kept-until-measured", rfc(6298, "5"), Should, "A timeout that was backed off stays so until something that was sent once is measured.").prose(),
    live("tcp/timeout-recovers", rfc(6298, "5"), Must, "What is lost is sent again by the timer until it is acknowledged.").prose(),
    live("tcp/gives-up", rfc(9293, "3.8.3"), Must, "A connection whose peer never answers is closed in the end, and its application told.").labels(&["MUST-20"]),
    live("tcp/r1-told", rfc(9293, "3.8.3"), Should, "An application is told when retransmissions have reached R1, before the connection is given up.").labels(&["SHLD-9"]),
    live("tcp/user-timeout-kept", rfc(9293, "3.8.3"), Must, "An application can set how long its data may stay unacknowledged.").labels(&["MUST-21"]),
    live("tcp/user-timeout-told", rfc(5482, "3"), Should, "A user timeout that the application sets is told to the peer, by an option of the next segment."),
    live("tcp/user-timeout-not-overridden", rfc(5482, "3.1"), Must, "A user timeout that the application has set is not changed by the peer's option."),
    live("tcp/user-timeout-adapted", rfc(5482, "3.1"), Should, "Where the application allows it, the longer of both ends' user timeouts is taken."),
    live("tcp/r2-at-least-100s", rfc(9293, "3.8.3"), Should, "Before it gives up, a stack retransmits for 100 seconds at least.").labels(&["SHLD-11"]),
    live("tcp/sacked-data-kept", rfc(2018, "8"), Must, "What SACK reported is kept until it is acknowledged, and sent again after a timeout."),
    live("tcp/tail-loss-probed", rfc(8985, "7.2"), May, "Where SACK is agreed on, an acknowledgement that is overdue is asked for by one segment, before the retransmission timer."),
    live("tcp/tail-loss-probe-not-early", rfc(8985, "7.2"), Should, "A tail loss probe comes two smoothed round trips after the last segment at the earliest."),
    live("tcp/one-tail-loss-probe", rfc(8985, "7.3"), Must, "Upon a tail loss probe that nobody answers the retransmission timer follows, not another probe."),
    live("tcp/reordering-tolerated", rfc(8985, "6.2"), May, "Once segments were seen to overtake one another, what is a little late is not sent again."),
    live("tcp/lost-retransmission-found", rfc(8985, "6.2"), May, "A retransmission that is lost is sent again upon SACK of what was sent after it, before the retransmission timer."),
    live("tcp/fin-waits-for-data", rfc(9293, "3.10.4"), Must, "CLOSE sends what is queued before the FIN.").prose(),
    live("tcp/fin-prompt", rfc(2525, "2.15"), Should, "A FIN does not wait for the acknowledgement of data that is on its way."),
    live("tcp/path-mtu-obeyed", rfc(1191, "3"), Must, "After Fragmentation Needed, or Packet Too Big, no packet is larger than the path's MTU, unless routers may fragment it.").also(&[rfc(8201, "4")]),
    // Flow control.
    live("tcp/closed-window-respected-live", rfc(9293, "3.8.6"), Must, "Nothing but probes is sent into a closed window.").prose(),
    live("tcp/window-reopens", rfc(9293, "3.8.6.2.2"), Must, "An application that reads opens the window again, unasked.").prose(),
    live("tcp/first-probe-after-rto", rfc(9293, "3.8.6.1"), Should, "The first window probe comes once the window was closed for one retransmission timeout.").labels(&["SHLD-29"]),
    live("tcp/probing-never-ends", rfc(9293, "3.8.6.1"), Must, "A connection lives as long as its closed window is acknowledged.").labels(&["MUST-37"]),
    live("tcp/data-after-window-update", rfc(9293, "3.10.7.4"), Must, "An update that opens the window lets data go on at once.").prose(),
    live("tcp/shrunken-window-survived", rfc(9293, "3.8.6"), Must, "A window taken back below what is outstanding does no harm.").labels(&["MUST-34"]),
    live("tcp/no-new-data-beyond-shrunken-window", rfc(9293, "3.8.6"), Should, "No new data is sent into a window that was taken back.").labels(&["SHLD-15"]),
    // Keepalive.
    live("tcp/keepalive-off-by-default", rfc(9293, "3.8.4"), Must, "Nobody sends keepalives unless the application asks for them.").labels(&["MUST-25"]),
    live("tcp/keepalive-after-two-hours", rfc(9293, "3.8.4"), Must, "By default the first keepalive comes after two hours of silence at the earliest.").labels(&["MUST-28"]),
    live("tcp/keepalive-notices", rfc(9293, "3.8.4"), May, "With keepalives on, a peer that is gone is noticed.").labels(&["MAY-5"]),
    live("tcp/silence-harmless", rfc(9293, "3.8.4"), Must, "A connection that is idle stays open, however long.").prose(),
    // Closing.
    live("tcp/close-completes", rfc(9293, "3.6"), Must, "When both ends have closed and everything is acknowledged, the connection is closed.").prose(),
    live("tcp/reset-tells-of-lost-data", rfc(9293, "3.6.1"), Should, "An application that closes with data unread has the connection reset.").labels(&["SHLD-3"]),
    live("tcp/late-data-refused", rfc(9293, "3.6.1"), Should, "Data that arrives after the application closed for good is answered by a reset.").labels(&["SHLD-3"]),
    live("tcp/abort-resets", rfc(9293, "3.10.5"), Must, "ABORT sends a reset to a peer that knows the connection.").prose(),
    live("tcp/time-wait-lasts", rfc(9293, "3.6.1"), Must, "For twice the maximum segment lifetime of two minutes a FIN that comes again is acknowledged.").labels(&["MUST-13"]),
    live("tcp/time-wait-refuses-old-syn", rfc(9293, "3.6.1"), Must, "A SYN that may be an old duplicate does not end TIME-WAIT.").prose(),
    live("tcp/new-connection-after-close", rfc(9293, "3.6.1"), May, "A SYN above the old numbers reopens a connection in TIME-WAIT.").labels(&["MAY-2"]),
    // Urgent data.
    live("tcp/urgent-data-delivered", rfc(9293, "3.8.5"), Must, "Segments with an urgent pointer deliver their data.").labels(&["MUST-30"]).prose(),
    live("tcp/urgent-data-sent", rfc(9293, "3.8.5"), Must, "Urgent data of the application goes out with URG and a pointer.").labels(&["MUST-30"]),
    // ICMP.
    live("tcp/source-quench-ignored", rfc(9293, "3.9.2.2"), Must, "Source Quench is ignored.").labels(&["MUST-55"]),
    live("tcp/soft-error-survived", rfc(9293, "3.9.2.2"), Must, "ICMP errors that may pass do not end a connection.").labels(&["MUST-56"]),
    live("tcp/hard-error-ends-opening", rfc(9293, "3.9.2.2"), Should, "An ICMP error that will not pass ends an attempt to connect.").labels(&["SHLD-26"]),
    live("tcp/foreign-error-ignored", rfc(5927, "4.1"), May, "An ICMP error that quotes a sequence number never sent is ignored."),
    // IP and its neighbours.
    live("icmp/echo-answered", rfc(1122, "3.2.2.6"), Must, "An echo request is answered."),
    live("icmpv6/echo-answered", rfc(4443, "4.2"), Must, "An echo request is answered."),
    live("icmp/unknown-type-discarded", rfc(1122, "3.2.2"), Must, "An ICMP message of unknown type is discarded in silence."),
    live("udp/port-unreachable-sent", rfc(1122, "4.1.3.1"), Should, "A datagram to a port where nobody listens is answered by Port Unreachable.").also(&[rfc(4443, "3.1")]),
    live("ip/bad-header-checksum-dropped", rfc(1122, "3.2.1.2"), Must, "A datagram with a wrong header checksum is dropped in silence."),
    live("ip/foreign-destination-dropped", rfc(1122, "3.2.1.3"), Must, "A datagram for another host is dropped in silence."),
    live("ip/unknown-options-skipped", rfc(9293, "3.9.2"), Must, "IP options that are not known are ignored.").labels(&["MUST-50"]),
    live("ip/fragments-reassembled", rfc(1122, "3.3.2"), Must, "Fragments are put together, whatever their order."),
    live("ipv6/fragments-reassembled", rfc(8200, "4.5"), Must, "Fragments are put together, whatever their order.").prose(),
}

/// Every requirement that only live tests judge.
pub fn requirements() -> impl Iterator<Item = &'static Requirement> {
    REQUIREMENTS.iter()
}

impl Requirement {
    /// Packets alone cannot show it: only live tests judge it.
    pub fn is_live(&self) -> bool {
        REQUIREMENTS.iter().any(|one| one.id == self.id)
    }
}
