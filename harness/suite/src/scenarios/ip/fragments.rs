use crate::segment::fragments;
use crate::scenarios::prelude::*;

scenario! {
    "ip/fragments", "Data comes in IP fragments, in order and out of order.",
    exercises: ["ip/fragments-reassembled", "ipv6/fragments-reassembled"],
    variants: &["in-order", "backwards"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.passive(Offer::default())?;
    let mut draft = peer.data(pattern(600));
    draft.stamp = Stamp::None;
    let packet = draft.packet(77);
    let mut pieces = fragments(&packet, 208);
    if variant == 1 {
        pieces.reverse();
    }
    peer.snd += 600;
    for piece in &pieces {
        t.deliver(piece);
    }
    let end = peer.snd;
    let answer = t.expect(&mut peer, Duration::secs(1), "acknowledgement of the data", |one| one.ack == end);
    let id = if t.its.is_ipv4() { "ip/fragments-reassembled" } else { "ipv6/fragments-reassembled" };
    t.require(id, answer.is_ok(), "the datagram, put together", "nothing");
    Ok(())
}
