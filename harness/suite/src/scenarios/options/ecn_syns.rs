use crate::scenarios::prelude::*;

scenario! {
    "options/ecn_syns", "SYNs with both ECN flags, or one of them.",
    exercises: ["tcp/odd-ecn-syns-understood", "tcp/ecn-accepted-only-if-offered"],
    variants: &["both", "ece", "cwr"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.facing_listener(Offer::default())?;
    let flags = [Flags(0xc0), Flags::ECE, Flags::CWR][variant];
    peer.snd = peer.iss + 1;
    t.fling(&peer, peer.syn().with(flags));
    let answer = t.hear_syn_ack(&mut peer);
    t.require("tcp/odd-ecn-syns-understood", answer.is_ok(), "a SYN-ACK", "none");
    answer?;
    t.wait(RTT)?;
    t.send(&mut peer, Peer::ack);
    t.accept(&mut peer)?;
    t.delivers_both_ways(&mut peer)
}
