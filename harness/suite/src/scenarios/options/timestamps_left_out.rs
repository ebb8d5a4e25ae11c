use crate::scenarios::prelude::*;

scenario! {
    "options/timestamps_left_out", "Timestamps are agreed on, and a segment comes without them.",
    exercises: ["tcp/segment-without-timestamps-harmless", "tcp/segment-without-timestamps-dropped"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::full())?;
    if !peer.timestamps {
        return Err(Stop::Needs("timestamps"));
    }
    let socket = peer.app()?;
    t.fling(&peer, peer.data(pattern(100)).stamp(Stamp::None));
    t.wait(Duration::secs(1))?;
    let (octets, _) = t.app_read(socket);
    t.require("tcp/segment-without-timestamps-dropped", octets.is_empty(), "none of its data", format!("{} octets", octets.len()));
    peer.snd += octets.len() as u32;
    while t.next(&mut peer, Duration::ZERO)?.is_some() {}
    t.send(&mut peer, |one| one.data(pattern(50)));
    let end = peer.snd;
    let answer = t.expect(&mut peer, Duration::secs(1), "acknowledgement of data", |one| one.ack == end);
    t.require("tcp/segment-without-timestamps-harmless", answer.is_ok(), "a connection that goes on", "none");
    Ok(())
}
