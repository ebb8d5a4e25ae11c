//! RFC 9293 section 3.10, cell by cell: each kind of segment, call and timeout in each state. A file per event; its variants
//! are the states.

mod place;

use crate::scenario::scenarios;

scenarios! {
    ack_beyond,
    ack_old,
    bad_checksum,
    bad_options,
    call_abort,
    call_close,
    call_open_again,
    call_receive,
    call_send,
    data_in_order,
    data_overlapping,
    fin,
    fin_above_gap,
    fin_again,
    future_data,
    no_flags,
    old_data,
    rst_below,
    rst_beyond,
    rst_exact,
    rst_in_window,
    silence,
    syn_in_window,
    syn_old,
    unknown_option,
    urgent,
    xmas,
}
