use crate::scenarios::prelude::*;

scenario! {
    "options/broken_on_syn", "A SYN carries options of impossible length; another SYN comes after it.",
    exercises: ["tcp/broken-options-survived"],
    variants: &["zero", "one", "beyond", "cut-scale", "cut-timestamps", "cut-sack"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let peer = t.facing_listener(Offer::default())?;
    let mut syn = peer.syn();
    syn.options.clear();
    let options: &[u8] = [&[2, 0, 5, 180][..], &[2, 1, 5, 180], &[2, 40, 5, 180], &[3, 3, 1, 2], &[8, 3, 1, 1], &[4, 40, 1, 1]][variant];
    t.fling(&peer, syn.raw_options(options));
    t.wait(RTT)?;
    t.inbox.clear();
    let next = t.passive(Offer::default());
    t.require("tcp/broken-options-survived", next.is_ok(), "a stack that goes on", "no connection");
    Ok(())
}
