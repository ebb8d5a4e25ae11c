use crate::scenarios::prelude::*;

scenario! {
    "closing/with_unread_data", "The application closes for good with data unread.",
    exercises: ["tcp/reset-tells-of-lost-data"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    let socket = peer.app()?;
    t.send(&mut peer, |one| one.data(pattern(100)));
    let end = peer.snd;
    t.expect(&mut peer, Duration::secs(1), "acknowledgement of data", |one| one.ack == end)?;
    if t.app_close(socket).is_err() {
        return Err(Stop::Needs("close"));
    }
    let heard = t.listen_for(&mut peer, Duration::millis(200))?;
    let reset = heard.iter().any(|one| one.flags.rst());
    // RFC 9293 section 3.6.1: data is lost only where CLOSE ends reading too (MAY-1).
    if !reset && t.app_read(socket).0.len() == 100 {
        return Err(Stop::Needs("a CLOSE behind which nothing is read"));
    }
    t.require("tcp/reset-tells-of-lost-data", reset, "a reset", "none");
    Ok(())
}
