//! What a sender sends: the peer's window, the same octets again, ACK, urgent data.

mod ack_bit;
mod push;
mod same_octets;
mod silly_window;
mod urgent;
mod window;

crate::tcp::check::tcp_checks! {
    ack_bit::AckAlwaysSet,
    window::WithinWindow,
    same_octets::RetransmissionSameOctets,
    urgent::UrgentPointerAhead,
    push::PushOnLastSegment,
    silly_window::SenderAvoidsSillyWindow,
}
