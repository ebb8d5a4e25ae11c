//! TCP options, agreed on and not.

use crate::scenario::scenarios;

scenarios! {
    anywhere,
    broken_on_syn,
    dsack,
    ecn_loss,
    ecn_marks,
    ecn_syns,
    late_window_scale,
    mss_absent,
    mss_sizes,
    paws,
    paws_reset,
    reserved_bits,
    sack_blocks,
    sack_permitted_unasked,
    timestamps_left_out,
    timestamps_unagreed,
    timestamps_wrap,
    unknown_on_syn,
    window_scale,
}
