use crate::scenarios::prelude::*;

scenario! {
    "flow_control/small_windows", "The window opens by a few octets at a time.",
    exercises: ["tcp/sender-avoids-silly-window"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let offer = Offer {
        wnd: 3000,
        ..Offer::default()
    };
    let mut peer = t.passive(offer)?;
    t.app_writes(&peer, 20_000)?;
    for _ in 0..30 {
        t.listen_for(&mut peer, RTT)?;
        peer.wnd = 150;
        t.send(&mut peer, Peer::ack);
    }
    peer.wnd = 20_000;
    t.send(&mut peer, Peer::ack);
    let have = peer.rcv.since(peer.irs + 1) as u32;
    t.take(&mut peer, 20_000 - have).map(drop)
}
