use crate::scenarios::prelude::*;

scenario! {
    "flow_control/window_closes", "The window closes in the middle of a transfer, stays closed for an hour of answered probes, then opens.",
    exercises: ["tcp/zero-window-probed", "tcp/window-probe-backoff", "tcp/probing-never-ends", "tcp/data-after-window-update"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    t.needs_patience(Duration::hours(1))?;
    let mut peer = t.passive(Offer::default())?;
    t.app_writes(&peer, 30_000)?;
    let mut heard = t.listen_for(&mut peer, RTT)?.len();
    if peer.rcv.since(peer.irs + 1) >= 30_000 {
        return Err(Stop::Stuck("everything was sent before the window closed".to_owned()));
    }
    peer.wnd = 0;
    t.send(&mut peer, Peer::ack);
    // Whatever was on its way has arrived; from now on nothing fits.
    let full = peer.rcv;
    let until = t.now() + Duration::hours(1);
    let mut probes = 0;
    while let Some(probe) = t.next(&mut peer, until - t.now())? {
        probes += 1;
        peer.rcv = full;
        if probe.flags.rst() {
            break;
        }
        t.wait(RTT)?;
        t.send(&mut peer, Peer::ack);
        heard += 1;
    }
    t.remark(format!("{probes} probes, {heard} segments"));
    peer.wnd = 20_000;
    t.send(&mut peer, Peer::ack);
    let more = t.next(&mut peer, Duration::secs(1))?;
    let kept = more.as_ref().is_some_and(|one| !one.payload.is_empty());
    t.require("tcp/probing-never-ends", kept, "a connection that lives", "none");
    t.require("tcp/data-after-window-update", kept, "data at once", "none");
    t.send(&mut peer, Peer::ack);
    let have = peer.rcv.since(peer.irs + 1) as u32;
    t.take(&mut peer, 30_000 - have).map(drop)
}
