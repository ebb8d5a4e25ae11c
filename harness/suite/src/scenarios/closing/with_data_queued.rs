use crate::scenarios::prelude::*;

scenario! {
    "closing/with_data_queued", "The application writes more than fits the window, and closes.",
    exercises: ["tcp/fin-waits-for-data", "tcp/data-delivered"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let offer = Offer {
        wnd: 2000,
        ..Offer::default()
    };
    let mut peer = t.passive(offer)?;
    t.app_writes(&peer, 15_000)?;
    let socket = peer.app()?;
    let _ = if t.can(Ability::HalfClose) { t.app_shutdown(socket) } else { t.app_close(socket) };
    let arrived = t.take(&mut peer, 15_000);
    t.require("tcp/fin-waits-for-data", arrived.is_ok(), "all data, then the FIN", "not all");
    t.delivered(&arrived?, &pattern(15_000));
    Ok(())
}
