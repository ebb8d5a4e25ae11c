//! The counts of one capture, and the columns they are printed in.

use std::collections::BTreeSet;

/// Declares the counters once: field, column and order are the same.
macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// The counts of one capture. Unless said otherwise, a count is of frames in which something occurs.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct Facts {
            pub packets: u64,
            /// Link types, by Wireshark's numbers; none for records that are no packets.
            pub encapsulations: BTreeSet<Option<u16>>,
            $($(#[$doc])* pub $name: u64,)*
            /// Kinds of TCP options that occur.
            pub option_kinds: BTreeSet<u8>,
        }

        /// The columns of [`Facts::row`].
        pub const COLUMNS: &[&str] = &["file", "packets", "encaps", $(stringify!($name),)* "tcp_opt_kinds"];

        impl Facts {
            /// One value per column; `file` is the capture as the user named it.
            pub fn row(&self, file: &str) -> Vec<String> {
                let mut row = vec![file.to_string(), self.packets.to_string(), self.encapsulations()];
                row.extend([$(self.$name),*].map(|count| count.to_string()));
                row.push(joined(self.option_kinds.iter().map(u8::to_string)));
                row
            }
        }
    };
}

counters! {
    /// Frames of which more or less was captured than was on the wire.
    truncated_frames,
    tcp_pkts,
    /// A four-tuple whose use begins anew counts anew.
    tcp_streams,
    udp_streams,
    syn,
    synack,
    fin,
    rst,
    /// In bytes, by the lengths in the headers.
    tcp_payload_bytes,
    retransmission,
    fast_retransmission,
    spurious_retransmission,
    out_of_order,
    lost_segment,
    ack_lost_segment,
    duplicate_ack,
    keep_alive,
    keep_alive_ack,
    zero_window,
    zero_window_probe,
    zero_window_probe_ack,
    window_update,
    window_full,
    reused_ports,
    bad_ip_csum,
    bad_tcp_csum,
    bad_udp_csum,
    bad_icmp_csum,
    bad_icmpv6_csum,
    /// Segments of which not every byte was captured.
    tcp_csum_unverified,
    dns_queries,
    dns_responses,
    http_requests,
    http_responses,
    ipv4_fragments,
    ipv6_fragments,
    vlan_frames,
    arp,
    icmp,
    icmpv6,
    malformed,
}

impl Facts {
    fn encapsulations(&self) -> String {
        joined(
            self.encapsulations
                .iter()
                .map(|number| number.map(|number| number.to_string()).unwrap_or_default()),
        )
    }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(",")
}
