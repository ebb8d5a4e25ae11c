use crate::scenarios::prelude::*;

scenario! {
    "flow_control/closed_from_the_start", "The window is zero from the handshake on.",
    exercises: ["tcp/closed-window-respected-live", "tcp/zero-window-probed"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let offer = Offer {
        wnd: 0,
        ..Offer::default()
    };
    let mut peer = t.passive(offer)?;
    t.app_writes(&peer, 3000)?;
    let start = peer.rcv;
    peer.deaf = true;
    let heard = t.listen_for(&mut peer, Duration::secs(4))?;
    let most = heard.iter().map(|one| one.payload.len()).max().unwrap_or(0);
    t.require("tcp/closed-window-respected-live", most <= 1, "probes of an octet at most", format!("{most} octets"));
    peer.deaf = false;
    peer.rcv = start;
    peer.wnd = 10_000;
    t.send(&mut peer, Peer::ack);
    let arrived = t.take(&mut peer, 3000)?;
    t.delivered(&arrived, &pattern(3000));
    Ok(())
}
