use crate::scenarios::prelude::*;

scenario! {
    "options/timestamps_unagreed", "Timestamps come on a connection that did not agree on them.",
    exercises: ["tcp/unagreed-timestamps-ignored"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    for stamp in [Stamp::Of(1_000_000, 0), Stamp::Of(5, 7), Stamp::Of(0xffff_ffff, 1)] {
        t.send(&mut peer, |one| one.data(pattern(30)).stamp(stamp));
        let end = peer.snd;
        let answer = t.expect(&mut peer, Duration::secs(1), "acknowledgement of data", |one| one.ack == end);
        t.require("tcp/unagreed-timestamps-ignored", answer.is_ok(), "the data is taken", "it is not");
    }
    Ok(())
}
