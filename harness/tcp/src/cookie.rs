//! SYN cookies: what a listener whose queue is full would have to remember, in the number of its SYN-ACK (RFC 4987 section 3.6
//! and appendix A).

use crate::config::Config;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use wire::{Duration, Instant, SeqNumber};

type Address = (IpAddr, u16);

/// The counter of appendix A ticks that often; a cookie is good for the tick in which it was made, and the next.
const TICK: Duration = Duration::secs(64);
pub(crate) const LASTS: Duration = Duration::secs(128);
/// Whoever announces less has to wait.
pub(crate) const LEAST_MSS: u16 = 64;
/// The MSS of the SYN, rounded down: three bits of the cookie.
const MSS: [u16; 8] = [LEAST_MSS, 536, 1000, 1220, 1440, 1460, 4312, 8940];

/// Five bits of the counter, three of the MSS, and 24 of a secret function of addresses, ports, the peer's ISN and the counter.
fn value(config: &Config, counter: u32, index: usize, local: Address, remote: Address, irs: SeqNumber) -> u32 {
    let mut f = DefaultHasher::new();
    (config.seed, local, remote, irs.0, counter, index, "cookie").hash(&mut f);
    counter << 27 | (index as u32) << 24 | f.finish() as u32 & 0x00ff_ffff
}

fn counter(now: Instant) -> u32 {
    (now.0 / TICK.0) as u32
}

/// The number of the SYN-ACK that answers a SYN.
pub(crate) fn make(
    config: &Config,
    now: Instant,
    local: Address,
    remote: Address,
    irs: SeqNumber,
    mss: Option<u16>,
) -> SeqNumber {
    let mss = mss.unwrap_or(536);
    let index = MSS.iter().rposition(|&known| known <= mss).unwrap_or(0);
    irs + value(config, counter(now), index, local, remote, irs)
}

/// The MSS of the SYN, where `iss` was made for it lately.
pub(crate) fn check(
    config: &Config,
    now: Instant,
    local: Address,
    remote: Address,
    irs: SeqNumber,
    iss: SeqNumber,
) -> Option<u16> {
    let found = iss.since(irs) as u32;
    let index = (found >> 24 & 7) as usize;
    let lately = [counter(now), counter(now).wrapping_sub(1)];
    let right = lately
        .iter()
        .any(|&then| value(config, then, index, local, remote, irs) == found);
    MSS.get(index).copied().filter(|_| right)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant(1_700_000_000_000_000_000);

    #[test]
    fn a_cookie_is_good_for_a_minute_at_its_own_connection() {
        let [here, there] = [(1, 80), (2, 40_000)].map(|(host, port)| (IpAddr::from([192, 0, 2, host]), port));
        let config = Config::new(here.0);
        let irs = SeqNumber(7);
        for (told, kept) in [
            (None, 536),
            (Some(1460), 1460),
            (Some(1400), 1220),
            (Some(9), 64),
            (Some(65_535), 8940),
        ] {
            let iss = make(&config, NOW, here, there, irs, told);
            let check = |after: i64, irs, iss| check(&config, NOW + Duration::secs(after), here, there, irs, iss);
            assert_eq!([0, 64].map(|after| check(after, irs, iss)), [Some(kept); 2]);
            assert_eq!(check(128, irs, iss), None, "too old");
            assert_eq!(check(0, irs + 1, iss), None, "another SYN's");
            assert_eq!(check(0, irs, iss + 1), None, "a guess");
        }
    }
}
