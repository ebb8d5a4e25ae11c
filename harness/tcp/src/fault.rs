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
    ScaleOnData "scale-on-data" "tcp/window-scale-only-on-syn" "Data carries a window scale.",
    PermitsSackOnData "permits-sack-on-data" "tcp/sack-permitted-only-on-syn" "Data carries SACK-permitted.",
    UnaskedScale "unasked-scale" "tcp/window-scale-only-if-offered" "A SYN-ACK carries a window scale that nobody offered.",
    UnaskedTimestamps "unasked-timestamps" "tcp/timestamps-only-if-offered" "A SYN-ACK carries timestamps that nobody offered.",
    AnnouncesNoMss "announces-no-mss" "tcp/mss-announced" "SYNs carry no MSS.",
    AnnouncesHugeMss "announces-huge-mss" "tcp/mss-fits-datagram" "An MSS of 65535 is announced.",
    BrokenOption "broken-option" "tcp/option-length-correct" "Data carries a SACK option of nine octets.",
    DirtyPadding "dirty-padding" "tcp/options-padded-with-zero" "The options of data are padded with ones.",
    EchoesOnSyn "echoes-on-syn" "tcp/tsecr-zero-without-ack" "The first SYN has a TSecr.",
    AcknowledgesSynTwice "acknowledges-syn-twice" "tcp/syn-ack-acknowledges-syn" "A SYN-ACK acknowledges an octet behind the SYN.",
    SkipsANumber "skips-a-number" "tcp/handshake-completed-in-sequence" "The handshake is completed one number too far.",
    LeavesAckOut "leaves-ack-out" "tcp/ack-always-set" "Data carries no acknowledgement.",
    UrgentPointerZero "urgent-pointer-zero" "tcp/urgent-pointer-ahead" "URG comes with a pointer of zero.",
    AcknowledgesAhead "acknowledges-ahead" "tcp/ack-only-received" "Acknowledgements run 400 octets ahead.",
    AcknowledgesBack "acknowledges-back" "tcp/ack-never-back" "Data acknowledges less than was acknowledged before.",
    AcceptsEcnUnasked "accepts-ecn-unasked" "tcp/ecn-accepted-only-if-offered" "A SYN-ACK accepts ECN that nobody offered.",
    EctUnagreed "ect-unagreed" "tcp/ect-only-if-agreed" "Data is sent as ECN-capable, agreed or not.",
    EctOnSyn "ect-on-syn" "tcp/ect-not-on-syn" "SYNs are sent as ECN-capable.",
    EctOnAck "ect-on-ack" "tcp/ect-not-on-pure-ack" "Acknowledgements are sent as ECN-capable.",
    EctOnResend "ect-on-resend" "tcp/ect-not-on-retransmission" "Retransmissions are sent as ECN-capable.",
    CwrOnResend "cwr-on-resend" "tcp/cwr-on-new-data-only" "Retransmissions carry CWR.",
    NeverReduces "never-reduces" "tcp/cwr-answers-ece" "CWR is never sent.",
    SwallowsCongestion "swallows-congestion" "tcp/congestion-echoed" "ECE is never sent.",
    FinMoves "fin-moves" "tcp/fin-at-one-place" "A FIN that comes again stands one number further.",
    DataBehindFin "data-behind-fin" "tcp/no-data-behind-fin" "An octet follows the FIN.",
    ResetsFarAway "resets-far-away" "tcp/reset-within-window" "ABORT resets far beyond the window.",
    ResetWithoutTimestamps "reset-without-timestamps" "tcp/rst-carries-timestamps" "Resets carry no timestamps.",
    SackBackwards "sack-backwards" "tcp/sack-blocks-well-formed" "SACK blocks have their edges swapped.",
    SackInvents "sack-invents" "tcp/sack-covers-received-data" "SACK reports data that never came.",
    SackBelowAck "sack-below-ack" "tcp/sack-not-below-ack" "The last SACK block lies below the acknowledgement.",
    OneSackBlock "one-sack-block" "tcp/sack-as-many-blocks-as-fit" "A SACK option has one block at most.",
    ForgetsSackBlocks "forgets-sack-blocks" "tcp/sack-repeats-recent-blocks" "SACK blocks are reported once.",
    LoneDuplicate "lone-duplicate" "tcp/dsack-followed-by-its-block" "A D-SACK stands without the block that holds the duplicate.",
    KeepaliveWithData "keepalive-with-data" "tcp/keepalive-without-data" "Keepalives carry an octet.",
    TimestampsRace "timestamps-race" "tcp/tsval-clock-rate" "The timestamp clock ticks every microsecond.",
    AcknowledgesOften "acknowledges-often" "tcp/one-ack-per-segment" "Every acknowledgement is sent five times.",
    RefusesOddly "refuses-oddly" "tcp/refusal-of-syn" "A SYN is refused with sequence number one.",
    RefusesWithoutNumber "refuses-without-number" "tcp/listener-refuses-ack" "A reset that answers an acknowledgement has sequence number zero.",
    IpChecksumWrong "ip-checksum-wrong" "ip/header-checksum-correct" "The IPv4 header checksum is off by one.",
    TtlZero "ttl-zero" "ip/ttl-not-zero" "The TTL is zero.",
    ReservedIpFlag "reserved-ip-flag" "ip/reserved-flag-zero" "The reserved IPv4 flag is set.",
    IcmpChecksumWrong "icmp-checksum-wrong" "icmp/checksum-correct" "ICMP checksums are off by one.",
    EchoesHalf "echoes-half" "icmp/echo-reply-carries-data" "Echo replies carry half the data.",
    EchoSilent "echo-silent" "icmp/echo-answered" "Echo requests over IPv4 are not answered.",
    EchoSilentV6 "echo-silent-v6" "icmpv6/echo-answered" "Echo requests over IPv6 are not answered.",
    QuotesLittle "quotes-little" "icmp/error-quotes-enough" "ICMP errors quote the IP header alone.",
    UdpSilent "udp-silent" "udp/port-unreachable-sent" "A closed UDP port says nothing.",
    AnswersUnknownIcmp "answers-unknown-icmp" "icmp/unknown-type-discarded" "ICMP messages of unknown type come back.",
    QuenchesSources "quenches-sources" "icmp/no-source-quench" "Echo requests are answered by Source Quench.",
    TakesDamaged "takes-damaged" "tcp/damage-ignored" "TCP checksums are not verified.",
    TakesDamagedIp "takes-damaged-ip" "ip/bad-header-checksum-dropped" "IPv4 header checksums are not verified.",
    TakesForeign "takes-foreign" "ip/foreign-destination-dropped" "Packets for other hosts are taken.",
    NoReassembly "no-reassembly" "ip/fragments-reassembled" "Fragments are dropped.",
    NoReassemblyV6 "no-reassembly-v6" "ipv6/fragments-reassembled" "IPv6 fragments are dropped.",
    DropsIpOptions "drops-ip-options" "ip/unknown-options-skipped" "Datagrams with IP options are dropped.",
    ResetsUnknownOptions "resets-unknown-options" "tcp/unknown-options-skipped" "A segment with an option that is not known is dropped.",
    DiesOfBrokenOptions "dies-of-broken-options" "tcp/broken-options-survived" "A segment with a broken option ends the connection without a word.",
    MisreadsShiftedOptions "misreads-shifted-options" "tcp/options-anywhere" "Options behind a no-operation are not read.",
    MisreadsEndOfList "misreads-end-of-list" "tcp/basic-options-understood" "The options of a list that is ended are not read.",
    LateScaleTaken "late-scale-taken" "tcp/late-window-scale-ignored" "A window scale on any segment counts.",
    ShiftsBy15 "shifts-by-15" "tcp/shift-above-14-counts-as-14" "A window scale of 15 counts as none.",
    NeverScales "never-scales" "tcp/scaled-window-used" "The peer is not believed to scale.",
    SignedWindows "signed-windows" "tcp/unscaled-window-unsigned" "Windows above 32767 count as zero.",
    TakesUnstamped "takes-unstamped" "tcp/segment-without-timestamps-dropped" "Segments without the agreed timestamps are taken.",
    DiesUnstamped "dies-unstamped" "tcp/segment-without-timestamps-harmless" "A segment without the agreed timestamps ends the connection.",
    DropsUnagreedStamps "drops-unagreed-stamps" "tcp/unagreed-timestamps-ignored" "Segments with timestamps that were not agreed on are dropped.",
    NoPaws "no-paws" "tcp/old-timestamp-dropped" "Old timestamps are taken.",
    SilentPaws "silent-paws" "tcp/paws-old-segment-acked" "What is dropped for its timestamp is not answered.",
    PawsOnResets "paws-on-resets" "tcp/paws-spares-resets" "Resets with old timestamps, or none, are dropped.",
    StampsDoNotWrap "stamps-do-not-wrap" "tcp/timestamps-wrap" "Timestamps are compared as plain numbers.",
    NumbersDoNotWrap "numbers-do-not-wrap" "tcp/numbers-wrap" "Sequence numbers are compared as plain numbers.",
    ObeysAnyReset "obeys-any-reset" "tcp/reset-challenged" "A reset anywhere in the window counts.",
    ObeysOutsideResets "obeys-outside-resets" "tcp/outside-reset-ignored" "A reset anywhere counts.",
    IgnoresResets "ignores-resets" "tcp/reset-told" "Resets are ignored.",
    IgnoresDataResets "ignores-data-resets" "tcp/reset-with-data-obeyed" "Resets that carry data are ignored.",
    IgnoresResetsWhenFull "ignores-resets-when-full" "tcp/reset-at-closed-window-obeyed" "While the window is closed resets are ignored.",
    SynKills "syn-kills" "tcp/syn-challenged" "A SYN within the window resets the connection.",
    SilentOutside "silent-outside" "tcp/unacceptable-answered" "What lies outside the window is not answered.",
    SilentBeyond "silent-beyond" "tcp/ack-of-unsent-answered" "An acknowledgement of what was never sent is not answered.",
    NeverThrottles "never-throttles" "tcp/challenges-throttled" "Challenge ACKs have no limit.",
    TakesStaleAcks "takes-stale-acks" "tcp/stale-ack-data-discarded" "Data is taken however old its acknowledgement is.",
    NeedsNoAck "needs-no-ack" "tcp/segment-without-ack-dropped" "Segments without ACK are taken.",
    DropsOutOfOrder "drops-out-of-order" "tcp/above-sequence-data-kept" "What arrives above a gap is dropped.",
    FillsGapsQuietly "fills-gaps-quietly" "tcp/gap-fill-acked-at-once" "What fills a gap is acknowledged late.",
    CorruptsData "corrupts-data" "tcp/data-delivered" "The third octet of every segment arrives changed.",
    DropsUrgent "drops-urgent" "tcp/urgent-data-delivered" "Segments with URG lose their data.",
    OldAckKills "old-ack-kills" "tcp/old-ack-harmless" "An old acknowledgement ends the connection.",
    NoSimultaneousOpen "no-simultaneous-open" "tcp/simultaneous-open-completes" "A SYN in SYN-SENT is ignored.",
    TrustsAnySynAck "trusts-any-syn-ack" "tcp/wrong-ack-of-syn-reset" "A SYN-ACK with a wrong number is passed over.",
    AnyResetRefuses "any-reset-refuses" "tcp/reset-in-syn-sent-needs-ack" "In SYN-SENT any reset counts.",
    SilentInHandshake "silent-in-handshake" "tcp/wrong-ack-in-handshake-reset" "In SYN-RECEIVED a wrong acknowledgement is passed over.",
    ListenerAnswersResets "listener-answers-resets" "tcp/listener-ignores-reset" "A listener answers resets.",
    ListenerPassesAcks "listener-passes-acks" "tcp/listener-refuses-ack" "A listener passes over acknowledgements.",
    ClosedIsSilent "closed-is-silent" "tcp/closed-refuses" "A closed port says nothing.",
    ListensOnce "listens-once" "tcp/several-from-listener" "A listener takes one connection.",
    ListeningKills "listening-kills" "tcp/listening-leaves-connections" "Listening on another port ends what is open.",
    CallsGroups "calls-groups" "tcp/open-to-group-fails" "Connections to groups are tried.",
    AnswersGroups "answers-groups" "tcp/syn-from-group-ignored" "SYNs from groups are answered.",
    HearsGroups "hears-groups" "tcp/syn-to-group-ignored" "SYNs to groups are answered.",
    TellsOfHalfOpen "tells-of-half-open" "tcp/passive-open-returns-to-listen" "A half-open connection that was reset ends its listener.",
    SynOnce "syn-once" "tcp/syn-retried" "SYNs are sent once.",
    SynGivesUpSoon "syn-gives-up-soon" "tcp/r2-of-syn" "A SYN is tried for ten seconds.",
    BacklogFills "backlog-fills" "tcp/flood-survived" "With its backlog full a listener takes nobody.",
    ConstantIsn "constant-isn" "tcp/isn-clock-driven" "Every connection begins with the same number.",
    CountingIsn "counting-isn" "tcp/isn-unpredictable" "Each connection begins 64000 above the one before.",
    SameClockForAll "same-clock-for-all" "tcp/timestamp-offset-random" "All connections have one timestamp clock.",
    RefusesOddEcn "refuses-odd-ecn" "tcp/odd-ecn-syns-understood" "A SYN with one ECN flag is ignored.",
    ImpatientSyn "impatient-syn" "tcp/initial-rto" "The first timeout of a SYN is 300 ms.",
    LateSynFlood "late-syn-flood" "tcp/one-segment-after-syn-loss" "A lost SYN leaves the initial window as it was.",
    RefusalUntold "refusal-untold" "tcp/refusal-told" "A refused connection looks closed.",
    SmallSegments "small-segments" "tcp/full-sized-segments" "Segments carry half an MSS.",
    HoldsSmallWrites "holds-small-writes" "tcp/small-write-goes-out" "Less than a segment never goes out.",
    NoNagle "no-nagle" "tcp/nagle" "Small writes never wait.",
    AlwaysNagle "always-nagle" "tcp/nagle-can-be-off" "Small writes always wait.",
    FixedTimeout "fixed-timeout" "tcp/first-measurement" "The timeout is eight seconds, whatever was measured.",
    ForgetsBackoff "forgets-backoff" "tcp/backoff-kept-until-measured" "Any new acknowledgement takes back-off back.",
    NeverGivesUp "never-gives-up" "tcp/gives-up" "R2 is never over.",
    GivesUpSoon "gives-up-soon" "tcp/r2-at-least-100s" "R2 is ten seconds.",
    ForgetsSacked "forgets-sacked" "tcp/sacked-data-kept" "What SACK reported is never sent again.",
    ResendsSecond "resends-second" "tcp/timeout-recovers" "A timeout sends the second segment first.",
    NeverResends "never-resends" "tcp/timeout-recovers" "Nothing is ever retransmitted.",
    FinWaits "fin-waits" "tcp/fin-prompt" "A FIN waits until all data is acknowledged.",
    FinOnce "fin-once" "tcp/fin-retransmitted" "A FIN is sent once.",
    IgnoresTooBig "ignores-too-big" "tcp/path-mtu-obeyed" "Packet Too Big is ignored.",
    SillySender "silly-sender" "tcp/sender-avoids-silly-window" "Every window is filled at once.",
    GrowsTooFast "grows-too-fast" "tcp/slow-start-bound" "The congestion window grows threefold per acknowledgement.",
    NoRestart "no-restart" "tcp/restart-window-after-idle" "A pause leaves the congestion window as it was.",
    NoReduction "no-reduction" "tcp/window-reduced-after-loss" "A loss leaves the congestion window as it was.",
    FillsClosedWindow "fills-closed-window" "tcp/closed-window-respected-live" "Probes are whole segments.",
    NeverProbes "never-probes" "tcp/zero-window-probed" "A closed window is never probed.",
    ProbesAtOnce "probes-at-once" "tcp/first-probe-after-rto" "A closed window is probed at once.",
    ProbingGivesUp "probing-gives-up" "tcp/probing-never-ends" "A window closed for two minutes ends the connection.",
    WaitsForProbe "waits-for-probe" "tcp/data-after-window-update" "A window update lets nothing go.",
    ProbeUnanswered "probe-unanswered" "tcp/window-probe-answered" "While the window is closed nothing is answered.",
    ReopensSilently "reopens-silently" "tcp/window-reopens" "An application that reads has no window sent.",
    DiesOfShrinking "dies-of-shrinking" "tcp/shrunken-window-survived" "A window taken back ends the connection.",
    IgnoresShrinking "ignores-shrinking" "tcp/no-new-data-beyond-shrunken-window" "A window taken back counts as before.",
    KeepaliveUnasked "keepalive-unasked" "tcp/keepalive-off-by-default" "Keepalives are on.",
    KeepaliveEarly "keepalive-early" "tcp/keepalive-after-two-hours" "Keepalives come after ten minutes.",
    KeepaliveHasty "keepalive-hasty" "tcp/keepalive-loss-not-fatal" "One unanswered keepalive ends the connection.",
    KeepaliveNever "keepalive-never" "tcp/keepalive-notices" "Keepalives are never sent.",
    KeepaliveBusy "keepalive-busy" "tcp/keepalive-only-when-idle" "Keepalives follow 100 ms after every segment.",
    KeepalivesPassedOver "keepalives-passed-over" "tcp/keepalive-answered" "Keepalives are not answered.",
    SilenceKills "silence-kills" "tcp/silence-harmless" "Ten minutes of silence end a connection.",
    FinUntold "fin-untold" "tcp/end-told" "The application does not hear of the peer's FIN.",
    ResetLooksClosed "reset-looks-closed" "tcp/reset-told" "A reset looks like an orderly close.",
    NoHalfClose "no-half-close" "tcp/half-close-usable" "After CLOSE nothing more is received.",
    FinPassedOver "fin-passed-over" "tcp/fin-acknowledged" "A FIN is not acknowledged.",
    ShortTimeWait "short-time-wait" "tcp/time-wait-lasts" "TIME-WAIT lasts a second.",
    TimeWaitTakesOldSyn "time-wait-takes-old-syn" "tcp/time-wait-refuses-old-syn" "In TIME-WAIT any SYN opens a connection.",
    TimeWaitAssassinated "time-wait-assassinated" "tcp/time-wait-survives-reset" "A reset ends TIME-WAIT.",
    TimeWaitRefuses "time-wait-refuses" "tcp/new-connection-after-close" "In TIME-WAIT no SYN opens a connection.",
    ReopensBelow "reopens-below" "tcp/reopened-above-old-numbers" "A connection reopened from TIME-WAIT begins below the old numbers.",
    SilentAbort "silent-abort" "tcp/abort-resets" "ABORT sends nothing.",
    TalksAfterReset "talks-after-reset" "tcp/nothing-after-reset" "ABORT sends its reset, and goes on with the connection.",
    SwallowsLateData "swallows-late-data" "tcp/late-data-refused" "Data for nobody is acknowledged.",
    NeverCloses "never-closes" "tcp/close-completes" "The acknowledgement of a FIN is not noticed.",
    QuenchKills "quench-kills" "tcp/source-quench-ignored" "Source Quench ends the connection.",
    SoftErrorKills "soft-error-kills" "tcp/soft-error-survived" "Any ICMP error ends the connection.",
    HardErrorIgnored "hard-error-ignored" "tcp/hard-error-ends-opening" "Port Unreachable is ignored.",
    ForeignErrorKills "foreign-error-kills" "tcp/foreign-error-ignored" "An ICMP error counts whatever it quotes.",
    ClosesOverUnreadData "closes-over-unread-data" "tcp/reset-tells-of-lost-data" "CLOSE with data unread is an orderly close.",
    NeverProbesTail "never-probes-tail" "tcp/tail-loss-probed" "The tail of a flight is never probed.",
    ProbesTailEarly "probes-tail-early" "tcp/tail-loss-probe-not-early" "A tail loss probe comes after half a round trip.",
    ProbesTailAgain "probes-tail-again" "tcp/one-tail-loss-probe" "Tail loss probes follow one another, unanswered.",
    ForgetsReordering "forgets-reordering" "tcp/reordering-tolerated" "The reordering window of RACK is never anything but zero.",
    TrustsRetransmissions "trusts-retransmissions" "tcp/lost-retransmission-found" "What was sent again is never taken for lost, but by the timer.",
    DropsTextOfSyn "drops-text-of-syn" "tcp/text-of-syn-kept" "Data on a SYN is dropped.",
    IgnoresUserTimeout "ignores-user-timeout" "tcp/user-timeout-kept" "The application's user timeout is ignored.",
    HidesUserTimeout "hides-user-timeout" "tcp/user-timeout-told" "The user timeout option is never sent.",
    PeerSetsUserTimeout "peer-sets-user-timeout" "tcp/user-timeout-not-overridden" "The peer prolongs a timeout that the application has set.",
    DeafToUserTimeout "deaf-to-user-timeout" "tcp/user-timeout-adapted" "The peer's user timeout option is ignored.",
    R1Untold "r1-untold" "tcp/r1-told" "The application does not hear that R1 was reached.",
    FloodEvicts "flood-evicts" "tcp/flood-spares-half-open" "With its queue full a listener forgets the oldest half-open connection.",
    TrustsAnyCookie "trusts-any-cookie" "tcp/listener-refuses-ack" "After a flood any acknowledgement opens a connection.",
    ResendsOtherOctets "resends-other-octets" "tcp/retransmission-same-octets" "Retransmissions carry other data.",
}

/// A set of faults; empty in ordinary use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults([u64; 4]);

impl Faults {
    pub const fn one(fault: Fault) -> Faults {
        let mut words = [0; 4];
        words[fault as usize / 64] = 1 << (fault as usize % 64);
        Faults(words)
    }

    #[inline]
    pub const fn has(self, fault: Fault) -> bool {
        self.0[fault as usize / 64] >> (fault as usize % 64) & 1 == 1
    }

    /// No fault at all: what an ordinary host has.
    #[inline]
    pub const fn none(self) -> bool {
        self.0[0] | self.0[1] | self.0[2] | self.0[3] == 0
    }
}
