//! Where our counts are not tshark 4.0.17's, and why.

/// A reason; the files it holds for, each with what we count instead (`column=value`, separated by blanks).
pub type Difference = (&'static str, &'static [(&'static str, &'static str)]);

pub const DIFFERENCES: &[Difference] = &[
    (
        "An IP length of 0 (BIG TCP): tshark 4.0 calls the packet malformed, we read to the frame's end. Its checksums were left to hardware.",
        &[
            (
                "tcpdump/bigtcp-ipv4-geneve-ipv4.pcap",
                "tcp_pkts=1 tcp_streams=1 udp_streams=1 tcp_payload_bytes=80000 bad_tcp_csum=1 tcp_opt_kinds=1,8",
            ),
            (
                "tcpdump/bigtcp-ipv4-geneve-ipv6.pcap",
                "tcp_pkts=1 tcp_streams=1 udp_streams=1 tcp_payload_bytes=80000 bad_tcp_csum=1 tcp_opt_kinds=1,8",
            ),
            (
                "tcpdump/bigtcp-ipv4-vxlan-ipv4.pcap",
                "tcp_pkts=1 tcp_streams=1 udp_streams=1 tcp_payload_bytes=80000 bad_tcp_csum=1 bad_udp_csum=1 tcp_opt_kinds=1,8",
            ),
            (
                "tcpdump/bigtcp-ipv4-vxlan-ipv6.pcap",
                "tcp_pkts=1 tcp_streams=1 udp_streams=1 tcp_payload_bytes=79924 bad_tcp_csum=1 bad_udp_csum=1 tcp_opt_kinds=1,8",
            ),
            (
                "tcpdump/bigtcp-ipv6-geneve-ipv4.pcap",
                "tcp_pkts=1 tcp_streams=1 udp_streams=1 tcp_payload_bytes=80000 bad_tcp_csum=1 bad_udp_csum=1 tcp_opt_kinds=1,8",
            ),
            (
                "tcpdump/bigtcp-ipv6-geneve-ipv6.pcap",
                "tcp_pkts=1 tcp_streams=1 udp_streams=1 tcp_payload_bytes=80000 bad_tcp_csum=1 bad_udp_csum=1 tcp_opt_kinds=1,8",
            ),
            (
                "tcpdump/bigtcp-ipv6-vxlan-ipv4.pcap",
                "tcp_pkts=1 tcp_streams=1 udp_streams=1 tcp_payload_bytes=80000 bad_tcp_csum=1 bad_udp_csum=1 tcp_opt_kinds=1,8",
            ),
            (
                "tcpdump/bigtcp-ipv6-vxlan-ipv6.pcap",
                "tcp_pkts=1 tcp_streams=1 udp_streams=1 tcp_payload_bytes=80000 bad_tcp_csum=1 bad_udp_csum=1 tcp_opt_kinds=1,8",
            ),
            (
                "tcpdump/bigtcp-ipv6.pcap",
                "tcp_pkts=1 tcp_streams=1 tcp_payload_bytes=79968 bad_tcp_csum=1 tcp_opt_kinds=1,8",
            ),
        ],
    ),
    (
        "Apple's PKTAP has no reader in `wire`.",
        &[
            ("tcpdump/LINKTYPE_PKTAP.pcap", "udp_streams=0 dns_queries=0"),
            ("tcpdump/LINKTYPE_USER2_PKTAP.pcap", "udp_streams=0 dns_queries=0"),
        ],
    ),
    (
        "MACsec (IEEE 802.1AE) has no reader in `wire`.",
        &[(
            "tcpdump/icmp-rfc8335-missing-bytes.pcap",
            "bad_ip_csum=0 bad_icmp_csum=0 icmp=0",
        )],
    ),
    (
        "LISP carries packets in UDP; it has no reader in `wire`.",
        &[
            ("PcapPlusPlus/ipv6.dmp", "udp_streams=26 icmp=0"),
            ("PcapPlusPlus/ipv6.pcapng", "udp_streams=26 icmp=0"),
        ],
    ),
    (
        "sFlow quotes packets in UDP; it has no reader in `wire`.",
        &[(
            "PcapPlusPlus/tcp-reassembly.pcap",
            "tcp_pkts=65 tcp_streams=1 udp_streams=1 tcp_csum_unverified=0 tcp_opt_kinds=1,2,3,4",
        )],
    ),
    (
        "GTP, NSH, Cisco metadata, and AH in IPv4 have no reader in `wire`.",
        &[(
            "arkime/arkime_synthetic.pcap",
            "udp_streams=99 dns_queries=25 dns_responses=22 http_requests=24 icmp=19",
        )],
    ),
    (
        "Ethernet as the payload of IPv6 (protocol 143) has no reader in `wire`.",
        &[("tcpdump/ipv6-srh-ipproto-ether.pcap", "icmpv6=0")],
    ),
    (
        "The address family 0x0008000f is none that we know; tshark finds IP behind it.",
        &[("PcapPlusPlus/null_loopback.pcap", "udp_streams=1 dns_responses=0")],
    ),
    (
        "tshark ends at the file header where it cannot dissect the link type. We deliver the frames.",
        &[
            ("tcpdump/frf16_magic_ie-oobr.pcap", "packets=1 truncated_frames=1"),
            ("tcpdump/kday6.pcap", "packets=1 truncated_frames=1"),
        ],
    ),
    (
        "The second record header is garbage. tshark 4.0 takes it for the variant with longer headers and shows a second frame; we end after the first.",
        &[(
            "suricata-verify/bug-6875-01__fuzz.pcap",
            "packets=1 truncated_frames=0 bad_ip_csum=1",
        )],
    ),
    (
        "RFC 5722 section 4: an IPv6 datagram with overlapping fragments is dropped. tshark joins it all the same.",
        &[
            (
                "suricata-verify/ipv6-evasion__ipv6-malformed-fragments-17__frag-17.pcap",
                "bad_icmpv6_csum=0 icmpv6=9",
            ),
            (
                "suricata-verify/ipv6-evasion__ipv6-malformed-fragments-18__frag-18.pcap",
                "icmpv6=9",
            ),
            (
                "suricata-verify/ipv6-evasion__ipv6-malformed-fragments-1__frag-1.pcap",
                "bad_icmpv6_csum=0 icmpv6=9",
            ),
            (
                "suricata-verify/ipv6-evasion__ipv6-malformed-fragments-28__frag-28.pcap",
                "icmpv6=9",
            ),
            (
                "suricata-verify/ipv6-evasion__ipv6-malformed-fragments-29__frag-29.pcap",
                "bad_icmpv6_csum=0 icmpv6=7",
            ),
            (
                "suricata-verify/ipv6-evasion__ipv6-malformed-fragments-2__frag-2.pcap",
                "icmpv6=7",
            ),
            (
                "suricata-verify/ipv6-evasion__ipv6-malformed-fragments-35__frag-35.pcap",
                "bad_icmpv6_csum=0 icmpv6=10",
            ),
            (
                "suricata-verify/ipv6-evasion__ipv6-malformed-fragments-36__frag-36.pcap",
                "bad_icmpv6_csum=0 icmpv6=8",
            ),
            (
                "suricata-verify/ipv6-evasion__ipv6-malformed-fragments-3__frag-3.pcap",
                "icmpv6=7",
            ),
            (
                "suricata-verify/ipv6-evasion__ipv6-malformed-fragments-4__frag-4.pcap",
                "bad_icmpv6_csum=0 icmpv6=9",
            ),
            (
                "suricata-verify/ipv6-evasion__ipv6-malformed-fragments-6__frag-6.pcap",
                "icmpv6=7",
            ),
            (
                "suricata-verify/ipv6-evasion__ipv6-malformed-fragments-7__frag-7.pcap",
                "bad_icmpv6_csum=0 icmpv6=7",
            ),
            (
                "suricata-verify/ipv6-evasion__ipv6-malformed-fragments-8__frag-8.pcap",
                "icmpv6=7",
            ),
        ],
    ),
    (
        "The last fragment ends before others do: we drop it as inconsistent, tshark joins what fits.",
        &[
            ("filesamples/teardrop.pcap", "udp_streams=1"),
            ("zeek/ipv4__fragmented-1.pcap", "udp_streams=0"),
        ],
    ),
    (
        "Which octets of overlapping IPv4 fragments stand RFC 791 leaves open: tshark chose others than we.",
        &[("zeek/ipv4__fragmented-4.pcap", "bad_tcp_csum=0 http_requests=0")],
    ),
    (
        "tshark 4.0 reads no VLAN tag behind a cooked header of version 2.",
        &[(
            "PcapFlowLab/linux_cooked__08_sll2_vlan_ipv6_tcp_unsupported.pcap",
            "vlan_frames=1",
        )],
    ),
    (
        "The VLAN tag is cut behind two octets: tshark shows what there is of it.",
        &[("PcapFlowLab/vlan__10_vlan_truncated_tag.pcap", "vlan_frames=0")],
    ),
    (
        "An IEEE 802.1ad tag, which is a VLAN tag to us; tshark gives it a name of its own.",
        &[("tcpdump/arp-too-long-tha.pcap", "vlan_frames=1")],
    ),
    (
        "ATM ARP (RFC 2225) that tshark cannot read; we read it as ARP.",
        &[("tcpdump/arp-oobr.pcap", "arp=2282")],
    ),
    (
        "The IPv4 header cannot be read to its end: tshark shows the flags that it has, we count nothing of such a header.",
        &[
            ("PcapPlusPlus/ip4_bad_fragment.pcap", "ipv4_fragments=0"),
            ("tcpdump/ip_printroute_asan.pcap", "ipv4_fragments=0"),
            ("zeek/trunc__mpls-6in6-broken.pcap", "ipv4_fragments=0"),
        ],
    ),
    (
        "An IPv6 payload length of 0: tshark finds no room for what follows, we read to the frame's end.",
        &[
            ("tcpdump/icmpv6-length-zero.pcapng", "bad_icmpv6_csum=1 icmpv6=1"),
            ("tcpdump/ipv6_frag6_negative_len.pcap", "ipv6_fragments=1"),
        ],
    ),
    (
        "The link type says IPv6, the version 4: we go by the version, tshark by the link type.",
        &[("tcpdump/LINKTYPE_IPV6_invalid.pcap", "udp_streams=1 dns_queries=1")],
    ),
    (
        "tshark shows SLIP as data.",
        &[("tcpdump/icmp6_nodeinfo_oobr.pcap", "icmpv6=1")],
    ),
    (
        "tshark gives up at the MPTCP option, before the end of the options.",
        &[("tcpdump/mptcp-dss-oobr.pcap", "tcp_opt_kinds=0,2,4,8,30")],
    ),
    (
        "Destination options that run beyond their header, or a home address of the wrong length: tshark stops there or takes the address all the same.",
        &[("zeek/ipv6-mobility-dst-opts.pcap", "bad_udp_csum=2")],
    ),
    (
        "The packet is quoted in an option of Neighbour Discovery (RFC 4861 section 4.6.3), which is not stepped into.",
        &[("zeek/icmp__icmp6-redirect-hdr-opt.pcap", "udp_streams=0")],
    ),
    (
        "tshark takes a time of 0 for none, and does not know the round trip time of a SYN at 0.",
        &[(
            "wireshark-4.0.17/tcp-badsegments.pcap",
            "retransmission=3 out_of_order=4",
        )],
    ),
    (
        "A direction begins with sequence and acknowledgement number 0, which tshark takes for what came before.",
        &[
            ("zeek/tcp__syn-then-ack-then-rst.pcap", "window_update=0"),
            ("zeek/tcp__syn-then-stuff-then-rst.pcap", "window_update=0"),
        ],
    ),
    (
        "DNS over HTTP/2 is not read.",
        &[
            (
                "suricata-verify/dns-over-http2-post__dns_over_https_POST.pcap",
                "dns_queries=0 dns_responses=0",
            ),
            ("suricata-verify/dns-over-http2__dns_over_https.pcap", "dns_responses=0"),
        ],
    ),
    (
        "DNS on other ports than its own, which tshark finds by what it looks like.",
        &[
            ("tcpdump/dns_udp_8053.pcap", "dns_queries=0 dns_responses=0"),
            ("wireshark-4.0.17/dns_port.pcap", "dns_queries=0 dns_responses=0"),
        ],
    ),
    (
        "HTTP on a port that tshark gives to another protocol (SSH, SOCKS).",
        &[
            ("zeek/http__get-to-ssh-server.pcap", "http_requests=1"),
            (
                "zeek/http__http-single-conn-22.pcap",
                "http_requests=1 http_responses=1",
            ),
            ("zeek/http__http-to-ssh.pcap", "http_requests=1"),
            (
                "zeek/http__zeek-image-post-1080-8000-x.pcap",
                "http_requests=1 http_responses=1",
            ),
        ],
    ),
    (
        "On other ports than HTTP's tshark wants a whole start line in one segment.",
        &[
            ("suricata-verify/tcp-urgp-01-oob__tcp-urgent1.pcap", "http_requests=1"),
            (
                "suricata-verify/tcp-urgp-04-2byte-XY__tcp-urgent-2byte-XY.pcap",
                "http_requests=1",
            ),
            ("zeek/tcp-http-with-padding.pcap", "http_requests=1"),
        ],
    ),
    (
        "The size of a chunk is beyond 64 bits: tshark gives up on the rest of the stream, we take up what follows.",
        &[(
            "zeek/http__261__variant-01-chunk_2pow64_overflow.pcap",
            "http_requests=2",
        )],
    ),
    (
        "The body is longer than tshark can count, so that it does not wait for its end.",
        &[("zeek/http__content-length-overflow.pcap", "http_responses=0")],
    ),
    (
        "tshark reads fast retransmissions again, and counts the same response twice.",
        &[("arkime/wireshark-retrans.pcap", "http_responses=4")],
    ),
];
