//! ICMP and UDP.

use super::Player;
use crate::palette::{self, Message, pick};
use crate::record::RECORD;

/// Ports of UDP where nobody listens.
const UDP: (u16, u16) = (5_000, 9);

impl Player<'_> {
    pub(super) fn message(&mut self, [message, mtu, about, which, ..]: [u8; RECORD - 1]) {
        let Some(at) = self.chosen(which) else { return };
        match pick(palette::MESSAGES, message) {
            Message::Error(v4, v6) => {
                let [kind, code] = if self.tester.its.is_ipv4() { v4 } else { v6 };
                let end = &self.ends[at];
                let (_, seq) = pick(palette::ABOUT, about);
                if let Some(mut quoted) = end.last.clone() {
                    quoted.seq = seq(&end.view());
                    self.ends.iter_mut().for_each(|end| end.orderly = false);
                    let due = self.due_of_error(at, [kind, code], &quoted);
                    self.tester.throw_error(kind, code, pick(palette::MTUS, mtu), &quoted);
                    self.judge_after_error(at, due);
                }
            }
            Message::Echo => {
                let request = self.tester.echo_request(b"ping");
                self.tester.others.clear();
                self.tester.throw_icmp(&request);
                self.judge_echo();
            }
            Message::Udp => {
                self.tester.throw_udp(UDP.0, UDP.1, b"hello");
                self.judge_udp();
            }
            Message::Unknown => {
                let frames = self.tester.frames();
                self.tester.throw_icmp(&[200, 0, 0, 0, 1, 2, 3, 4]);
                self.judge_unknown(frames);
            }
            Message::Echoed(wrapping) => self.echo_wrapped(wrapping),
            Message::GroupSyn(toward) => self.group_syn(toward),
        }
    }
}
