//! How many conversations of some twenty events a second, on one core: `cargo run --release -p stackproof-fuzzing --example rate
//! [STACK] [SECONDS]`. Every check watches; nothing is written.

use fuzzing::mutate::{Dice, mutate};
use fuzzing::{Input, Settings, play, quiet_panics};
use std::time::{Duration, Instant};

/// As in `stackproof`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Different inputs, played in turn.
const INPUTS: usize = 2_000;
/// Events of each.
const EVENTS: std::ops::RangeInclusive<usize> = 17..=23;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let stack = arguments.next().unwrap_or_else(|| "smoltcp".to_owned());
    let seconds = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(5);
    quiet_panics();
    let inputs = inputs();
    let (mut conversations, mut packets, mut events) = (0_u64, 0_u64, 0_u64);
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(seconds) {
        for input in &inputs {
            match play(input, &|setup| stacks::open(&stack, setup), Settings::default()) {
                Ok(played) => packets += u64::from(played.frames),
                Err(trouble) => return eprintln!("{trouble}"),
            }
            events += input.records.len() as u64;
        }
        conversations += inputs.len() as u64;
    }
    let seconds = began.elapsed().as_secs_f64();
    let each = |count: u64| count as f64 / conversations as f64;
    println!(
        "{stack}: {:.0} conversations a second, {:.1} events and {:.1} packets each, {:.2} microseconds a packet",
        conversations as f64 / seconds,
        each(events),
        each(packets),
        seconds * 1e6 / packets as f64
    );
}

/// What mutation makes of the seeds, as long as asked for.
fn inputs() -> Vec<Input> {
    let seeds = fuzzing::seeds::seeds();
    let mut dice = Dice(1);
    let mut inputs = Vec::new();
    while inputs.len() < INPUTS {
        let (_, mut input) = seeds[dice.below(seeds.len())].clone();
        let (_, other) = &seeds[dice.below(seeds.len())];
        for _ in 0..8 {
            mutate(&mut input, Some(other), &mut dice);
        }
        if EVENTS.contains(&input.records.len()) {
            inputs.push(input);
        }
    }
    inputs
}
