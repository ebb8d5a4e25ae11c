//! Explicit congestion notification: RFC 3168 section 6.1.

use crate::connection::Connection;
use crate::segment::{Arrived, Outgoing};
use wire::SeqNumber;
use wire::tcp::Flags;

/// ECT(0), RFC 3168 section 5.
const ECT: u8 = 2;

/// What one connection knows of ECN.
#[derive(Debug, Default)]
pub(crate) struct Ecn {
    /// Both ends agreed on it (section 6.1.1).
    pub agreed: bool,
    /// CE arrived: ECE goes out until CWR comes (section 6.1.3).
    echoing: bool,
    /// The window was reduced: CWR goes out with the next new data (section 6.1.2).
    reduced: bool,
    /// No second reduction before this is acknowledged.
    until: Option<SeqNumber>,
}

impl Connection {
    /// The flags that a SYN, or its answer, carries.
    pub(crate) fn ecn_offer(&self, answer: bool) -> Flags {
        match (answer, self.config.ecn, self.ecn.agreed) {
            (false, true, _) => Flags::ECE.with(Flags::CWR),
            (true, _, true) => Flags::ECE,
            _ => Flags::default(),
        }
    }

    /// The peer's SYN, or its answer to ours.
    pub(crate) fn hear_ecn_offer(&mut self, flags: Flags) {
        let both = flags.ece() && flags.cwr();
        let offered = if flags.ack() { flags.ece() && !flags.cwr() } else { both };
        self.ecn.agreed = self.config.ecn && offered;
    }

    /// A segment of an established connection.
    pub(crate) fn hear_ecn(&mut self, segment: &Arrived<'_>) {
        if !self.ecn.agreed {
            return;
        }
        if segment.flags.cwr() {
            self.ecn.echoing = false;
        }
        self.ecn.echoing |= segment.congestion;
        let waits = self.ecn.until.is_some_and(|until| self.una < until);
        if segment.flags.ece() && !waits {
            self.recovery.congestion_reported(self.una, self.max);
            (self.ecn.reduced, self.ecn.until) = (true, Some(self.max));
        }
    }

    /// Marks what goes out: `new` where it carries octets for the first time.
    pub(crate) fn mark(&mut self, new: bool, out: &mut Outgoing) {
        if !self.ecn.agreed {
            return;
        }
        if self.ecn.echoing {
            out.flags = out.flags.with(Flags::ECE);
        }
        // Section 6.1.5: retransmissions are not ECN-capable, and carry no CWR.
        if new {
            out.ecn = ECT;
            if std::mem::take(&mut self.ecn.reduced) {
                out.flags = out.flags.with(Flags::CWR);
            }
        }
    }
}
