use crate::scenarios::prelude::*;

scenario! {
    "options/paws", "A segment comes with a timestamp older than the newest.",
    exercises: ["tcp/old-timestamp-dropped", "tcp/paws-old-segment-acked"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::full())?;
    if !peer.timestamps {
        return Err(Stop::Needs("timestamps"));
    }
    let socket = peer.app()?;
    t.wait(Duration::secs(5))?;
    t.takes_data(&mut peer, 50)?;
    let old = peer.offer.clock.wrapping_add(100);
    // Three times, a second apart: a single one may be passed over where answers are throttled.
    for _ in 0..2 {
        let old = peer.offer.clock.wrapping_add(90);
        t.fling(&peer, peer.data(pattern(70)).stamp(Stamp::Of(old, peer.ts_recent)));
        t.wait(Duration::millis(1500))?;
    }
    t.fling(&peer, peer.data(pattern(70)).stamp(Stamp::Of(old, peer.ts_recent)));
    t.wait(Duration::secs(1))?;
    let (octets, _) = t.app_read(socket);
    t.require("tcp/old-timestamp-dropped", octets.is_empty(), "none of its data", format!("{} octets", octets.len()));
    if !octets.is_empty() {
        return Ok(());
    }
    while t.next(&mut peer, Duration::ZERO)?.is_some() {}
    t.takes_data(&mut peer, 70)
}
