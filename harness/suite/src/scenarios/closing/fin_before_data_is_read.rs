use crate::scenarios::prelude::*;

scenario! {
    "closing/fin_before_data_is_read", "The Tester sends data and a FIN; the application reads later.",
    exercises: ["tcp/data-delivered", "tcp/end-told"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    let socket = peer.app()?;
    t.send(&mut peer, |one| one.data(pattern(300)));
    t.send(&mut peer, Peer::fin);
    t.wait(Duration::secs(3))?;
    let (octets, then) = t.app_read(socket);
    t.delivered(&octets, &pattern(300));
    t.require("tcp/end-told", then == Ok(Received::End), "the end of the stream", format!("{then:?}"));
    Ok(())
}
