//! What is lost, and how it comes again.

use crate::scenario::scenarios;

scenarios! {
    blackout,
    fin_lost,
    first_measurement,
    first_of_many_lost,
    karn,
    one_late,
    one_lost,
    one_twice,
    peer_gone,
    r1_told,
    regular_loss,
    reordered_before,
    retransmission_lost,
    sacked_then_silence,
    shuffled,
    slow_path_timeout,
    slow_recovery,
    tail_lost,
    timeout_then_answer,
    two_lost,
    user_timeout,
}
