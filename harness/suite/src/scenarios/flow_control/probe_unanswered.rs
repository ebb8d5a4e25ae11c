use crate::scenarios::prelude::*;

scenario! {
    "flow_control/probe_unanswered", "The window closes, and the peer is gone.",
    exercises: ["tcp/zero-window-probed", "tcp/window-probe-backoff"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    t.needs_patience(Duration::minutes(20))?;
    let mut peer = t.passive(Offer::default())?;
    t.app_writes(&peer, 30_000)?;
    t.listen_for(&mut peer, RTT)?;
    peer.wnd = 0;
    t.send(&mut peer, Peer::ack);
    t.wait(Duration::minutes(20))
}
