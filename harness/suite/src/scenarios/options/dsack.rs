use crate::scenarios::prelude::*;

scenario! {
    "options/dsack", "Data comes twice on a connection that uses SACK, below the acknowledgement number and above it.",
    exercises: ["tcp/old-data-acknowledged", "tcp/dsack-followed-by-its-block"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::full())?;
    let socket = peer.app()?;
    let again = peer.data(pattern(100));
    t.takes_data(&mut peer, 100)?;
    t.fling(&peer, again);
    t.wait(Duration::millis(250))?;
    // RFC 2883 section 4.1.3: the third segment twice, then the fourth, and what was missing.
    let begin = peer.snd;
    let all = pattern(400);
    for at in [100, 200, 200, 300, 0] {
        t.fling(&peer, peer.data(&all[at..at + 100]).seq(begin + at as u32));
        t.wait(Duration::millis(250))?;
    }
    peer.snd = begin + 400;
    let end = peer.snd;
    t.expect(&mut peer, PROMPT, "acknowledgement of everything", |one| one.ack == end)?;
    let (octets, _) = t.app_read(socket);
    t.delivered(&octets, &all);
    Ok(())
}
