use crate::scenarios::prelude::*;

scenario! {
    "data/numbers_wrap", "The Tester's sequence numbers pass 2^32.",
    exercises: ["tcp/numbers-wrap", "tcp/data-delivered"],
    variants: &["soon", "at-once", "sign"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let offer = Offer {
        iss: SeqNumber([0xffff_fff0, 0xffff_ffff, 0x7fff_fff0][variant]),
        ..Offer::default()
    };
    let mut peer = t.passive(offer)?;
    for _ in 0..5 {
        let taken = t.takes_data(&mut peer, 700);
        t.require("tcp/numbers-wrap", taken.is_ok(), "data before and behind", "none");
        taken?;
    }
    let held = peer.data(pattern(100));
    peer.snd += 100;
    t.send(&mut peer, |one| one.data(pattern(100)));
    t.fling(&peer, held);
    let end = peer.snd;
    let answer = t.expect(&mut peer, Duration::secs(1), "acknowledgement of data", |one| one.ack == end);
    t.require("tcp/numbers-wrap", answer.is_ok(), "data before and behind", "none");
    Ok(())
}
