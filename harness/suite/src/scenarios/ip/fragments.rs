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

/// The packet in pieces of `size` octets of payload, a multiple of eight.
fn fragments(packet: &[u8], size: usize) -> Vec<Vec<u8>> {
    let v4 = packet[0] >> 4 == 4;
    let header = if v4 { 20 } else { 40 };
    let payload = &packet[header..];
    let last = payload.len().div_ceil(size) - 1;
    let piece = |(at, chunk): (usize, &[u8])| {
        let mut one = packet[..header].to_vec();
        let offset = (at * size / 8) as u16;
        let more = u16::from(at != last);
        if v4 {
            one[2..4].copy_from_slice(&((20 + chunk.len()) as u16).to_be_bytes());
            one[6..8].copy_from_slice(&(more << 13 | offset).to_be_bytes());
            one[10..12].fill(0);
            let sum = wire::checksum::Sum::default().add(&one).checksum();
            one[10..12].copy_from_slice(&sum.to_be_bytes());
        } else {
            // RFC 8200 section 4.5.
            one[4..6].copy_from_slice(&((8 + chunk.len()) as u16).to_be_bytes());
            let next = std::mem::replace(&mut one[6], 44);
            one.extend([next, 0]);
            one.extend((offset << 3 | more).to_be_bytes());
            one.extend([0, 0, 0, 77]);
        }
        one.extend(chunk);
        one
    };
    payload.chunks(size).enumerate().map(piece).collect()
}
