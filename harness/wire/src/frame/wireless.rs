//! IEEE 802.11, and what capturing cards put in front of it.

use super::{Layer, Sink, Walk, behind};
use crate::ieee80211::{self, FCS_LEN, Ieee80211, Subframe};
use crate::link::LinkType;
use crate::radiotap::{Flags, Radiotap};

impl<'a, S: Sink<'a>> Walk<'_, S> {
    /// `lacking` octets of the frame were not captured.
    pub(super) fn radiotap(&mut self, bytes: &'a [u8], lacking: usize) {
        match Radiotap::parse(bytes) {
            Err(error) => self.fault(bytes, error),
            Ok(radiotap) => {
                if self.report(bytes, Layer::Radiotap(radiotap)) {
                    let (frame, flags) = (radiotap.payload, radiotap.flags());
                    let fcs = if flags.contains(Flags::FCS) { FCS_LEN } else { 0 };
                    let end = frame.len().saturating_sub(fcs.saturating_sub(lacking));
                    self.ieee80211(frame.get(..end).unwrap_or(frame), flags);
                }
            }
        }
    }

    /// Without [`Flags`] a frame check sequence may still be there. It does no harm: IP and ARP know their own ends.
    pub(super) fn ieee80211(&mut self, bytes: &'a [u8], flags: Flags) {
        // A frame that came damaged was received by nobody, and its addresses may be wrong.
        if flags.contains(Flags::BAD_FCS) || !ieee80211::is_data(bytes) {
            return self.no_msdu(bytes);
        }
        match Ieee80211::parse(bytes) {
            Err(error) => self.fault(bytes, error),
            Ok(frame) => {
                if !self.report(bytes, Layer::Ieee80211(frame)) || frame.is_null() {
                    return;
                }
                let padding = if flags.contains(Flags::PADDED) {
                    frame.header_len()
                } else {
                    0
                };
                let payload = behind(frame.payload, padding.wrapping_neg() % 4);
                if !frame.has_whole_msdu() {
                    self.no_msdu(payload);
                } else if frame.is_a_msdu() {
                    self.a_msdu(payload);
                } else {
                    self.llc(payload);
                }
            }
        }
    }

    fn no_msdu(&mut self, bytes: &'a [u8]) {
        self.other(LinkType::IEEE802_11.0 as u16, bytes);
    }

    /// MSDUs one after the other, each as deep as a frame of its own may be.
    fn a_msdu(&mut self, bytes: &'a [u8]) {
        let (left, sliced) = (self.left, self.sliced);
        let mut next = Some(bytes);
        while let Some(bytes) = next {
            (self.left, self.sliced) = (left, sliced);
            match Subframe::parse(bytes) {
                Err(error) => return self.fault(bytes, error),
                Ok(subframe) if subframe.is_msdu() => return self.no_msdu(bytes),
                Ok(subframe) => {
                    if self.report(bytes, Layer::AMsdu(subframe)) {
                        self.llc(subframe.payload);
                    }
                    next = subframe.next();
                }
            }
        }
    }
}
