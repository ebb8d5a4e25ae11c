use crate::scenarios::prelude::*;

scenario! {
    "opening/text_of_syn", "A SYN carries data that comes once more only if it was not kept.",
    exercises: ["tcp/text-of-syn-kept", "tcp/data-delivered"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.facing_listener(Offer::default())?;
    t.fling(&peer, peer.syn().payload(pattern(100)));
    t.hear_syn_ack(&mut peer)?;
    t.wait(RTT)?;
    (peer.snd, peer.acknowledged) = (peer.iss + 101, peer.iss + 1);
    t.send(&mut peer, Peer::ack);
    t.accept(&mut peer)?;
    let end = peer.snd;
    t.listen_for(&mut peer, Duration::secs(1))?;
    let kept = peer.acknowledged == end;
    t.require("tcp/text-of-syn-kept", kept, "an acknowledgement of the data", "none");
    if !kept {
        t.fling(&peer, peer.data(pattern(100)).seq(peer.iss + 1));
        t.expect(&mut peer, Duration::secs(1), "acknowledgement of the data", |one| one.ack == end)?;
    }
    let (octets, _) = t.app_read(peer.app()?);
    t.delivered(&octets, &pattern(100));
    Ok(())
}
