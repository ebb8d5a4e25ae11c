use crate::scenarios::prelude::*;

scenario! {
    "services/echo_window", "The window is closed to what an application sends back, then opens.",
    exercises: ["tcp/data-delivered"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.echoing(Offer::default())?;
    t.calls_out(&mut peer, 100)?;
    let back = t.take(&mut peer, 100)?;
    t.delivered(&back, &pattern(100));
    peer.wnd = 0;
    t.calls_out(&mut peer, 200)?;
    // Long enough for a probe or two; they are acknowledged as an ordinary receiver does, and nothing of them is taken.
    peer.deaf = true;
    let until = t.now() + Duration::secs(4);
    while t.now() < until {
        let left = until - t.now();
        if t.next(&mut peer, left)?.is_some() {
            t.send(&mut peer, Peer::ack);
        }
    }
    peer.deaf = false;
    peer.wnd = 65_535;
    t.send(&mut peer, Peer::ack);
    let back = t.take(&mut peer, 200)?;
    t.delivered(&back, &pattern(200));
    Ok(())
}
