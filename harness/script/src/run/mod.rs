//! Running a script at a stack.
//!
//! - `player`: time and events; `config`: the script's flags; `command`, `code`: snippets and assertions;
//! - `inbound`, `sniff`, `flow`, `icmp`: packets, between the script's numbers and the live ones;
//! - `expect`, `strict`, `neutral`: whether what the stack sent is what the script says;
//! - `calls`: the socket API on top of [`stacks::Stack`]; `native`: the calls of a stack's own system; `needs`: what a script asks for that a stack may lack.

mod calls;
mod code;
mod command;
pub(crate) mod config;
mod expect;
mod flow;
pub(crate) mod icmp;
mod inbound;
mod native;
mod needs;
mod neutral;
mod outcome;
mod player;
mod sniff;
mod strict;
mod symbols;

pub use config::{Config, Mode};
pub use outcome::{Failure, Outcome, ScriptReport};

use crate::syntax::Place;
use crate::syntax::ast::Script;
use outcome::Stop;
use player::Player;
use stacks::{Setup, Stack, Trouble};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use suite::Tester;
use suite::log::Log;

/// On a clock that is not ours each step costs some of it: the tolerance is at least this, in microseconds.
const JITTER: i64 = 10_000;

/// How to run.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    pub mode: Mode,
    /// Over IPv6 where the script does not say.
    pub six: bool,
    pub seed: u64,
    /// Of all times, in microseconds, where it is more than the script's own.
    pub tolerance: i64,
    /// Where the script lies: files that it runs are looked for from there.
    pub folder: Option<&'a Path>,
}

/// Runs a script at a fresh stack that `open` makes.
pub fn run(
    script: &Script,
    options: Options<'_>,
    open: impl Fn(&Setup) -> Result<Box<dyn Stack>, Trouble>,
) -> ScriptReport {
    let first = script.events.first().map_or(Place::default(), |event| event.place);
    let early = |outcome: Outcome| ScriptReport {
        outcome,
        relaxed: Vec::new(),
        report: None,
        log: Log::default(),
    };
    let mut config = match Config::of(script, options.six) {
        Ok(config) => config,
        Err(why) => return early(Outcome::Error { place: first, why }),
    };
    config.tolerance = config.tolerance.max(options.tolerance);
    if let Some(name) = script.undefined.first() {
        return early(Outcome::Skipped {
            place: first,
            needs: format!("a value for {name}: -D {name}=VALUE"),
        });
    }
    let mut setup = Setup::new(config.stack, config.peer);
    setup.mtu = config.mtu;
    setup.seed = options.seed;
    // What the original's device does.
    setup.offload = options.mode == Mode::Strict;
    setup.receive_buffer = config.receive_buffer.unwrap_or(setup.receive_buffer);
    let opened = open(&setup).and_then(|stack| match config.announced {
        // The MSS is what the MTU leaves (RFC 9293 section 3.7.1).
        Some(mss) if !stack.abilities().has(stacks::Ability::Options) => {
            let headers = if config.stack.is_ipv4() { 40 } else { 60 };
            setup.mtu = setup.mtu.min(mss.saturating_add(headers));
            open(&setup)
        }
        _ => Ok(stack),
    });
    let stack = match opened {
        Ok(stack) => stack,
        Err(Trouble::Declines(needs)) => return early(Outcome::Skipped { place: first, needs }),
        Err(Trouble::Cannot(why)) => return early(Outcome::Error { place: first, why }),
    };
    if let Some((place, needs)) = needs::first(script, stack.abilities()) {
        return early(Outcome::Skipped { place, needs });
    }
    if stack.identity().clock == stacks::Clock::Real {
        config.tolerance = config.tolerance.max(JITTER);
    }
    let tester = Tester::new(stack, config.stack, config.peer);
    let mut player = Player::new(tester, config, options.mode, options.folder);
    let played = catch_unwind(AssertUnwindSafe(|| player.play(script)));
    let outcome = match played {
        Ok(Ok(())) if player.relaxed.is_empty() => Outcome::Passed,
        Ok(Ok(())) => Outcome::PassedInNeutral,
        Ok(Err((place, stop))) => without(stop, &player.left_out).at(place),
        Err(_) => Outcome::Error {
            place: player.place(),
            why: "the stack panicked".to_owned(),
        },
    };
    finish(player, outcome)
}

/// A script that fails where an option was left out of it says nothing about a stack that has no such option.
fn without(stop: Stop, left_out: &[&'static str]) -> Stop {
    match stop {
        Stop::Failed { differs, .. } if !left_out.is_empty() => Stop::Needs(format!(
            "{}: left out, and then it fails here ({differs})",
            left_out.join(", ")
        )),
        stop => stop,
    }
}

fn finish(mut player: Player<'_>, outcome: Outcome) -> ScriptReport {
    let relaxed = std::mem::take(&mut player.relaxed);
    let place = player.place();
    let ended = catch_unwind(AssertUnwindSafe(|| player.tester.finish()));
    let Ok((report, log, trouble)) = ended else {
        let outcome = Outcome::Error {
            place,
            why: "the stack panicked at the end".to_owned(),
        };
        return ScriptReport {
            outcome,
            relaxed,
            report: None,
            log: Log::default(),
        };
    };
    let outcome = match (outcome, trouble) {
        // A stack that is gone has no calls either.
        (Outcome::Passed | Outcome::PassedInNeutral | Outcome::Skipped { .. }, Some(why)) => {
            Outcome::Error { place, why }
        }
        (outcome, _) => outcome,
    };
    ScriptReport {
        outcome,
        relaxed,
        report: Some(report),
        log,
    }
}
