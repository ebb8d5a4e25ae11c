use super::place::{named, place};
use crate::scenarios::prelude::*;

scenario! {
    "states/silence", "Nothing comes any more, for as long as it takes.",
    exercises: ["tcp/silence-harmless", "tcp/syn-retried", "tcp/gives-up"],
    variants: &["syn-sent", "syn-received", "established", "fin-wait-1", "close-wait", "closing", "last-ack", "time-wait"],
    play: |t, variant| play(t, named(["syn-sent", "syn-received", "established", "fin-wait-1", "close-wait", "closing", "last-ack", "time-wait"][variant])),
}

const SILENCE: Duration = Duration::minutes(30);

fn play(t: &mut Tester, state: State) -> Step {
    let long = t.given_up_by();
    t.needs_patience(long)?;
    let mut peer = place(t, state, Offer::default())?;
    let began = t.now();
    let gives_up = matches!(state, State::FinWait1 | State::Closing | State::LastAck);
    let time = if gives_up { long + SILENCE } else { SILENCE };
    let heard = t.listen_for(&mut peer, time)?;
    let resent = heard.iter().filter(|one| one.len() > 0).count();
    let last = heard.last().map_or(Duration::ZERO, |one| one.time - began);
    let seconds = format!("{:.1} s", last.as_secs_f64());
    match state {
        State::SynSent | State::SynReceived => {
            t.require("tcp/syn-retried", resent > 0, "the SYN once more", format!("{resent} of them"));
        }
        _ if gives_up => {
            let kept = resent > 0 && last < long;
            t.require("tcp/gives-up", kept, "retransmissions, and an end of them within a day", format!("{resent}, the last after {seconds}"));
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
