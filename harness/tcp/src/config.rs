//! What a host may be told to do otherwise.

use crate::fault::Faults;
use std::net::IpAddr;
use wire::Duration;

/// The settings of one host.
#[derive(Debug, Clone)]
pub struct Config {
    pub address: IpAddr,
    /// Secret of the ISN generator (RFC 6528 section 3), and of whatever else is drawn at random.
    pub seed: u64,
    /// Octets of the largest IP packet: 68 to 65535 over IPv4, 1280 to 65535 over IPv6.
    pub mtu: u16,
    /// Octets of data that a connection keeps for its application, and for its peer.
    pub receive_buffer: usize,
    pub send_buffer: usize,
    /// RFC 7323 timestamps and window scale, RFC 2018 SACK: whether SYNs offer them.
    pub timestamps: bool,
    pub window_scale: bool,
    pub sack: bool,
    /// RFC 8985: where SACK is agreed on RACK-TLP finds what is lost. Otherwise RFC 6675 does.
    pub rack: bool,
    /// RFC 3168: whether SYNs offer explicit congestion notification, and offers are accepted.
    pub ecn: bool,
    /// RFC 9293 section 3.7.4: small segments wait while data is outstanding.
    pub nagle: bool,
    /// RFC 9293 section 3.4.2: 2 minutes. TIME-WAIT lasts twice that.
    pub msl: Duration,
    /// RFC 6298 section 2.4: at least 1 second.
    pub min_rto: Duration,
    /// RFC 9293 section 3.8.6.3: less than half a second.
    pub ack_delay: Duration,
    /// R2 for data, at least 100 s (RFC 9293 section 3.8.3, SHLD-11), and for SYNs, at least 3 minutes (MUST-23).
    pub r2: Duration,
    pub r2_syn: Duration,
    /// Deliberate deviations.
    pub faults: Faults,
}

impl Config {
    /// The RFCs' own values.
    pub fn new(address: IpAddr) -> Config {
        Config {
            address,
            seed: 0,
            mtu: 1500,
            receive_buffer: 65_535,
            send_buffer: 65_535,
            timestamps: true,
            window_scale: true,
            sack: true,
            rack: true,
            ecn: false,
            nagle: true,
            msl: Duration::minutes(2),
            min_rto: Duration::secs(1),
            ack_delay: Duration::millis(200),
            r2: Duration::secs(100),
            r2_syn: Duration::minutes(3),
            faults: Faults::default(),
        }
    }

    /// The MSS to announce: what fits the MTU behind IP and TCP headers without options (RFC 9293 section 3.7.1, RFC 6691).
    pub(crate) fn mss(&self) -> u16 {
        self.mtu.saturating_sub(if self.address.is_ipv4() { 40 } else { 60 })
    }
}
