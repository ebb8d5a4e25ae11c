//! How much is on its way at once.

use crate::scenario::scenarios;

scenarios! {
    ack_of_written,
    acks_of_the_future,
    after_idle,
    after_timeout,
    slow_start,
    tiny_acks,
}
