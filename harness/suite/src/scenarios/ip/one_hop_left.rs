use crate::scenarios::prelude::*;

scenario! {
    "ip/one_hop_left", "Segments arrive with a TTL, or hop limit, of one.",
    exercises: ["tcp/data-delivered"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    let socket = peer.app()?;
    let mut draft = peer.data(pattern(90));
    draft.stamp = Stamp::None;
    let mut packet = draft.packet(78);
    if t.its.is_ipv4() {
        packet[8] = 1;
        packet[10..12].fill(0);
        let sum = wire::checksum::Sum::default().add(&packet[..20]).checksum();
        packet[10..12].copy_from_slice(&sum.to_be_bytes());
    } else {
        packet[7] = 1;
    }
    peer.snd += 90;
    t.deliver(&packet);
    let end = peer.snd;
    t.expect(&mut peer, Duration::secs(1), "acknowledgement of the data", |one| one.ack == end)?;
    let (octets, _) = t.app_read(socket);
    t.delivered(&octets, &pattern(90));
    Ok(())
}
