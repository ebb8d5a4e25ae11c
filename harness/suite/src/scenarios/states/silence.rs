use super::place::{named, place};
use crate::scenarios::prelude::*;

scenario! {
    "states/silence", "Nothing comes any more, for as long as it takes.",
    exercises: ["tcp/silence-harmless", "tcp/syn-retried", "tcp/gives-up"],
    variants: &["syn-sent", "syn-received", "established", "fin-wait-1", "close-wait", "closing", "last-ack", "time-wait"],
    play: |t, variant| play(t, named(["syn-sent", "syn-received", "established", "fin-wait-1", "close-wait", "closing", "last-ack", "time-wait"][variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    t.needs_patience(Duration::hours(1))?;
    let mut peer = place(t, state, Offer::default())?;
    let began = t.now();
    let heard = t.listen_for(&mut peer, Duration::minutes(30))?;
    let resent = heard.iter().filter(|one| one.len() > 0).count();
    let last = heard.last().map_or(Duration::ZERO, |one| one.time - began);
    let seconds = format!("{:.1} s", last.as_secs_f64());
    match state {
        State::SynSent | State::SynReceived => {
            t.require("tcp/syn-retried", resent > 0, "the SYN once more", format!("{resent} of them"));
        }
        State::FinWait1 | State::Closing | State::LastAck => {
            let kept = resent > 0 && last < Duration::minutes(25);
            t.require("tcp/gives-up", kept, "retransmissions, and an end of them", format!("{resent}, the last after {seconds}"));
        }
        _ => {
            t.require("tcp/silence-harmless", heard.is_empty(), "silence", format!("{} segments", heard.len()));
        }
    }
    if matches!(state, State::Established | State::CloseWait) {
        let end = peer.rcv;
        t.app_writes(&peer, 10)?;
        let answer = t.next(&mut peer, PROMPT)?;
        let kept = answer.is_some_and(|one| one.seq == end && one.payload.len() == 10);
        t.require("tcp/silence-harmless", kept, "a connection that still sends", "none");
    }
    Ok(())
}
