//! Initial sequence numbers: RFC 6528 section 3.

use crate::config::Config;
use crate::fault::Fault;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use wire::{Instant, SeqNumber};

/// ISN = M + F(localip, localport, remoteip, remoteport, secretkey). M ticks every 4 microseconds (RFC 9293 section 3.4.1); F
/// is the standard library's SipHash over the four-tuple and the secret.
pub(crate) fn isn(now: Instant, config: &Config, local: (IpAddr, u16), remote: (IpAddr, u16)) -> SeqNumber {
    if config.faults.has(Fault::ConstantIsn) {
        return SeqNumber(6510);
    }
    if config.faults.has(Fault::CountingIsn) {
        return SeqNumber(u32::from(remote.1).wrapping_mul(64_000));
    }
    let secret = config.seed;
    let mut f = DefaultHasher::new();
    (secret, local, remote, secret.rotate_left(32)).hash(&mut f);
    let m = (now.0 / 4_000) as u32;
    SeqNumber(m.wrapping_add(f.finish() as u32))
}
