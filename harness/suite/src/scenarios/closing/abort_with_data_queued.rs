use crate::scenarios::prelude::*;

scenario! {
    "closing/abort_with_data_queued", "The application aborts with data queued.",
    exercises: ["tcp/abort-resets"],
    variants: &["plain", "full"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    t.needs(Ability::Abort)?;
    let mut offer = if variant == 0 { Offer::default() } else { Offer::full() };
    offer.wnd = 1000;
    offer.window_scale = None;
    let mut peer = t.passive(offer)?;
    let socket = peer.app()?;
    t.app_writes(&peer, 8000)?;
    t.listen_for(&mut peer, RTT)?;
    let _ = t.app_abort(socket);
    let heard = t.listen_for(&mut peer, Duration::millis(100))?;
    t.require("tcp/abort-resets", heard.iter().any(|one| one.flags.rst()), "a reset", "none");
    t.wait(Duration::secs(10))
}
