use crate::scenarios::prelude::*;

scenario! {
    "data/urgent_out", "The application sends urgent data.",
    exercises: ["tcp/urgent-pointer-ahead"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    t.needs(Ability::Urgent)?;
    let mut peer = t.passive(Offer::default())?;
    let socket = peer.app()?;
    t.app_writes(&peer, 100)?;
    t.take(&mut peer, 100)?;
    for _ in 0..4 {
        let sent = t.app_send_urgent(socket, &[1, 2, 3]);
        if sent != Ok(3) {
            return Err(Stop::Stuck(format!("urgent SEND: {sent:?}")));
        }
        let segment = t.expect(&mut peer, PROMPT, "urgent data", |one| !one.payload.is_empty())?;
        let urgent = segment.flags.urg();
        t.require("tcp/urgent-data-sent", urgent, "URG, and a pointer", segment.flags);
        t.wait(RTT)?;
        t.send(&mut peer, Peer::ack);
        t.wait(RTT)?;
    }
    Ok(())
}
