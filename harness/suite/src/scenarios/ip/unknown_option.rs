use crate::scenarios::prelude::*;

scenario! {
    "ip/unknown_option", "A SYN comes with an IP option that nobody knows.",
    exercises: ["ip/unknown-options-skipped"],
    variants: &["experimental", "no-operation"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    if !t.its.is_ipv4() {
        return Err(Stop::Needs("IPv4"));
    }
    let mut peer = t.facing_listener(Offer::default())?;
    let packet = peer.syn().stamp(Stamp::None).packet(8);
    let options: [u8; 4] = [[0x1e, 4, 0, 0], [1, 1, 1, 0]][variant];
    let mut longer = packet[..20].to_vec();
    longer[0] = 0x46;
    longer.extend(options);
    longer.extend(&packet[20..]);
    let total = longer.len() as u16;
    longer[2..4].copy_from_slice(&total.to_be_bytes());
    longer[10..12].fill(0);
    let sum = wire::checksum::Sum::default().add(&longer[..24]).checksum();
    longer[10..12].copy_from_slice(&sum.to_be_bytes());
    peer.snd = peer.iss + 1;
    t.deliver(&longer);
    let answer = t.hear_syn_ack(&mut peer);
    t.require("ip/unknown-options-skipped", answer.is_ok(), "a SYN-ACK", "none");
    Ok(())
}
