//! The handshake: order, numbers, initial sequence numbers (RFC 6528), SYN retransmission.

mod capabilities;
mod handshake;
mod isn;
mod refusal;
mod syn_timer;

crate::tcp::check::tcp_checks! {
    handshake::SynAckNumbers,
    handshake::FirstSegmentNumbers,
    handshake::SimultaneousOpen,
    isn::IsnUnpredictable,
    isn::IsnMovesOn,
    syn_timer::SynInitialRto,
    syn_timer::SynBackoff,
    refusal::ResetNumbersForSyn,
    refusal::ResetNumbersForAck,
    capabilities::UsesTimestamps,
    capabilities::UsesSack,
    capabilities::UsesWindowScale,
    capabilities::UsesFastOpen,
    capabilities::UsesMultipath,
    capabilities::UsesAuthentication,
}
