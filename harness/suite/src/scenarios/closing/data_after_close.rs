use crate::scenarios::prelude::*;

scenario! {
    "closing/data_after_close", "Data arrives after the application closed for good.",
    exercises: ["tcp/late-data-refused"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    let socket = peer.app()?;
    if t.app_close(socket).is_err() {
        return Err(Stop::Needs("close"));
    }
    t.expect(&mut peer, PROMPT, "FIN", |one| one.flags.fin())?;
    t.wait(RTT)?;
    t.send(&mut peer, Peer::ack);
    t.send(&mut peer, |one| one.data(pattern(100)));
    let heard = t.listen_for(&mut peer, Duration::millis(500))?;
    let reset = heard.iter().any(|one| one.flags.rst());
    // RFC 9293 section 3.6.1: data is lost only where CLOSE ends reading too (MAY-1).
    if !reset && t.app_read(socket).0.len() == 100 {
        return Err(Stop::Needs("a CLOSE behind which nothing is read"));
    }
    t.require("tcp/late-data-refused", reset, "a reset", "none");
    Ok(())
}
