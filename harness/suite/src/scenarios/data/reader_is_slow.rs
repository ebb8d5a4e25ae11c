use crate::scenarios::prelude::*;

scenario! {
    "data/reader_is_slow", "The window is closed; the application reads a few octets at a time, and the Tester fills whatever opens.",
    exercises: ["tcp/receiver-avoids-silly-window"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    t.needs(Ability::ReceiveBuffer)?;
    let mut peer = t.passive(Offer::default())?;
    let socket = peer.app()?;
    for _ in 0..20 {
        t.fill_window(&mut peer)?;
        let _ = t.app_read_some(socket, 100);
        t.wait(Duration::millis(50))?;
    }
    Ok(())
}
