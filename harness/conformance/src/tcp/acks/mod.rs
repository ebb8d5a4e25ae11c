//! What a receiver answers: which acknowledgements, when, and the window it offers.

mod delayed;
mod duplicate_data;
mod never_back;
mod only_sent;
mod out_of_order;
mod stretch;
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
}
