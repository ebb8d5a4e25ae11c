//! How connections begin, and how they fail to.

use crate::scenario::scenarios;

scenarios! {
    ack_in_syn_sent,
    closed_port,
    data_on_syn,
    data_with_handshake_ack,
    flood,
    flood_meanwhile,
    many_at_once,
    ordinary_handshake,
    reset_in_syn_sent,
    reset_then_connection,
    pushed_before_syn_ack,
    same_port_again,
    simultaneous_open,
    syn_ack_lost,
    syn_ack_unanswered,
    syn_ack_wrong,
    syn_from_group,
    syn_lost,
    syn_refused,
    syn_to_group,
    syn_unanswered,
    text_of_syn,
    to_group,
}
