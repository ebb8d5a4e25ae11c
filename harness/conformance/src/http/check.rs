//! What an HTTP check is: a monitor over the message heads that one host sends.

use crate::example::Example;
use crate::requirement::Requirement;
use crate::verdict::Judge;
use wire::FrameNumber;
use wire::http::{Head, Irregular, StartLine, Version};

/// A request, remembered until its response comes.
#[derive(Debug, Clone, Copy)]
pub struct Requested {
    pub frame: FrameNumber,
    pub version: Version,
    /// Host fields that it carried.
    pub hosts: u8,
    pub space_before_colon: bool,
    /// Its method is CONNECT.
    pub connect: bool,
}

/// A message head of the judged host. Frames are those in which the head ended.
#[derive(Clone, Copy)]
pub struct Said<'a> {
    pub frame: FrameNumber,
    pub head: &'a Head<'a>,
    /// For a response: the request that it answers, when that was seen.
    pub asked: Option<&'a Requested>,
}

impl Said<'_> {
    /// Of a response; 0 for a request.
    pub fn status(&self) -> u16 {
        match self.head.start {
            StartLine::Response { status, .. } => status,
            StartLine::Request { .. } => 0,
        }
    }

    /// Some field of the head shows this.
    pub fn some_field(&self, irregular: Irregular) -> bool {
        self.head.survey.irregular.contains(irregular)
    }
}

/// A check and its requirement, one instance per host and capture.
pub trait HttpCheck: Default {
    const REQUIREMENT: Requirement;

    /// Any message.
    fn on_message(&mut self, _at: &Said<'_>, _judge: &mut Judge<'_>) {}
    fn on_request(&mut self, _at: &Said<'_>, _judge: &mut Judge<'_>) {}
    fn on_response(&mut self, _at: &Said<'_>, _judge: &mut Judge<'_>) {}

    /// As for TCP: at least one each that holds, violates (and breaks nothing else) and abstains.
    fn examples() -> Vec<Example>;
}

/// Declares the checks: a struct with the state of each, and the fan-out of every event.
macro_rules! http_checks {
    ($($module:ident :: $check:ident),* $(,)?) => {
        /// Every check of this family for one host.
        #[derive(Default)]
        #[allow(non_snake_case)]
        pub struct HttpChecks { $($check: $module::$check),* }

        #[repr(u16)]
        enum Place { $($check,)* Count }

        static REQUIREMENTS: [Requirement; Place::Count as usize] = [$(<$module::$check as HttpCheck>::REQUIREMENT),*];

        pub(crate) fn examples() -> Vec<Vec<Example>> {
            vec![$(<$module::$check as HttpCheck>::examples()),*]
        }

        impl HttpChecks {
            http_event!(on_message, $($check)*);
            http_event!(on_request, $($check)*);
            http_event!(on_response, $($check)*);
        }
    };
}

/// One event to every check, each told to speak for its own requirement.
macro_rules! http_event {
    ($event:ident, $($check:ident)*) => {
        pub(crate) fn $event(&mut self, at: &Said<'_>, judge: &mut Judge<'_>) {
            $(
                judge.turn_to(crate::tcp::TOTAL + crate::net::TOTAL + crate::dns::TOTAL + Place::$check as u16);
                self.$check.$event(at, judge);
            )*
        }
    };
}

pub(crate) use {http_checks, http_event};
