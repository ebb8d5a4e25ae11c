//! Connections on which nothing happens.

use crate::scenario::scenarios;

/// Settings by which a kernel finds out in seconds what takes it hours by default.
const SHORT: &[(&str, &str)] = &[
    ("net.ipv4.tcp_keepalive_time", "2"),
    ("net.ipv4.tcp_keepalive_intvl", "1"),
    ("net.ipv4.tcp_keepalive_probes", "5"),
];

scenarios! {
    answered,
    from_tester,
    off_by_default,
    unanswered,
}
