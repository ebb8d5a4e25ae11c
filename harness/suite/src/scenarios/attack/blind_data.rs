use crate::scenarios::prelude::*;

scenario! {
    "attack/blind_data", "Data with the right sequence number and an acknowledgement that is too old.",
    exercises: ["tcp/stale-ack-data-discarded"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    t.gives_data(&mut peer, 1000)?;
    let socket = peer.app()?;
    t.fling(&peer, peer.data(pattern(100)).ack(peer.irs - 0x1000_0000));
    t.wait(Duration::secs(1))?;
    let (octets, _) = t.app_read(socket);
    t.require("tcp/stale-ack-data-discarded", octets.is_empty(), "none of it", format!("{} octets", octets.len()));
    Ok(())
}
