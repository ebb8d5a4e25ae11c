use crate::scenarios::prelude::*;

scenario! {
    "options/late_window_scale", "A window scale comes on a segment without SYN.",
    exercises: ["tcp/late-window-scale-ignored"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    t.fling(&peer, peer.ack().option(TcpOption::WindowScale(10)));
    // An octet goes with the small window: a stack that compares windows of one acknowledgement sees a new one.
    peer.wnd = 4;
    t.send(&mut peer, |one| one.data(pattern(1)));
    t.wait(Duration::millis(300))?;
    while t.next(&mut peer, Duration::ZERO)?.is_some() {}
    t.send(&mut peer, Peer::ack);
    t.app_writes(&peer, 3000)?;
    let heard = t.listen_for(&mut peer, RTT)?;
    let octets: usize = heard.iter().map(|one| one.payload.len()).sum();
    t.require("tcp/late-window-scale-ignored", octets <= 4, "4 octets at most", octets);
    Ok(())
}
