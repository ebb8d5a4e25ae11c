use crate::scenarios::prelude::*;

scenario! {
    "ip/bad_checksum", "An IPv4 header has a wrong checksum.",
    exercises: ["ip/bad-header-checksum-dropped"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    if !t.its.is_ipv4() {
        return Err(Stop::Needs("IPv4"));
    }
    let peer = t.facing_listener(Offer::default())?;
    let mut packet = peer.syn().stamp(Stamp::None).packet(7);
    packet[10] ^= 0x55;
    t.deliver(&packet);
    t.wait(PROMPT)?;
    t.require("ip/bad-header-checksum-dropped", t.inbox.is_empty(), "silence", "an answer");
    Ok(())
}
