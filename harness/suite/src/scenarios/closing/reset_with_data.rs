use crate::scenarios::prelude::*;

scenario! {
    "closing/reset_with_data", "A reset comes that carries data.",
    exercises: ["tcp/reset-with-data-obeyed"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    let socket = peer.app()?;
    t.fling(&peer, peer.rst().payload(*b"going down"));
    t.wait(RTT)?;
    let (_, then) = t.app_read(socket);
    t.require("tcp/reset-with-data-obeyed", then.is_err(), "a connection that is over", format!("{then:?}"));
    t.fling(&peer, peer.ack().seq(peer.snd - 1));
    t.listen_for(&mut peer, RTT).map(drop)
}
