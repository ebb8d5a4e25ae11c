//! How connections end.

use crate::scenario::scenarios;

scenarios! {
    abort_with_data_queued,
    conversation,
    data_after_close,
    duplicates_of_fin,
    fin_before_data_is_read,
    fin_prompt,
    fin_with_data,
    half_closed_for_long,
    old_syn_in_time_wait,
    peer_closes_first,
    reopened_in_time_wait,
    reset_with_data,
    simultaneous,
    stack_closes_first,
    time_wait_assassination,
    with_data_queued,
    with_unread_data,
}
