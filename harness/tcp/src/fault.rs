//! Faults: named, deliberate deviations of the reference. For each there is a requirement that it breaks; that the checks
//! find it under that requirement, and find nothing without it, is what proves them.

/// Declares the faults: variant, name, the requirement it breaks, what it does.
macro_rules! faults {
    ($($variant:ident $name:literal $breaks:literal $does:literal,)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Fault { $(#[doc = $does] $variant),* }

        impl Fault {
            pub const ALL: &[Fault] = &[$(Fault::$variant),*];

            /// As users name it.
            pub const fn name(self) -> &'static str {
                match self { $(Fault::$variant => $name),* }
            }

            /// The requirement under which it is to be caught.
            pub const fn breaks(self) -> &'static str {
                match self { $(Fault::$variant => $breaks),* }
            }

            /// What the host does.
            pub const fn does(self) -> &'static str {
                match self { $(Fault::$variant => $does),* }
            }
        }
    };
}

faults! {
    NeverBacksOff "never-backs-off" "tcp/rto-backoff" "The retransmission timeout stays what it was.",
    ImpatientTimer "impatient-timer" "tcp/rto-minimum" "The retransmission timeout has no minimum.",
    SynNeverBacksOff "syn-never-backs-off" "tcp/syn-backoff" "SYNs are repeated every second.",
    WrongChecksum "wrong-checksum" "tcp/checksum-correct" "Every checksum is off by one.",
    ReservedBits "reserved-bits" "tcp/reserved-bits-zero" "A reserved bit is set on data.",
    MssOnData "mss-on-data" "tcp/mss-only-on-syn" "MSS is sent with every segment.",
    ShiftOf15 "shift-of-15" "tcp/window-scale-at-most-14" "A window scale of 15 is offered.",
    DropsTimestamps "drops-timestamps" "tcp/timestamps-on-every-segment" "Timestamps are agreed on, and left out on data.",
    ClockRunsBack "clock-runs-back" "tcp/tsval-monotonic" "The timestamp clock counts down.",
    WrongEcho "wrong-echo" "tcp/tsecr-valid" "TSecr is a number that nobody sent.",
    SackUnasked "sack-unasked" "tcp/sack-only-if-permitted" "SACK is sent to peers that did not permit it.",
    OldestBlockFirst "oldest-block-first" "tcp/sack-first-block-newest" "SACK blocks stand in the order in which they came.",
    NoSackOption "no-sack-option" "tcp/sack-sent-for-queued-data" "SACK is permitted both ways, and sent on every other acknowledgement only.",
    HugeInitialWindow "huge-initial-window" "tcp/initial-window" "The initial window is 60 segments.",
    NoFastRetransmit "no-fast-retransmit" "tcp/fast-retransmit" "Duplicate acknowledgements are passed over.",
    FloodsAfterTimeout "floods-after-timeout" "tcp/one-segment-after-timeout" "A timeout leaves the congestion window as it was.",
    IgnoresWindow "ignores-window" "tcp/within-peer-window" "Data is sent beyond the peer's window.",
    IgnoresMss "ignores-mss" "tcp/effective-send-mss" "Segments are as large as the MTU allows, whatever the peer announced.",
    AcknowledgesLate "acknowledges-late" "tcp/ack-delay-below-500ms" "Acknowledgements are delayed by 900 ms.",
    AcknowledgesSeldom "acknowledges-seldom" "tcp/ack-every-second-segment" "Every sixth segment is acknowledged.",
    NoDuplicateAcks "no-duplicate-acks" "tcp/out-of-order-acked-at-once" "What arrives above a gap is acknowledged late.",
    ShrinksWindow "shrinks-window" "tcp/window-not-shrunk" "The right edge of the window moves back.",
    SillyWindow "silly-window" "tcp/receiver-avoids-silly-window" "Every octet that is read opens the window.",
    NeverPushes "never-pushes" "tcp/push-on-last-segment" "PSH is never set.",
    ProbesSteadily "probes-steadily" "tcp/window-probe-backoff" "Window probes come every second.",
    ClosesOverUnreadData "closes-over-unread-data" "tcp/reset-tells-of-lost-data" "CLOSE with data unread is an orderly close.",
    ResendsOtherOctets "resends-other-octets" "tcp/retransmission-same-octets" "Retransmissions carry other data.",
}

/// A set of faults; empty in ordinary use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults(u64);

impl Faults {
    pub const fn one(fault: Fault) -> Faults {
        Faults(1 << fault as u64)
    }

    #[inline]
    pub const fn has(self, fault: Fault) -> bool {
        self.0 >> fault as u64 & 1 == 1
    }
}
