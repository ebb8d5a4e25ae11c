//! Defences against blind attacks: challenge ACKs (RFC 5961).

mod challenge;

crate::tcp::check::tcp_checks! {
    challenge::SynChallenged,
    challenge::ResetChallenged,
}
