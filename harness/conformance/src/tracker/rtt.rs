//! Round-trip times as the capture point sees them, and the retransmission timeout that follows from them.

use wire::Duration;

/// RFC 6298 section 2, over samples taken between the capture point and the far end: a lower bound of what the sender measures.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rtt {
    pub samples: u32,
    pub srtt: Duration,
    pub rttvar: Duration,
    pub smallest: Duration,
    pub largest: Duration,
    pub latest: Duration,
}

impl Rtt {
    #[inline]
    pub fn sample(&mut self, r: Duration) {
        if r < Duration::ZERO {
            return; // the capture's clock stepped back
        }
        if self.samples == 0 {
            // RFC 6298 section 2.2.
            (self.srtt, self.rttvar, self.smallest, self.largest) = (r, r / 2, r, r);
        } else {
            // RFC 6298 section 2.3, alpha = 1/8 and beta = 1/4.
            self.rttvar = (self.rttvar * 3 + (self.srtt - r).abs()) / 4;
            self.srtt = (self.srtt * 7 + r) / 8;
            self.smallest = self.smallest.min(r);
            self.largest = self.largest.max(r);
        }
        self.latest = r;
        self.samples = self.samples.saturating_add(1);
    }

    /// SRTT + 4 * RTTVAR without the clock granularity and without the minimum; none before the first sample.
    pub fn rto(&self) -> Option<Duration> {
        (self.samples > 0).then(|| self.srtt + self.rttvar * 4)
    }
}
