//! What a receiver answers: which acknowledgements, when, and the window it offers.

mod above_sequence;
mod delayed;
mod duplicate_data;
mod gap_fill;
mod never_back;
mod one_per_segment;
mod only_sent;
mod out_of_order;
mod stretch;
mod unacceptable;
mod window;

crate::tcp::check::tcp_checks! {
    only_sent::AckOnlySent,
    never_back::AckNeverBack,
    delayed::AckDelay,
    stretch::AckEverySecond,
    out_of_order::OutOfOrderAckedAtOnce,
    duplicate_data::OldDataAcked,
    window::WindowNotShrunk,
    window::ReceiverSws,
    gap_fill::GapFillAckedAtOnce,
    above_sequence::AboveSequenceDataKept,
    unacceptable::BeyondWindowAnswered,
    one_per_segment::OneAckPerSegment,
}
