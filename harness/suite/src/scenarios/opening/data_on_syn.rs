use crate::scenarios::prelude::*;

scenario! {
    "opening/data_on_syn", "A SYN carries data; what is not acknowledged with it is sent again.",
    exercises: ["tcp/data-delivered", "tcp/syn-ack-acknowledges-syn"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.facing_listener(Offer::default())?;
    t.fling(&peer, peer.syn().payload(pattern(100)));
    let answer = t.hear_syn_ack(&mut peer)?;
    t.wait(RTT)?;
    let taken = answer.ack.since(peer.iss + 1).clamp(0, 100) as usize;
    peer.snd = peer.iss + 1 + taken as u32;
    t.send(&mut peer, Peer::ack);
    t.accept(&mut peer)?;
    let socket = peer.app()?;
    t.send(&mut peer, |one| one.data(&pattern(150)[taken..]));
    let end = peer.snd;
    t.expect(&mut peer, Duration::secs(1), "acknowledgement of the data", |one| one.ack == end)?;
    let (octets, _) = t.app_read(socket);
    t.delivered(&octets, &pattern(150));
    Ok(())
}
