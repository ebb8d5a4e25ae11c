use crate::scenarios::prelude::*;

scenario! {
    "options/paws_reset", "An exact reset comes with an old timestamp, or none.",
    exercises: ["tcp/paws-spares-resets"],
    variants: &["old", "none"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.passive(Offer::full())?;
    if !peer.timestamps {
        return Err(Stop::Needs("timestamps"));
    }
    let socket = peer.app()?;
    t.wait(Duration::secs(5))?;
    t.takes_data(&mut peer, 50)?;
    let stamp = [Stamp::Of(peer.offer.clock.wrapping_add(100), 0), Stamp::None][variant];
    t.fling(&peer, peer.rst().stamp(stamp));
    t.wait(RTT)?;
    let (_, then) = t.app_read(socket);
    t.require("tcp/paws-spares-resets", then.is_err(), "a connection that is over", format!("{then:?}"));
    Ok(())
}
