use crate::scenarios::prelude::*;

scenario! {
    "flow_control/window_taken_back", "The window is taken back below what is outstanding.",
    exercises: ["tcp/shrunken-window-survived", "tcp/no-new-data-beyond-shrunken-window"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let offer = Offer {
        wnd: 20_000,
        ..Offer::default()
    };
    let mut peer = t.passive(offer)?;
    t.app_writes(&peer, 30_000)?;
    let heard = t.listen_without_taking(&mut peer, RTT)?;
    let (Some(first), Some(last)) = (heard.first().cloned(), heard.last().cloned()) else {
        return Err(Stop::Stuck("no data came".to_owned()));
    };
    // Only the first segment is acknowledged, and the window ends behind the second.
    peer.hear(&first);
    peer.wnd = 1000;
    t.send(&mut peer, Peer::ack);
    let more = t.listen_without_taking(&mut peer, Duration::millis(150))?;
    let beyond = more.iter().any(|one| one.end() > last.end() && one.seq >= last.end() && one.payload.len() > 1);
    t.require("tcp/no-new-data-beyond-shrunken-window", !beyond, "no new data", "new data");
    peer.wnd = 20_000;
    for one in &heard {
        peer.hear(one);
    }
    t.send(&mut peer, Peer::ack);
    let have = peer.rcv.since(peer.irs + 1) as u32;
    let rest = t.take(&mut peer, 30_000 - have);
    t.require("tcp/shrunken-window-survived", rest.is_ok(), "a transfer that goes on", "none");
    Ok(())
}
