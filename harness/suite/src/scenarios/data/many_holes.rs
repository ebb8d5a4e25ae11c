use crate::scenarios::prelude::*;

scenario! {
    "data/many_holes", "Thirty holes, filled one by one.",
    exercises: ["tcp/data-delivered", "tcp/gap-fill-acked-at-once"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::full())?;
    let socket = peer.app()?;
    let begin = peer.snd;
    let all = pattern(60 * 50);
    for parity in [1, 0] {
        for at in (parity..60).step_by(2) {
            t.fling(&peer, peer.data(&all[at * 50..at * 50 + 50]).seq(begin + at as u32 * 50));
            t.wait(Duration::millis(1))?;
        }
    }
    // A receiver need not have kept them all.
    for at in 0..60 {
        if peer.acknowledged.since(begin) >= 3000 {
            break;
        }
        t.fling(&peer, peer.data(&all[at * 50..at * 50 + 50]).seq(begin + at as u32 * 50));
        t.wait(Duration::millis(1))?;
        while t.next(&mut peer, Duration::ZERO)?.is_some() {}
    }
    peer.snd = begin + 3000;
    let end = peer.snd;
    let probe = peer.ack().seq(end - 1);
    t.wait(Duration::millis(1100))?;
    t.fling(&peer, probe);
    t.expect(&mut peer, Duration::secs(1), "acknowledgement of everything", |one| one.ack == end)?;
    let (octets, _) = t.app_read(socket);
    t.delivered(&octets, &all);
    Ok(())
}
