use crate::scenarios::prelude::*;

scenario! {
    "flow_control/duplicates_at_small_window", "What fills a window of 100 octets seems lost.",
    exercises: ["tcp/within-peer-window"],
    play: play,
}

/// Fast retransmit (RFC 5681 section 3.2) sends again what was sent: the window allows no more than before.
fn play(t: &mut Tester) -> Step {
    let offer = Offer { wnd: 100, ..Offer::default() };
    let mut peer = t.passive(offer)?;
    t.app_writes(&peer, 5000)?;
    // RFC 9293 section 3.8.6.2.1: so small a window may be left alone for a while, and is used in the end.
    let Some(first) = t.next(&mut peer, Duration::secs(3))? else {
        return Err(Stop::Stuck("nothing was sent into the small window".to_owned()));
    };
    for _ in 0..3 {
        t.fling(&peer, peer.ack().ack(first.seq));
    }
    t.listen_without_taking(&mut peer, RTT)?;
    // The window is what it was.
    t.fling(&peer, peer.ack().ack(first.seq));
    t.listen_without_taking(&mut peer, Duration::millis(500))?;
    peer.wnd = 20_000;
    t.send(&mut peer, |one| one.ack().ack(first.end()));
    t.take(&mut peer, 4900).map(drop)
}
