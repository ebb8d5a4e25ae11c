//! Link types: the numbers a capture file gives to the headers in front of IP.

/// A LINKTYPE_ value, as registered at tcpdump.org and written in pcap and pcapng files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u32);

impl LinkType {
    /// BSD loopback: an address family in the byte order of the capturing host.
    pub const NULL: LinkType = LinkType(0);
    /// 16 octets of direction and header, then IP.
    pub const SLIP: LinkType = LinkType(8);
    pub const ETHERNET: LinkType = LinkType(1);
    /// PPP, with or without the address and control octets of HDLC framing.
    pub const PPP: LinkType = LinkType(9);
    pub const FDDI: LinkType = LinkType(10);
    /// Raw IP as most BSDs number it inside files that predate the registry.
    pub const RAW_BSD: LinkType = LinkType(12);
    /// Raw IP as OpenBSD numbers it inside files that predate the registry.
    pub const RAW_OPENBSD: LinkType = LinkType(14);
    /// PPP in HDLC framing, or Cisco HDLC, told apart by the first octet.
    pub const PPP_HDLC: LinkType = LinkType(50);
    /// A PPPoE session header without Ethernet in front.
    pub const PPP_ETHER: LinkType = LinkType(51);
    /// IPv4 or IPv6, told apart by the version nibble.
    pub const RAW: LinkType = LinkType(101);
    pub const CISCO_HDLC: LinkType = LinkType(104);
    pub const IEEE802_11: LinkType = LinkType(105);
    pub const FRAME_RELAY: LinkType = LinkType(107);
    /// OpenBSD loopback: an address family in network byte order.
    pub const LOOP: LinkType = LinkType(108);
    /// Linux "cooked" capture.
    pub const LINUX_SLL: LinkType = LinkType(113);
    pub const PFLOG: LinkType = LinkType(117);
    /// A header of the Prism chips in front of IEEE 802.11.
    pub const IEEE802_11_PRISM: LinkType = LinkType(119);
    pub const IEEE802_11_RADIOTAP: LinkType = LinkType(127);
    pub const ARCNET_LINUX: LinkType = LinkType(129);
    /// The header of AbsoluteValue Systems in front of IEEE 802.11.
    pub const IEEE802_11_AVS: LinkType = LinkType(163);
    pub const PPP_WITH_DIRECTION: LinkType = LinkType(204);
    pub const MPLS: LinkType = LinkType(219);
    /// IP observability of Solaris.
    pub const IPNET: LinkType = LinkType(226);
    pub const IPV4: LinkType = LinkType(228);
    pub const IPV6: LinkType = LinkType(229);
    pub const NFLOG: LinkType = LinkType(239);
    pub const LINUX_SLL2: LinkType = LinkType(276);
}

impl std::fmt::Display for LinkType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
