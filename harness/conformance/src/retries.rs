//! IEEE 802.11 frames that were sent again because no acknowledgement of them came. The receiver takes the first that it gets
//! and drops the rest (IEEE 802.11-2020 clause 10, duplicate detection); to the hosts all of them are one packet.

use std::collections::VecDeque;
use wire::ethernet::MacAddress;
use wire::ieee80211::Ieee80211;

/// Frames that are remembered: twice what a transmitter may have under way (a block acknowledgement's window is 64).
const KEPT: usize = 128;

/// The traffic identifier of QoS Control, which has sequence numbers of its own.
const TID: u16 = 0x0f;

/// The last frames of all transmitters.
#[derive(Debug, Default)]
pub(crate) struct Retries(VecDeque<Mark>);

/// What tells a frame from others of its transmitter, and from those to another receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    transmitter: MacAddress,
    receiver: MacAddress,
    sequence_control: u16,
    tid: Option<u16>,
}

impl Retries {
    /// Whether `frame` was seen before. Notes it if not; those of which nothing is read need no place.
    #[cold]
    pub(crate) fn is_copy(&mut self, frame: &Ieee80211<'_>) -> bool {
        if !frame.has_whole_msdu() {
            return false;
        }
        let mark = Mark {
            transmitter: frame.address2,
            receiver: frame.address1,
            sequence_control: frame.sequence_control,
            tid: frame.qos_control.map(|control| control & TID),
        };
        if frame.is_retry() && self.0.contains(&mark) {
            return true;
        }
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(mark);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::holds;
    use crate::requirement_by_id;

    const DATA_TO_AP: [u8; 2] = [0x88, 1];
    const DATA_TO_AP_AGAIN: [u8; 2] = [0x88, 9];

    fn frame(control: [u8; 2], sequence_number: u16, tid: u16) -> Ieee80211<'static> {
        Ieee80211 {
            control,
            duration: 0,
            address1: MacAddress([2, 0, 0, 0, 0, 1]),
            address2: MacAddress([2, 0, 0, 0, 0, 2]),
            address3: MacAddress([2, 0, 0, 0, 0, 3]),
            sequence_control: sequence_number << 4,
            address4: None,
            qos_control: Some(tid),
            ht_control: None,
            payload: &[],
        }
    }

    #[test]
    fn a_retry_is_a_copy_only_of_what_was_seen() {
        let mut seen = Retries::default();
        assert!(!seen.is_copy(&frame(DATA_TO_AP_AGAIN, 7, 0)), "the first was missed");
        assert!(seen.is_copy(&frame(DATA_TO_AP_AGAIN, 7, 0)));
        assert!(
            !seen.is_copy(&frame(DATA_TO_AP_AGAIN, 7, 6)),
            "another traffic identifier"
        );
        assert!(
            !seen.is_copy(&frame(DATA_TO_AP, 7, 0)),
            "no retry: the numbers have wrapped"
        );
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut seen = Retries::default();
        for number in 0..4096 {
            assert!(!seen.is_copy(&frame(DATA_TO_AP, number, 0)));
        }
        assert_eq!(seen.0.len(), KEPT);
        assert!(!seen.is_copy(&frame(DATA_TO_AP_AGAIN, 0, 0)));
    }

    #[test]
    fn a_datagram_that_a_card_sends_three_times_is_judged_once() {
        let example = holds("", |t| t.udp_on_ieee80211(2, b"x"));
        assert_eq!(example.frames.len(), 3);
        let (index, _) = requirement_by_id("udp/length-within-datagram").unwrap();
        let report = example.inspect();
        let held = report.book.rows().map(|(_, row)| row[usize::from(index.0)].held);
        assert_eq!(held.sum::<u32>(), 1);
    }
}
