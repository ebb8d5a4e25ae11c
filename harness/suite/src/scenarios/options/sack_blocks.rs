use crate::scenarios::prelude::*;

scenario! {
    "options/sack_blocks", "Three holes, filled in another order than they were made.",
    exercises: ["tcp/sack-blocks-well-formed", "tcp/sack-first-block-newest", "tcp/sack-covers-received-data"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::full())?;
    if !peer.sack {
        return Err(Stop::Needs("SACK"));
    }
    let socket = peer.app()?;
    let all = pattern(1000);
    let begin = peer.snd;
    // Octets 0, 200, 400 and 600 are missing, a hundred each.
    for at in [100, 500, 300, 700] {
        t.fling(&peer, peer.data(&all[at..at + 100]).seq(begin + at as u32));
        t.wait(Duration::millis(250))?;
    }
    for at in [600, 200, 0, 400] {
        t.fling(&peer, peer.data(&all[at..at + 100]).seq(begin + at as u32));
        t.wait(Duration::millis(250))?;
    }
    peer.snd = begin + 800;
    let end = peer.snd;
    t.expect(&mut peer, Duration::secs(1), "acknowledgement of everything", |one| one.ack == end)?;
    let (octets, _) = t.app_read(socket);
    t.delivered(&octets, &all[..800]);
    Ok(())
}
