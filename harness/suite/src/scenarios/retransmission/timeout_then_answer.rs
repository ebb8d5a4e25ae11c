use crate::scenarios::prelude::*;

scenario! {
    "retransmission/timeout_then_answer", "Data is lost; its retransmission is acknowledged, and more data follows.",
    exercises: ["tcp/timeout-recovers", "tcp/data-delivered"],
    variants: &["plain", "full"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.passive(if variant == 0 { Offer::default() } else { Offer::full() })?;
    t.app_writes(&peer, 5000)?;
    t.wait(RTT)?;
    // All of the first flight is lost.
    t.inbox.clear();
    let again = t.next(&mut peer, Duration::secs(8))?;
    t.require("tcp/timeout-recovers", again.is_some(), "the first segment once more", "nothing");
    t.wait(RTT)?;
    t.send(&mut peer, Peer::ack);
    let have = peer.rcv.since(peer.irs + 1) as u32;
    let rest = t.take(&mut peer, 5000 - have)?;
    t.delivered(&rest, &pattern(5000)[have as usize..]);
    Ok(())
}
