//! Keepalives (RFC 9293 section 3.8.4).

mod answered;
mod form;
mod idle;

crate::tcp::check::tcp_checks! {
    form::KeepaliveWithoutData,
    idle::KeepaliveOnlyWhenIdle,
    idle::KeepaliveLossNotFatal,
    answered::KeepaliveAnswered,
}
