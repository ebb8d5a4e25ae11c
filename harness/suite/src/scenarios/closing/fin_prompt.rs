use crate::scenarios::prelude::*;

scenario! {
    "closing/fin_prompt", "The application writes and closes while data is outstanding.",
    exercises: ["tcp/fin-prompt"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    t.gives_data(&mut peer, 3000)?;
    t.app_writes(&peer, 1500)?;
    let socket = peer.app()?;
    let _ = if t.can(Ability::HalfClose) { t.app_shutdown(socket) } else { t.app_close(socket) };
    let heard = t.listen_for(&mut peer, RTT)?;
    let fin = heard.iter().any(|one| one.flags.fin());
    t.require("tcp/fin-prompt", fin, "a FIN with the last of the data, or right behind it", "none yet");
    t.send(&mut peer, Peer::ack);
    t.wait(RTT)
}
