//! The retransmission timer (RFC 6298), fast retransmit (RFC 5681), SACK-based recovery (RFC 6675), RACK-TLP (RFC 8985), giving up.

mod fast_retransmit;
mod lost_data;
mod oldest_first;
mod recovery;
mod rto_backoff;
mod rto_minimum;
mod rto_not_below_rtt;
mod sacked_data;

crate::tcp::check::tcp_checks! {
    rto_minimum::RtoMinimum,
    rto_not_below_rtt::RtoNotBelowRtt,
    rto_backoff::RtoBackoff,
    oldest_first::OldestFirst,
    fast_retransmit::FastRetransmit,
    sacked_data::SackedDataNotResent,
    lost_data::LostDataRetransmitted,
    recovery::LimitedTransmit,
    recovery::NewReno,
    recovery::SackRecovery,
}
