use crate::scenarios::prelude::*;

scenario! {
    "flow_control/reset_at_closed_window", "The application does not read; the window is closed; an exact reset comes.",
    exercises: ["tcp/reset-at-closed-window-obeyed"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    t.needs(Ability::ReceiveBuffer)?;
    let mut peer = t.passive(Offer::default())?;
    let socket = peer.app()?;
    t.fill_window(&mut peer)?;
    t.fling(&peer, peer.rst());
    t.wait(RTT)?;
    t.fling(&peer, peer.ack().seq(peer.snd - 1));
    let heard = t.listen_for(&mut peer, Duration::millis(200))?;
    let over = heard.iter().all(|one| one.flags.rst());
    t.require("tcp/reset-at-closed-window-obeyed", over, "a connection that is over", "an acknowledgement");
    let _ = t.app_read(socket);
    Ok(())
}
