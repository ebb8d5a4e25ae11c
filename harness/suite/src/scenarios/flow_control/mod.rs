//! Windows: closed, opened, small, taken back.

use crate::scenario::scenarios;

scenarios! {
    ack_at_closed_window,
    closed_from_the_start,
    duplicates_at_small_window,
    first_probe,
    large_window,
    probe_unanswered,
    reset_at_closed_window,
    small_windows,
    window_closes,
    window_taken_back,
}
