use crate::scenarios::prelude::*;

scenario! {
    "retransmission/first_of_many_lost", "One segment of a flight is lost, and the duplicates tell.",
    exercises: ["tcp/fast-retransmit", "tcp/data-delivered"],
    variants: &["first", "first-full", "second", "second-full", "fifth", "fifth-full"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let full = variant % 2 == 1;
    let lost = variant / 2;
    let mut peer = t.passive(if full { Offer::full() } else { Offer::default() })?;
    // The window opens first.
    t.gives_data(&mut peer, 30_000)?;
    let heard = t.flight(&mut peer, 10_000, RTT)?;
    let Some(hole) = heard.get(lost).map(|one| (one.seq, one.end())) else {
        return Err(Stop::Stuck(format!("a flight of {} segments", heard.len())));
    };
    let mut beyond = hole.1;
    for one in &heard {
        if one.seq == hole.0 {
            continue;
        }
        peer.hear(one);
        if one.seq > hole.0 {
            beyond = one.end();
        }
        let (from, sack) = (hole.1, peer.sack);
        t.send(&mut peer, |one| {
            let ack = one.ack();
            if sack && beyond > from { ack.sack(&[(from, beyond)]) } else { ack }
        });
    }
    let again = t.expect(&mut peer, Duration::secs(4), "the lost segment once more", |one| one.seq == hole.0);
    t.require("tcp/timeout-recovers", again.is_ok(), "the lost segment once more", "nothing");
    again?;
    peer.rcv = beyond;
    t.wait(RTT)?;
    t.send(&mut peer, Peer::ack);
    let have = 10_000 - (peer.irs + 1 + 40_000).since(peer.rcv);
    if have < 10_000 {
        t.take(&mut peer, 10_000 - have as u32)?;
    }
    // What the loss left of the congestion window.
    t.gives_data(&mut peer, 60_000)
}
