//! Data on its way, both ways.

use crate::scenario::scenarios;

scenarios! {
    any_order,
    both_ways_at_once,
    bulk,
    large_write,
    many_holes,
    many_segments,
    numbers_wrap,
    one_segment,
    overlaps,
    plain_peer,
    reader_is_slow,
    request_and_answer,
    small_write,
    small_writes_nagle,
    urgent,
    urgent_out,
    window_filled,
}
