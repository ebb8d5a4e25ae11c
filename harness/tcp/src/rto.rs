//! The retransmission timeout: RFC 6298.

use crate::config::Config;
use crate::fault::Fault;
use wire::Duration;

/// Section 2.5: a maximum of at least 60 seconds.
const MAXIMUM: Duration = Duration::secs(60);
/// The clock granularity G: this host's times are exact to the nanosecond; a millisecond is what its timestamps tell.
const G: Duration = Duration::millis(1);
/// Section 5.7: what RTO is set to when data begins after a SYN timed out.
const AFTER_SYN_TIMEOUT: Duration = Duration::secs(3);

/// SRTT, RTTVAR and RTO.
#[derive(Debug, Clone)]
pub(crate) struct Rto {
    smoothed: Option<(Duration, Duration)>,
    rto: Duration,
    minimum: Duration,
    /// Expiries since the last new acknowledgement.
    pub expiries: u32,
    /// [`Fault::ForgetsBackoff`]
    collapses: bool,
}

impl Rto {
    /// Section 2.1: 1 second before the first measurement.
    pub fn of(config: &Config) -> Rto {
        let faults = config.faults;
        let minimum = match () {
            () if faults.has(Fault::ImpatientTimer) => Duration::ZERO,
            () if faults.has(Fault::FixedTimeout) => Duration::secs(8),
            () => config.min_rto,
        };
        Rto {
            smoothed: None,
            rto: if faults.has(Fault::ImpatientSyn) {
                Duration::millis(300)
            } else {
                Duration::secs(1)
            },
            minimum,
            expiries: 0,
            collapses: faults.has(Fault::ForgetsBackoff),
        }
    }

    /// SRTT, once something was measured.
    pub fn srtt(&self) -> Option<Duration> {
        self.smoothed.map(|(srtt, _)| srtt)
    }

    pub fn get(&self) -> Duration {
        self.rto
    }

    /// Sections 2.2 to 2.4: a measurement R'.
    pub fn sample(&mut self, r: Duration) {
        let r = r.max(Duration::ZERO);
        let (srtt, rttvar) = match self.smoothed {
            None => (r, r / 2),
            Some((srtt, rttvar)) => {
                // RTTVAR first, from the old SRTT.
                let rttvar = (rttvar * 3 + (srtt - r).abs()) / 4;
                ((srtt * 7 + r) / 8, rttvar)
            }
        };
        self.smoothed = Some((srtt, rttvar));
        self.settle();
    }

    /// New data was acknowledged. What back-off did lasts until a measurement counts again (section 5, last paragraph).
    pub fn progressed(&mut self) {
        self.expiries = 0;
        if self.collapses {
            self.settle();
        }
    }

    /// Section 5.5: the timer backs off.
    pub fn expired(&mut self) {
        self.expiries = self.expiries.saturating_add(1);
        self.rto = (self.rto * 2).min(MAXIMUM.max(self.minimum));
    }

    /// Section 5.7: the handshake is done, and its timer had expired.
    pub fn data_begins(&mut self) {
        if self.expiries > 0 && self.rto < AFTER_SYN_TIMEOUT {
            self.rto = AFTER_SYN_TIMEOUT;
        }
        self.expiries = 0;
    }

    fn settle(&mut self) {
        if let Some((srtt, rttvar)) = self.smoothed {
            let rto = srtt + G.max(rttvar * 4);
            self.rto = rto.max(self.minimum).min(MAXIMUM.max(self.minimum));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_minimum(minimum: Duration) -> Rto {
        let mut config = Config::new(std::net::IpAddr::from([192, 0, 2, 1]));
        config.min_rto = minimum;
        Rto::of(&config)
    }

    #[test]
    fn the_first_measurement_gives_three_times_itself() {
        let mut rto = with_minimum(Duration::ZERO);
        rto.sample(Duration::millis(100));
        assert_eq!(rto.get(), Duration::millis(300));
    }

    #[test]
    fn each_expiry_doubles_it_up_to_a_minute() {
        let mut rto = with_minimum(Duration::secs(1));
        for seconds in [2, 4, 8, 16, 32, 60, 60] {
            rto.expired();
            assert_eq!(rto.get(), Duration::secs(seconds));
        }
    }

    #[test]
    fn it_is_never_below_its_minimum() {
        let mut rto = with_minimum(Duration::secs(1));
        rto.sample(Duration::millis(1));
        assert_eq!(rto.get(), Duration::secs(1));
    }
}
