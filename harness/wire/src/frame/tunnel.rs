//! What is carried below another packet: over UDP, GRE, MPLS.

use super::{Layer, Sink, Walk, behind};
use crate::EtherType;
use crate::geneve::{self, Geneve};
use crate::gre::Gre;
use crate::mpls::Mpls;
use crate::teredo::{self, Teredo};
use crate::udp::Udp;
use crate::vxlan::{self, Vxlan};

impl<'a, S: Sink<'a>> Walk<'_, S> {
    /// Geneve and VXLAN are told by the receiver's port alone, since a sender chooses its own; Teredo by its servers', and by what it
    /// carries.
    #[inline]
    pub(super) fn inside_udp(&mut self, udp: &Udp<'a>) {
        match (udp.source_port, udp.destination_port) {
            (_, vxlan::PORT) => self.vxlan(udp.payload),
            (_, geneve::PORT) => self.geneve(udp.payload),
            (teredo::PORT, _) | (_, teredo::PORT) => self.teredo(udp),
            _ => {}
        }
    }

    fn geneve(&mut self, bytes: &'a [u8]) {
        match Geneve::parse(bytes) {
            // RFC 8926 section 3.4: a version that nobody knows is UDP with a payload that nobody knows.
            _ if bytes.first().is_some_and(|first| first >> 6 != 0) => {}
            Err(error) => self.fault(bytes, error),
            Ok(geneve) => {
                if self.report(bytes, Layer::Geneve(geneve)) && !geneve.is_control() {
                    self.typed(Some(geneve.protocol), geneve.payload);
                }
            }
        }
    }

    /// What is no Teredo is no fault: the port alone says little.
    fn teredo(&mut self, udp: &Udp<'a>) {
        let missing = if self.sliced { udp.missing } else { 0 };
        let teredo = Teredo::parse(udp.payload).ok();
        let Some(teredo) = teredo.filter(|teredo| teredo.carries_ipv6(missing)) else {
            return;
        };
        if self.report(udp.payload, Layer::Teredo(teredo)) {
            self.ipv6(teredo.payload);
        }
    }

    pub(super) fn mpls(&mut self, bytes: &'a [u8]) {
        match Mpls::parse(bytes) {
            Err(error) => self.fault(bytes, error),
            Ok(label) => {
                if !self.report(bytes, Layer::Mpls(label)) {
                } else if !label.is_bottom() {
                    self.mpls(label.payload);
                } else {
                    self.below_mpls(label.payload);
                }
            }
        }
    }

    /// RFC 4928 section 3: the first nibble tells IP; zero is a pseudowire control word (RFC 4385), and Ethernet behind it.
    fn below_mpls(&mut self, payload: &'a [u8]) {
        match payload.first().map(|octet| octet >> 4) {
            Some(4 | 6) => self.ip(payload),
            Some(0) => self.ethernet(behind(payload, 4)),
            _ => self.ethernet(payload),
        }
    }

    fn vxlan(&mut self, bytes: &'a [u8]) {
        match Vxlan::parse(bytes) {
            Err(error) => self.fault(bytes, error),
            Ok(vxlan) => {
                if self.report(bytes, Layer::Vxlan(vxlan)) {
                    self.ethernet(vxlan.payload);
                }
            }
        }
    }

    pub(super) fn gre(&mut self, bytes: &'a [u8]) {
        match Gre::parse(bytes) {
            Err(error) => self.fault(bytes, error),
            Ok(gre) => {
                if !self.report(bytes, Layer::Gre(gre)) || gre.has_routing() {
                    return;
                }
                match gre.protocol {
                    // ERSPAN type I has no header of its own, and no sequence number in GRE; types II has 8 bytes, III 12.
                    EtherType::ERSPAN_II => {
                        let skip = if gre.sequence.is_some() { 8 } else { 0 };
                        self.ethernet(behind(gre.payload, skip));
                    }
                    EtherType::ERSPAN_III => self.ethernet(behind(gre.payload, 12)),
                    protocol => self.typed(Some(protocol), gre.payload),
                }
            }
        }
    }
}
