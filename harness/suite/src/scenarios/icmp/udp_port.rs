use crate::scenarios::prelude::*;

scenario! {
    "icmp/udp_port", "A UDP datagram comes to a port where nobody listens.",
    exercises: ["udp/port-unreachable-sent"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    t.throw_udp(40_000, 9, b"is anybody there?");
    t.wait(PROMPT)?;
    let kept = t.others.iter().any(|(_, packet)| is_port_unreachable(packet));
    t.require("udp/port-unreachable-sent", kept, "Port Unreachable", format!("{} packets", t.others.len()));
    Ok(())
}

fn is_port_unreachable(packet: &[u8]) -> bool {
    match packet.first().map(|first| first >> 4) {
        Some(4) => packet.get(9) == Some(&1) && packet.get(20..22) == Some(&[3, 3]),
        _ => packet.get(6) == Some(&58) && packet.get(40..42) == Some(&[1, 4]),
    }
}
