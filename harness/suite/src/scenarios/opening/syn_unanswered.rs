use crate::scenarios::prelude::*;

scenario! {
    "opening/syn_unanswered", "The stack connects, and nobody ever answers.",
    exercises: ["tcp/syn-backoff", "tcp/initial-rto", "tcp/r2-of-syn", "tcp/gives-up"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let long = t.given_up_by();
    t.needs_patience(long)?;
    let (mut peer, syn) = t.called(Offer::default())?;
    let socket = peer.app()?;
    let heard = t.listen_for(&mut peer, long)?;
    let last = heard.last().map_or(syn.time, |one| one.time) - syn.time;
    let (_, then) = t.app_read(socket);
    t.require("tcp/gives-up", then.is_err(), "an error within a day", format!("{then:?}"));
    // The error came no earlier than the last SYN.
    let seen = format!("the last SYN after {:.1} s", last.as_secs_f64());
    t.require("tcp/r2-of-syn", last >= Duration::secs(90), "attempts for three minutes, the last after 90 s at the earliest", seen);
    Ok(())
}
