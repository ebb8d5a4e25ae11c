//! What a DNS check is: a monitor over the messages that one host sends.

use crate::example::Example;
use crate::requirement::Requirement;
use crate::verdict::Judge;
use wire::dns::{Class, Header, Message, NameBuf, Type};
use wire::{FrameNumber, Instant};

/// A query, remembered until its response comes.
#[derive(Debug, Clone)]
pub struct Asked {
    pub frame: FrameNumber,
    pub time: Instant,
    pub header: Header,
    /// The only question; none when there was another number of them, or it could not be read.
    pub question: Option<(NameBuf, Type, Class)>,
    /// The UDP payload size of its OPT record.
    pub edns: Option<u16>,
}

/// What carries a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    Udp,
    Tcp,
}

/// A message of the judged host.
#[derive(Clone, Copy)]
pub struct Talk<'a> {
    /// The frame that completed it.
    pub frame: FrameNumber,
    pub over: Over,
    pub message: &'a Message<'a>,
    /// Octets of the message as sent.
    pub octets: u32,
    /// The query that it answers; none for a query, and for a response whose query was not seen.
    pub asked: Option<&'a Asked>,
}

/// A check and its requirement, one instance per host and capture. Handlers get what the host sent, captured whole.
pub trait DnsCheck: Default {
    const REQUIREMENT: Requirement;

    /// Any message.
    fn on_message(&mut self, _at: &Talk<'_>, _judge: &mut Judge<'_>) {}
    /// A response.
    fn on_response(&mut self, _at: &Talk<'_>, _judge: &mut Judge<'_>) {}
    /// A response at the start of a TCP stream, where its length should be.
    fn on_unframed(&mut self, _at: &Talk<'_>, _judge: &mut Judge<'_>) {}

    /// As for TCP: at least one each that holds, violates (and breaks nothing else) and abstains.
    fn examples() -> Vec<Example>;
}

/// Declares the checks: a struct with the state of each, and the fan-out of every event.
macro_rules! dns_checks {
    ($($module:ident :: $check:ident),* $(,)?) => {
        /// Every check of this family for one host.
        #[derive(Default)]
        #[allow(non_snake_case)]
        pub struct DnsChecks { $($check: $module::$check),* }

        #[repr(u16)]
        enum Place { $($check,)* Count }

        static REQUIREMENTS: [Requirement; Place::Count as usize] = [$(<$module::$check as DnsCheck>::REQUIREMENT),*];

        pub(crate) fn examples() -> Vec<Vec<Example>> {
            vec![$(<$module::$check as DnsCheck>::examples()),*]
        }

        impl DnsChecks {
            dns_event!(on_message, $($check)*);
            dns_event!(on_response, $($check)*);
            dns_event!(on_unframed, $($check)*);
        }
    };
}

/// One event to every check, each told to speak for its own requirement.
macro_rules! dns_event {
    ($event:ident, $($check:ident)*) => {
        pub(crate) fn $event(&mut self, at: &Talk<'_>, judge: &mut Judge<'_>) {
            $(
                judge.turn_to(crate::tcp::TOTAL + crate::net::TOTAL + Place::$check as u16);
                self.$check.$event(at, judge);
            )*
        }
    };
}

pub(crate) use {dns_checks, dns_event};
