//! What an end offers of the options that an RFC leaves to it: capabilities, never judged.

use crate::example::{Example, abstains, holds};
use crate::requirement::{Level, Requirement, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::Judge;

/// One capability: an option on a SYN.
macro_rules! capability {
    ($(#[$doc:meta])* $name:ident, $id:literal, $source:expr, $says:literal, |$at:ident| $offered:expr, |$t:ident| $trace:expr) => {
        $(#[$doc])*
        #[derive(Default)]
        pub struct $name;

        impl TcpCheck for $name {
            const REQUIREMENT: Requirement = requirement($id, $source, Level::May)
                .says($says)
                .judged("The options of every SYN and SYN-ACK. A capability: recorded where it is seen, broken by nothing.");

            fn on_syn_sent(&mut self, $at: &Moment<'_>, judge: &mut Judge<'_>) {
                if $offered {
                    judge.holds();
                }
            }

            fn examples() -> Vec<Example> {
                vec![
                    holds("the option is on a SYN", |$t| $trace),
                    abstains("a SYN without options", |t| {
                        t.client().syn();
                    }),
                ]
            }
        }
    };
}

capability!(
    /// RFC 7323 section 3.2: timestamps.
    UsesTimestamps, "tcp/uses-timestamps", rfc(7323, "3.2"),
    "The end offers timestamps on its SYN.",
    |at| at.segment.options.timestamps.is_some(), |t| t.handshake_with_timestamps()
);

capability!(
    /// RFC 2018 section 4: SACK-permitted.
    UsesSack, "tcp/uses-sack", rfc(2018, "4"),
    "The end permits selective acknowledgements on its SYN.",
    |at| at.segment.options.sack_permitted, |t| t.handshake()
);

capability!(
    /// RFC 7323 section 2.2: window scale.
    UsesWindowScale, "tcp/uses-window-scale", rfc(7323, "2.2"),
    "The end offers window scaling on its SYN.",
    |at| at.segment.options.window_scale.is_some(), |t| t.handshake()
);

capability!(
    /// RFC 7413 section 4.1.1: TCP Fast Open.
    UsesFastOpen, "tcp/uses-fast-open", rfc(7413, "4.1.1"),
    "The end asks for, or uses, a TCP Fast Open cookie.",
    |at| at.segment.options.fast_open, |t| { t.client().syn().mss(1460).option(wire::tcp::TcpOption::FastOpen(&[])); }
);

capability!(
    /// RFC 8684 section 3.1: Multipath TCP.
    UsesMultipath, "tcp/uses-multipath", rfc(8684, "3.1"),
    "The end offers Multipath TCP.",
    |at| at.segment.options.mptcp, |t| { t.client().syn().mss(1460).option(wire::tcp::TcpOption::Mptcp(&[0x01, 0x01])); }
);

capability!(
    /// RFC 5925 section 2.2: authentication.
    UsesAuthentication, "tcp/uses-authentication", rfc(5925, "2.2"),
    "The end signs its segments (TCP-AO, or MD5 before it).",
    |at| at.segment.options.signed, |t| { t.client().syn().option(wire::tcp::TcpOption::Md5(&[7; 16])); }
);
