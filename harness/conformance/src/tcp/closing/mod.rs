//! FIN, half-close, TIME-WAIT, RST and what may follow it.

mod after_reset;
mod fin;
mod fin_acked;
mod half_close;
mod reopened;
mod reset_number;
mod time_wait;

crate::tcp::check::tcp_checks! {
    fin::FinOnce,
    fin::NothingBehindFin,
    fin::FinRetransmitted,
    fin_acked::FinAcked,
    half_close::HalfCloseReceives,
    time_wait::TimeWaitLingers,
    reset_number::ResetWithinWindow,
    after_reset::NothingAfterReset,
    after_reset::ResetObeyed,
    reopened::ReopenedAboveOldNumbers,
}
