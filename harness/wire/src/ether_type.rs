//! EtherTypes, as the IEEE registry and RFC 9542 appendix B list them.

/// Which protocol follows an Ethernet, VLAN, SLL2 or GRE header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EtherType(pub u16);

impl EtherType {
    pub const IPV4: EtherType = EtherType(0x0800);
    pub const ARP: EtherType = EtherType(0x0806);
    pub const TRANSPARENT_ETHERNET: EtherType = EtherType(0x6558);
    /// Frame relay ARP and reverse ARP share ARP's format.
    pub const RARP: EtherType = EtherType(0x8035);
    /// IEEE 802.1Q customer tag.
    pub const VLAN: EtherType = EtherType(0x8100);
    pub const IPV6: EtherType = EtherType(0x86dd);
    pub const PPP: EtherType = EtherType(0x880b);
    pub const MPLS: EtherType = EtherType(0x8847);
    pub const MPLS_UPSTREAM: EtherType = EtherType(0x8848);
    pub const PPPOE_DISCOVERY: EtherType = EtherType(0x8863);
    pub const PPPOE_SESSION: EtherType = EtherType(0x8864);
    /// IEEE 802.1ad service tag.
    pub const SERVICE_VLAN: EtherType = EtherType(0x88a8);
    pub const ERSPAN_II: EtherType = EtherType(0x88be);
    pub const ERSPAN_III: EtherType = EtherType(0x22eb);
    /// Stacked tags from before 802.1ad.
    pub const OLD_QINQ: EtherType = EtherType(0x9100);
    pub const OLD_QINQ_2: EtherType = EtherType(0x9200);

    /// Whether a VLAN tag follows.
    #[inline]
    pub const fn is_vlan(self) -> bool {
        matches!(
            self,
            EtherType::VLAN | EtherType::SERVICE_VLAN | EtherType::OLD_QINQ | EtherType::OLD_QINQ_2
        )
    }
}

impl std::fmt::Display for EtherType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "0x{:04x}", self.0)
    }
}
