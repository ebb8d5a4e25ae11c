//! ICMP: errors about segments, and echo.

use crate::scenario::scenarios;

scenarios! {
    echo,
    foreign_error,
    hard_error_while_opening,
    packet_too_big,
    soft_errors,
    source_quench,
    udp_port,
    unknown_type,
}
