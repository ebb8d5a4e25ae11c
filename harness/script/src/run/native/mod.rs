//! Calls at a stack whose system has sockets of its own: each is made as it is written, in the words of the stack's agent.
//!
//! - `plan`: a call of the script as a request; `request`: a request's words; `values`, `message`: what stands in memory;
//! - `after`: what a call brought, against what the script says; `tcp_info`, `errno`: the kernel's numbers.

mod after;
mod errno;
mod message;
mod plan;
mod request;
mod tcp_info;
#[cfg(test)]
mod tests;
mod values;

pub use plan::is_known;
pub use tcp_info::{field as tcp_info_field, is_known as is_tcp_info};

use crate::run::calls::Answer;
use crate::run::outcome::{Step, Stop};
use crate::run::player::Player;
use crate::syntax::ast::Call;
use plan::Plan;
use request::{Memory, Request, Returned};
use stacks::CallError;
use std::collections::BTreeMap;

/// What is known of the script's descriptors.
#[derive(Default)]
pub struct Native {
    /// The kernel's descriptors by the script's.
    live: BTreeMap<i64, i64>,
    /// The connection that assertions are about.
    subject: Option<i64>,
    /// A call that waits.
    waiting: Option<(String, Plan)>,
}

impl Native {
    /// The kernel's descriptor; -1 is none.
    fn live(&self, fd: i64) -> i64 {
        self.live.get(&fd).copied().unwrap_or(-1)
    }
}

/// Begins a call, or asks for the end of the one that waits.
pub fn make(player: &mut Player<'_>, call: &Call) -> Step<Answer> {
    let (words, plan) = match player.native().waiting.take() {
        Some((ticket, plan)) => (format!("sys-done {ticket}"), plan),
        None => {
            let plan = plan::of(player, call)?;
            let word = if call.until.is_some() { "sys-begin" } else { "sys" };
            (format!("{word} {}", plan.request), plan)
        }
    };
    let name = call.name.as_str();
    let told = player.tester.quietly(|stack| stack.system_call(&words));
    if !words.starts_with("sys-done") {
        player.tester.remark_with(|| format!("the application: {call}"));
    }
    player.absorb();
    let text = told.map_err(|error| refused(error, name))?;
    if let Some(ticket) = text.strip_prefix("waits ") {
        player.native().waiting = Some((ticket.to_owned(), plan));
        return Ok(Answer::Waits);
    }
    let returned = Returned::read(&text).ok_or_else(|| Stop::Error(format!("{name}: the agent said '{text}'")))?;
    after::look(player, call, &plan, &returned)
}

fn refused(error: CallError, name: &str) -> Stop {
    match error {
        CallError::Unsupported => Stop::Needs(format!("{name}() in this form")),
        error => Stop::Error(format!("{name}: {error}")),
    }
}

/// What the kernel tells of the connection that the script is about; nothing where there is none.
pub fn tcp_info(player: &mut Player<'_>) -> Vec<u8> {
    const SOL_TCP: i64 = 6;
    const TCP_INFO: i64 = 11;
    let Some(live) = player.native().subject.map(|fd| player.native().live(fd)) else {
        return Vec::new();
    };
    let request = Request::of("getsockopt")
        .descriptor(live)
        .number(SOL_TCP)
        .number(TCP_INFO)
        .memory(Memory::Zeros(tcp_info::SIZE))
        .memory(Memory::Octets((tcp_info::SIZE as u32).to_le_bytes().to_vec()));
    let told = player
        .tester
        .quietly(|stack| stack.system_call(&format!("sys {request}")));
    let Some(returned) = told.ok().and_then(|text| Returned::read(&text)) else {
        return Vec::new();
    };
    let size = returned.number(1, 0, 4) as usize;
    let octets = returned.octets(0);
    octets.get(..size).unwrap_or(octets).to_vec()
}

/// How many of the stack's connections are in a state, by its name in RFC 9293.
pub fn count(player: &mut Player<'_>, state: &str) -> Step<u32> {
    let state = state.to_ascii_lowercase().replace("syn-rcvd", "syn-received");
    let told = player
        .tester
        .quietly(|stack| stack.system_call(&format!("count {state}")));
    told.ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Stop::Needs("the states of connections".to_owned()))
}
