//! The wire to a kernel, with the time at which each packet was on it, and how late that was noted.

use super::cable::Cable;
use std::time::{Duration, Instant};

/// Waiting is cut into pieces: a packet is noticed within one, or the machine was late, and that is told.
const SLICE: Duration = Duration::from_millis(8);
/// Waking up this late is ordinary.
const PUNCTUAL: Duration = Duration::from_millis(1);
/// After each request the kernel gets so long to send what is due at once.
pub const SETTLE: Duration = Duration::from_micros(300);

/// Packets, and when each was sent.
pub type Sent = Vec<(Duration, Vec<u8>)>;

/// Times are since the wire was laid.
pub struct Wire {
    cable: Cable,
    began: Instant,
    /// When the last packet was noted.
    noted: Duration,
    /// How late packets were noted, at most.
    pub noting: Duration,
}

impl Wire {
    pub fn new(cable: Cable) -> Wire {
        Wire {
            cable,
            began: Instant::now(),
            noted: Duration::ZERO,
            noting: Duration::ZERO,
        }
    }

    pub fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Delivers a packet; returns when it arrived, and how many of `sent` were sent before.
    pub fn deliver(&mut self, packet: &[u8], sent: &mut Sent) -> (Duration, usize) {
        self.read(sent);
        let before = sent.len();
        let arrived = self.now().max(self.noted);
        self.cable.send(packet);
        self.noted = arrived;
        self.due(arrived);
        // A kernel answers within the call.
        if !self.read(sent) {
            self.collect(SETTLE, sent);
        }
        (arrived, before)
    }

    /// What is sent within `time`: with the first packets the wait is over.
    pub fn collect(&mut self, time: Duration, sent: &mut Sent) {
        let until = self.now() + time;
        loop {
            if self.read(sent) {
                return;
            }
            let now = self.now();
            let Some(left) = until.checked_sub(now).filter(|left| !left.is_zero()) else {
                return;
            };
            let slice = left.min(SLICE);
            self.cable.wait(slice);
            self.due(now + slice);
        }
    }

    /// Something was to happen at `time`, or before.
    pub fn due(&mut self, time: Duration) {
        let late = self.now().saturating_sub(time);
        if late > PUNCTUAL {
            self.noting = self.noting.max(late);
        }
    }

    /// The packets that wait; whether there were any.
    fn read(&mut self, sent: &mut Sent) -> bool {
        let began = self.now();
        let mut any = false;
        while let Some(packet) = self.cable.receive() {
            if is_ours(&packet) {
                self.noted = self.noted.max(began);
                sent.push((self.noted, packet));
                any = true;
            }
        }
        if any {
            self.due(began);
        }
        any
    }
}

/// Discovery and multicast reports are the link's business, not the stack's under test.
fn is_ours(packet: &[u8]) -> bool {
    let discovery = packet.first().is_some_and(|first| first >> 4 == 6)
        && packet.get(24) == Some(&0xff)
        && packet.get(6).is_some_and(|next| matches!(next, 0 | 58));
    !discovery
}
