use crate::scenarios::prelude::*;

scenario! {
    "flow_control/first_probe", "How soon a closed window is probed.",
    exercises: ["tcp/first-probe-after-rto"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    t.gives_data(&mut peer, 100)?;
    peer.wnd = 0;
    t.send(&mut peer, Peer::ack);
    t.wait(RTT)?;
    while t.next(&mut peer, Duration::ZERO)?.is_some() {}
    let began = t.now();
    t.app_writes(&peer, 100)?;
    peer.deaf = true;
    let Some(probe) = t.next(&mut peer, Duration::secs(60))? else {
        return Err(Stop::Stuck("no probe within a minute".to_owned()));
    };
    let gap = probe.time - began;
    let kept = gap >= Duration::millis(190) && gap <= Duration::secs(6);
    t.require("tcp/first-probe-after-rto", kept, "a probe after the retransmission timeout", format!("{:.3} s", gap.as_secs_f64()));
    peer.deaf = false;
    peer.wnd = 1000;
    t.send(&mut peer, Peer::ack);
    t.take(&mut peer, 100).map(drop)
}
