use crate::scenarios::prelude::*;

scenario! {
    "flow_control/first_probe", "How soon a closed window is probed.",
    exercises: ["tcp/first-probe-after-rto"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let full = Offer {
        wnd: 2000,
        ..Offer::default()
    };
    let mut peer = t.passive(full)?;
    t.app_writes(&peer, 2000)?;
    let end = peer.rcv + 2000;
    while peer.rcv != end {
        t.expect(&mut peer, PROMPT, "segment of a window of data", |one| !one.payload.is_empty())?;
    }
    t.wait(RTT)?;
    // The data has filled the window: its right edge stays, so that this is no window taken back (SHLD-14).
    peer.wnd = 0;
    t.send(&mut peer, Peer::ack);
    let closed = t.now();
    t.wait(RTT)?;
    while t.next(&mut peer, Duration::ZERO)?.is_some() {}
    t.app_writes(&peer, 100)?;
    peer.deaf = true;
    let Some(probe) = t.next(&mut peer, Duration::secs(60))? else {
        return Err(Stop::Stuck("no probe within a minute".to_owned()));
    };
    // SHLD-29: when the window has been closed for that long.
    let gap = probe.time - closed;
    let kept = gap >= Duration::millis(190) && gap <= Duration::secs(6);
    t.require("tcp/first-probe-after-rto", kept, "a probe after the retransmission timeout", format!("{:.3} s", gap.as_secs_f64()));
    peer.deaf = false;
    peer.wnd = 1000;
    t.send(&mut peer, Peer::ack);
    t.take(&mut peer, 100).map(drop)
}
