use crate::scenarios::prelude::*;

scenario! {
    "retransmission/r1_told", "The peer stops answering; after a minute the application has heard of it, or not.",
    exercises: ["tcp/r1-told"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    t.needs_patience(Duration::minutes(1))?;
    let mut peer = t.passive(Offer::default())?;
    let socket = peer.app()?;
    let told = |t: &mut Tester| t.call(format_args!("has R1 been reached?"), |stack| stack.r1_told(socket));
    if told(t).is_err() {
        return Err(Stop::Needs("a report of R1"));
    }
    t.app_writes(&peer, 100)?;
    let heard = t.listen_without_taking(&mut peer, Duration::minutes(1))?;
    let reached = told(t).unwrap_or(false);
    // R1 is three retransmissions (SHLD-10); a minute has room for five.
    let seen = format!("nothing after {} transmissions", heard.len());
    t.require("tcp/r1-told", reached, "a report that nothing is acknowledged", seen);
    let arrived = t.take_slowly(&mut peer, 100)?;
    t.delivered(&arrived, &pattern(100));
    Ok(())
}
