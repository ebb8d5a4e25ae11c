use crate::scenarios::prelude::*;

scenario! {
    "opening/data_with_handshake_ack", "The third segment of the handshake carries data, or is lost and data follows, or a FIN.",
    exercises: ["tcp/data-delivered"],
    variants: &["data", "data-and-fin", "right-behind"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.greeted(Offer::default())?;
    t.wait(RTT)?;
    match variant {
        0 => t.send(&mut peer, |one| one.data(pattern(100))),
        1 => t.send(&mut peer, |one| one.data(pattern(100)).with(Flags::FIN)),
        _ => {
            t.send(&mut peer, Peer::ack);
            t.send(&mut peer, |one| one.data(pattern(100)));
        }
    }
    let end = peer.snd;
    t.expect(&mut peer, Duration::secs(1), "acknowledgement of the data", |one| one.ack == end)?;
    t.accept(&mut peer)?;
    let socket = peer.app()?;
    let (octets, _) = t.app_read(socket);
    t.delivered(&octets, &pattern(100));
    Ok(())
}
