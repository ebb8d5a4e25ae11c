//! Explicit congestion notification (RFC 3168). Accurate ECN (RFC 9768), which uses the same bits otherwise, is not judged.

mod echo;
mod marking;
mod negotiation;
mod window_reduced;

crate::tcp::check::tcp_checks! {
    negotiation::UsesEcn,
    negotiation::SetupSynAckOnlyIfAsked,
    marking::EctOnlyIfNegotiated,
    marking::EctNotOnSyn,
    marking::EctNotOnPureAck,
    marking::EctNotOnRetransmission,
    echo::CongestionEchoed,
    window_reduced::CwrAnswersEce,
    window_reduced::CwrOnNewDataOnly,
}

use crate::tracker::{Offer, Shared};

/// RFC 3168 section 6.1.1: an ECN-setup SYN has ECE and CWR, an ECN-setup SYN-ACK has ECE alone.
fn is_setup(offer: &Offer) -> bool {
    offer.ece && offer.cwr != offer.with_ack
}

/// Both ends agreed on ECN; none when the handshake was not seen, or SYNs were repeated (a repetition may leave ECN out).
fn agreed(shared: &Shared, mine: Option<Offer>, theirs: Option<Offer>) -> Option<bool> {
    let (mine, theirs) = mine.zip(theirs).filter(|_| shared.handshake_seen)?;
    (mine.times == 1 && theirs.times == 1).then(|| is_setup(&mine) && is_setup(&theirs))
}
