use crate::scenarios::prelude::*;

scenario! {
    "options/unknown_on_syn", "A SYN carries options that nobody knows.",
    exercises: ["tcp/unknown-options-skipped"],
    variants: &["experimental", "empty", "long"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.facing_listener(Offer::full())?;
    let odd: &[u8] = [&[253, 6, 0xf9, 0x89, 1, 2][..], &[214, 2], &[77, 10, 1, 2, 3, 4, 5, 6, 7, 8]][variant];
    peer.snd = peer.iss + 1;
    t.fling(&peer, peer.syn().raw_options(odd));
    let answer = t.hear_syn_ack(&mut peer);
    t.require("tcp/unknown-options-skipped", answer.is_ok(), "a SYN-ACK", "none");
    answer?;
    t.wait(RTT)?;
    t.send(&mut peer, Peer::ack);
    t.accept(&mut peer)?;
    t.delivers_both_ways(&mut peer)
}
